// Runs the Solidity tests named on the command line, or all, and writes their counts. Hardhat prints them, but its
// command line leaves them out of what a program can read.

import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listFiles } from '../bootstrap/files.mjs'
import { describeCampaign, FUZZ_SEED } from './campaign.ts'
import { COUNTS_FILE, type SuiteCounts } from './counts.ts'

const root = join(import.meta.dirname, '../..')
const named = process.argv.slice(2)
const testFiles = named.length > 0 ? named : listFiles(root, ['contracts/**/*.t.sol', 'test/**/*.t.sol'])
process.env[FUZZ_SEED] ??= String(randomInt(2 ** 32))
console.log(`      ${describeCampaign(process.env)}`)
// only now: the configuration reads the seed
const { default: hre } = await import('hardhat')

type SuiteResult = {
  id: { name: string }
  testResults: { name: string; status: 'Success' | 'Failure' | 'Skipped' }[]
}
type TaskResult = { success: boolean } & Record<
  'value' | 'error',
  { suiteResults: SuiteResult[] } | undefined
>

const result: TaskResult = await hre.tasks.getTask(['test', 'solidity']).run({ testFiles, noCompile: true })
// Its `summary` stays at zero when the task runs by itself: count the single results.
const suites = (result.value ?? result.error)?.suiteResults ?? []
const tests = suites.flatMap(({ id, testResults }) =>
  testResults.map(({ name, status }) => ({ title: `${id.name} ${name}`, status })),
)
const failures = tests.filter(({ status }) => status === 'Failure').map(({ title }) => title)
const counts: SuiteCounts = {
  passed: tests.filter(({ status }) => status === 'Success').length,
  failed: failures.length,
  skipped: tests.filter(({ status }) => status === 'Skipped').length,
  failures,
}
const file = process.env[COUNTS_FILE]
if (file) writeFileSync(file, JSON.stringify(counts))
process.exitCode = result.success ? 0 : 1
