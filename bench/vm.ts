/**
 * The machine's speed: bench/vm.json, whose entry `stepGas` (bench/vm/gas.ts) stays as it is.
 *
 *   npm run bench:vm                measure and write
 *   npm run bench:vm -- --dry       measure and show
 *
 * Times are of the processor, so that what runs beside counts little; ratios are of turns in one process.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { measureRoots, measureState, measureSteps, measureTranslation } from './vm/fast.ts'
import { geomean, nativeRatios } from './vm/native.ts'

const FILE = new URL('vm.json', import.meta.url)
const turns = 5

/** Whether the figures are only shown; ends the process where the arguments are others. */
function isDry(): boolean {
  try {
    return parseArgs({ options: { dry: { type: 'boolean', default: false } } }).values.dry
  } catch (error) {
    console.error(`${(error as Error).message}\n\nUsage: npm run bench:vm [-- --dry]`)
    process.exit(2)
  }
}

const dry = isDry()

const ratios = await nativeRatios(turns)
const kernels = Object.fromEntries(ratios.map(({ name, fastRatio }) => [name, Number(fastRatio.toFixed(2))]))
const figures = {
  nativeRatio: { geomean: Number(geomean(ratios.map(({ fastRatio }) => fastRatio)).toFixed(3)), kernels },
  preciseRatio: Number(geomean(ratios.map(({ preciseRatio }) => preciseRatio)).toFixed(3)),
  ...(await measureSteps(turns)),
  ...measureRoots(),
  secondsToStateOf1e9Steps: Number((await measureState()).toFixed(2)),
  translatedMegabytesPerSecond: await measureTranslation(turns),
}
console.log(JSON.stringify(figures, null, 2))
if (!dry) {
  const committed = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {}
  writeFileSync(FILE, `${JSON.stringify({ ...committed, ...figures }, null, 2)}\n`)
}
