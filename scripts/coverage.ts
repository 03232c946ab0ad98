// npm run coverage [-- test files…]: runs the contract tests against contracts with a probe at every statement and
// branch, and fails unless all were reached, but for those that scripts/coverage/exclusions.ts names.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exclusions } from './coverage/exclusions.ts'
import { COVERAGE_FOLDER, MEASURED_FILE } from './coverage/plugin.ts'
import { assess, isComplete, render } from './coverage/report.ts'
import { closingLine } from './testing/counts.ts'
import { runSuite } from './testing/runSuite.ts'
import { suites } from './testing/suites.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const contracts = suites.find(({ name }) => name === 'contracts')!
const hardhat = ['node', '--conditions=assay-source', 'node_modules/hardhat/dist/src/cli.js']
const files = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'assay-coverage-'))
process.env[COVERAGE_FOLDER] = folder

try {
  const counts = await runSuite(root, {
    name: 'coverage',
    files: files.length > 0 ? files : contracts.files,
    command: [
      ...hardhat,
      '--config',
      'scripts/coverage/hardhat.config.ts',
      '--no-typechain',
      'test',
      'mocha',
    ],
    minutes: 3 * contracts.minutes,
  })
  for (const failure of counts.failures) console.log(`failed: ${failure}`)
  console.log(closingLine(counts))
  // a run that broke off left no file; that is among its failures
  const measured = join(folder, MEASURED_FILE)
  const coverage = existsSync(measured)
    ? assess(JSON.parse(readFileSync(measured, 'utf8')), exclusions)
    : undefined
  if (coverage !== undefined) console.log(`\n${render(coverage)}`)
  process.exitCode = counts.failed === 0 && coverage !== undefined && isComplete(coverage) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
