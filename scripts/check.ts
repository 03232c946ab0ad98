// npm run check: everything about the sources that can be told without running the tests.

import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checks } from './checks/checks.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const failed: string[] = []

for (const { name, run } of checks) {
  const started = Date.now()
  const { problems, warnings = [] } = await run(root)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  console.log(`${problems.length > 0 ? 'FAILED' : 'ok    '} ${name} (${seconds} s)`)
  for (const line of problems) console.log(line)
  for (const line of warnings) console.log(`       warning: ${line}`)
  if (problems.length > 0) failed.push(name)
}

console.log(failed.length > 0 ? `\nFailed: ${failed.join(', ')}` : '\nAll checks passed')
process.exitCode = failed.length > 0 ? 1 : 0
