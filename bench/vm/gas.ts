/**
 * Gas of a step of every instruction: the entry `stepGas` of bench/vm.json, whose other entries stay as they are.
 *
 *   node bench/vm/gas.ts           measure and write
 *   node bench/vm/gas.ts --check   measure and fail when the file differs
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { drift } from '../drift.ts'
import { measureStepGas } from './stepGas.ts'

const FILE = new URL('../vm.json', import.meta.url)

const stepGas = await measureStepGas()
const committed = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {}
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, `${JSON.stringify({ ...committed, stepGas }, null, 2)}\n`)
  const { worst, typical, greatestTypical, longestWitness } = stepGas
  console.log(JSON.stringify({ worst, typical, greatestTypical, longestWitness }))
} else {
  const drifts = drift(JSON.stringify(committed.stepGas ?? {}), stepGas)
  for (const line of drifts) console.error(line)
  if (drifts.length > 0) {
    console.error('stepGas of bench/vm.json differs: run `node bench/vm/gas.ts` and commit the change.')
    process.exitCode = 1
  }
}
