/**
 * Runs random valid modules on all engines of the machine: results, traps, outputs, memory, globals, steps and the hashes of
 * states on the way have to be the same.
 *
 *   npm run fuzz:vm [-- --modules N] [--seed N] [--binaryen] [--cases N]
 *
 * Each module follows from a seed of its own: the first is that of the run, and each next one is greater by one. The module of a
 * failure is written to cache/fuzz-vm/. With --binaryen the modules come from the fuzzer of binaryen's wasm-opt.
 *
 * Before the modules, single instructions are compared on V8, reference, fast and OneStepVM, with N cases of each: 5,000, but none
 * where only --modules is given.
 */
import { randomInt } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkBinaryenSeed, checkSeed, Summary } from './fuzzVm/check.ts'
import { runInstructions } from './fuzzVm/instructionRuns.ts'

const usage = `Usage: npm run fuzz:vm [-- [--modules N] [--seed N] [--binaryen] [--cases N]]

Random modules on all engines: 20,000 from a random seed where nothing else is said, after 5,000 cases of each instruction (none with
--modules). --binaryen takes the modules of binaryen's fuzzer.`
const most = 10

type Options = { modules: number; seed: number; binaryen: boolean; cases: number }

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        modules: { type: 'string' },
        seed: { type: 'string' },
        binaryen: { type: 'boolean', default: false },
        cases: { type: 'string' },
      },
    })
    const { binaryen } = values
    const cases = Number(values.cases ?? (values.modules === undefined ? 5_000 : 0))
    const isCount = (value: number, least: number) => Number.isSafeInteger(value) && value >= least
    const modules = Number(values.modules ?? 20_000)
    const seed = Number(values.seed ?? randomInt(2 ** 32))
    return isCount(modules, 0) && isCount(seed, 0) && isCount(cases, 0)
      ? { modules, seed, binaryen, cases }
      : undefined
  } catch {
    return undefined
  }
}

async function run({ modules, seed, binaryen, cases }: Options): Promise<number> {
  const check = binaryen ? checkBinaryenSeed : checkSeed
  const summary = new Summary()
  let failures = 0
  console.error(`seed ${seed}`)
  const broken = cases > 0 ? runInstructions(cases, seed % 2 ** 31) : []
  for (let i = 0; i < modules && failures < most; i++) {
    const own = (seed + i) % 2 ** 32
    const failure = await check(own, summary)
    if (failure !== undefined) {
      failures++
      const folder = join(import.meta.dirname, '../cache/fuzz-vm')
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, `${own}.wasm`), failure.bytes)
      console.log(`seed ${own}: ${failure.message}`)
      console.log(
        `  again: npm run fuzz:vm -- --modules 1 --seed ${own}${binaryen ? ' --binaryen' : ''}; module: cache/fuzz-vm/${own}.wasm`,
      )
    }
    if ((i + 1) % 1_000 === 0) console.error(`${i + 1} of ${modules}: ${failures} failed`)
  }
  console.log(`${summary}`)
  console.log(`seeds ${seed} and up: ${summary.modules - failures} agree, ${failures} failed`)
  return failures + broken.length > 0 ? 1 : 0
}

const options = readOptions()
if (options === undefined) console.error(usage)
process.exitCode = options === undefined ? 2 : await run(options)
