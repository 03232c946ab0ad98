// Runs the Solidity tests named on the command line and writes their counts. Hardhat prints them, but its command line
// leaves them out of what a program can read.

import { writeFileSync } from 'node:fs'
import hre from 'hardhat'
import { COUNTS_FILE, type SuiteCounts } from './counts.ts'

type SuiteResult = {
  id: { name: string }
  testResults: { name: string; status: 'Success' | 'Failure' | 'Skipped' }[]
}
type TaskResult = { success: boolean } & Record<
  'value' | 'error',
  { suiteResults: SuiteResult[] } | undefined
>

const result: TaskResult = await hre.tasks
  .getTask(['test', 'solidity'])
  .run({ testFiles: process.argv.slice(2), noCompile: true })
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
