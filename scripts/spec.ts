/**
 * Runs WebAssembly's own test suite, as wast2json converts it, on all engines of the machine, which have to do what the suite
 * expects, and have to agree on every bit and every step.
 *
 *   npm run spec -- DIR [FILE…]
 *
 * Prints `file: passed/failed/skipped` for each script of the folder, or for those named, and a total; exit code 1 when
 * something failed.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { reference } from './spec/reference.ts'
import { runScript } from './spec/runScript.ts'
import { Tally } from './spec/tally.ts'

const [folder, ...names] = process.argv.slice(2)
if (folder === undefined || !existsSync(folder)) {
  console.error(
    'Usage: npm run spec -- DIR [FILE…]: DIR has the .json scripts of wast2json and their modules.',
  )
  process.exitCode = 2
} else {
  const files =
    names.length > 0
      ? names
      : readdirSync(folder)
          .filter((name) => name.endsWith('.json'))
          .sort()
  const total = new Tally()
  for (const file of files) {
    const started = performance.now()
    const tally = await runScript(join(folder, file), [reference])
    const name = file.replace(/\.json$/, '')
    console.log(`${name}: ${tally}`)
    console.error(`${name} took ${((performance.now() - started) / 1_000).toFixed(1)} s`)
    for (const failure of tally.failures) console.log(`  failed: ${failure}`)
    total.add(tally, name)
  }
  console.log(`total: ${total}`)
  for (const refused of total.refused) console.log(`refused: ${refused}`)
  process.exitCode = total.failures.length > 0 || total.passed === 0 ? 1 : 0
}
