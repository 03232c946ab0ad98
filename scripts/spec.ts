/**
 * Runs WebAssembly's own test suite, as wast2json converts it, on all engines of the machine: they have to do what the suite
 * expects, and to agree on every bit, on what is left in memory and globals, and on the number of steps.
 *
 *   npm run spec -- DIR [FILE…]
 *
 * Prints `file: passed/failed/skipped` for each script of the folder, or for those named, and a total; exit code 1 when
 * something failed.
 */
import { existsSync } from 'node:fs'
import { engineNames, runSuite, scriptsOf } from './spec/suite.ts'
import { tallyText } from './spec/tally.ts'

const [folder, ...files] = process.argv.slice(2)
if (folder === undefined || !existsSync(folder)) {
  console.error(
    'Usage: npm run spec -- DIR [FILE…]: DIR has the .json scripts of wast2json and their modules.',
  )
  process.exitCode = 2
} else {
  const parameters = { folder, files: files.length > 0 ? files : scriptsOf(folder), engines: engineNames }
  const total = await runSuite(parameters, ({ file, tally, seconds }) => {
    console.log(`${file}: ${tallyText(tally)}`)
    for (const failure of tally.failures) console.log(`  failed: ${failure}`)
    if (seconds > 1) console.error(`${file} took ${seconds.toFixed(1)} s`)
  })
  for (const module of total.refused) console.log(`refused: ${module}`)
  console.log(`total on ${engineNames.join(', ')}: ${tallyText(total)}`)
  process.exitCode = total.failures.length > 0 || total.passed === 0 ? 1 : 0
}
