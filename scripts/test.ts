// npm test [-- suite…]: runs every suite (or the named ones), one after the other, and ends in one line of counts.

import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { closingLine, type SuiteCounts, total } from './testing/counts.ts'
import { filesOf, runSuite } from './testing/runSuite.ts'
import { suites } from './testing/suites.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const names = process.argv.slice(2)
const unknown = names.filter((name) => !suites.some((suite) => suite.name === name))

if (unknown.length > 0) {
  console.error(
    `No such suite: ${unknown.join(', ')}. There are ${suites.map(({ name }) => name).join(', ')}.`,
  )
  process.exit(2)
}

const results: { name: string; seconds: number; counts: SuiteCounts }[] = []
for (const suite of suites) {
  const wanted = names.length === 0 || names.includes(suite.name)
  if (!wanted || filesOf(root, suite).length === 0) continue
  console.log(`\n── ${suite.name} ${'─'.repeat(60 - suite.name.length)}`)
  const started = Date.now()
  const counts = await runSuite(root, suite)
  results.push({ name: suite.name, seconds: (Date.now() - started) / 1000, counts })
}

const all = total(results.map(({ counts }) => counts))
console.log(`\n── summary ${'─'.repeat(53)}`)
for (const { name, seconds, counts } of results) {
  console.log(`${name.padEnd(10)} ${closingLine(counts)} (${seconds.toFixed(1)} s)`)
  for (const failure of counts.failures) console.log(`    failed: ${failure}`)
}
console.log(closingLine(all))
process.exitCode = all.failed > 0 || all.passed === 0 ? 1 : 0
