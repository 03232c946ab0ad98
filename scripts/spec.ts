/**
 * Runs WebAssembly's own test suite, as wast2json converts it, on all engines of the machine: they have to do what the suite
 * expects, and to agree on every bit, on what is left in memory and globals, and on the number of steps.
 *
 *   npm run spec -- DIR [FILE…]
 *   npm run spec -- --onchain DIR [FILE…]
 *
 * Prints `file: passed/failed/skipped` for each script of the folder, or for those named, and a total; exit code 1 when
 * something failed. With --onchain, OneStepVM then executes every step of every invocation of up to 2,000 steps, and has to come
 * to the reference machine's states; what a whole folder came to is written to bench/spec-onchain.json, unless that is of more scripts.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Options, readOptions, usage } from './spec/options.ts'
import { runScript } from './spec/runScript.ts'
import { engineNames, type FileReport, runSuite } from './spec/suite.ts'
import { sumOf, type Tally, tallyText } from './spec/tally.ts'

const record = new URL('../bench/spec-onchain.json', import.meta.url)

function report({ file, tally, seconds }: FileReport): void {
  console.log(`${file}: ${tallyText(tally)}`)
  for (const failure of tally.failures) console.log(`  failed: ${failure}`)
  if (seconds > 1) console.error(`${file} took ${seconds.toFixed(1)} s`)
}

const isGood = ({ failures, passed }: Tally) => failures.length === 0 && passed > 0

async function runOnchain(folder: string, files: readonly string[], isWhole: boolean): Promise<Tally> {
  // only now: the chain takes a second, and contracts that are compiled
  const [{ deployOneStep }, { codeHashOf, mostSteps, onchainEngine }] = await Promise.all([
    import('./spec/chain.ts'),
    import('./spec/onchain.ts'),
  ])
  const { step, codes } = await deployOneStep()
  const counts = { invocations: 0, steps: 0, longer: 0, instructions: {} as Record<string, number> }
  const tallies: Tally[] = []
  for (const file of files) {
    const started = performance.now()
    const tally = await runScript(join(folder, file), [onchainEngine(step, counts)])
    tallies.push(tally)
    report({ file, tally, seconds: (performance.now() - started) / 1_000 })
  }
  const total = sumOf(tallies)
  const { invocations, steps, longer, instructions } = counts
  const kinds = Object.keys(instructions).length
  console.log(
    `on-chain: ${steps} steps of ${invocations} invocations, ${kinds} instructions; ${longer} invocations of more than ${mostSteps} steps are left out`,
  )
  const { scripts }: { scripts: number } = JSON.parse(readFileSync(record, 'utf8'))
  if (isWhole && files.length < scripts)
    console.error(`bench/spec-onchain.json stays as it is: it is of ${scripts} scripts.`)
  else if (isWhole && isGood(total)) {
    const { passed, skipped } = total
    const sorted = Object.fromEntries(Object.entries(instructions).sort(([a], [b]) => (a < b ? -1 : 1)))
    const result = {
      suite: 'WebAssembly 2.0 draft 1, test/core',
      scripts: files.length,
      assertions: { passed, failed: 0, skipped },
      ...{ invocations, steps, longer },
      codeHash: codeHashOf(codes),
      instructions: sorted,
    }
    writeFileSync(record, `${JSON.stringify(result, undefined, 2)}\n`)
  }
  return total
}

async function run({ folder, files, isWhole, onchain }: Options): Promise<number> {
  const total = await runSuite({ folder, files, engines: engineNames }, report)
  for (const module of total.refused) console.log(`refused: ${module}`)
  console.log(`total on ${engineNames.join(', ')}: ${tallyText(total)}`)
  if (!onchain) return isGood(total) ? 0 : 1
  const chained = await runOnchain(folder, files, isWhole)
  console.log(`total on-chain: ${tallyText(chained)}`)
  return isGood(total) && isGood(chained) ? 0 : 1
}

const options = readOptions(process.argv.slice(2))
if (typeof options === 'string') console.error(`${options}\n\n${usage}`)
process.exitCode = typeof options === 'string' ? 2 : await run(options)
