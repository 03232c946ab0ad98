/**
 * How fast the machines are, in one process: `node --conditions=assay-source bench/vm.ts`. Look at ratios.
 */
import { FastMachine, MerkleBytes } from '../sdk/src/vm/fast/index.ts'
import { translate } from '../sdk/src/vm/index.ts'
import { compileKernel, type Kernel, kernelInput, kernels } from './kernels/kernels.ts'

const rounds = 3

/** The best of some rounds, in milliseconds: the others were disturbed. */
function best(work: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...times)
}

/** Milliseconds of plain V8 on the module, and the eight bytes that it wrote. */
function runPlain(module: WebAssembly.Module, input: Uint8Array): { ms: number; output: Uint8Array } {
  let memory = new WebAssembly.Memory({ initial: 0 })
  let output = new Uint8Array(0)
  const assay = {
    input_read: (_stream: number, offset: number, to: number, length: number) => {
      const part = input.subarray(offset, offset + length)
      new Uint8Array(memory.buffer).set(part, to)
      return part.length
    },
    output_write: (from: number, length: number) => {
      output = new Uint8Array(memory.buffer).slice(from, from + length)
    },
  }
  const ms = best(() => {
    const { exports } = new WebAssembly.Instance(module, { assay })
    memory = exports.memory as WebAssembly.Memory
    ;(exports.run as () => void)()
  })
  return { ms, output }
}

const machine = new FastMachine()
const names = (process.argv[2]?.split(',') ?? Object.keys(kernels)) as Kernel[]
const ratios: number[] = []
const speeds: number[] = []
console.log('kernel          steps    V8 ms  fast ms   ratio  M steps/s')
for (const name of names) {
  const bytes = await compileKernel(name)
  const input = kernelInput(kernels[name])
  const job = {
    program: translate(bytes),
    input,
    shared: new Uint8Array(0),
    stepLimit: 1n << 44n,
    maxOutput: 8,
  }
  const plain = runPlain(new WebAssembly.Module(bytes), input)
  const ms = best(() => machine.load(job).finish())
  const { status, steps, output } = machine.ending!
  if (status !== 'halted' || output.join() !== plain.output.join())
    throw new TypeError(
      `${name}: the fast machine ${status}, its output [${output}] is not V8's [${plain.output}].`,
    )
  const speed = Number(steps) / ms / 1000
  ratios.push(ms / plain.ms)
  speeds.push(speed)
  console.log(
    `${name.padEnd(11)} ${String(steps).padStart(9)} ${plain.ms.toFixed(1).padStart(8)} ${ms.toFixed(1).padStart(8)} ${(ms / plain.ms).toFixed(1).padStart(7)} ${speed.toFixed(0).padStart(10)}`,
  )
}
const geomean = (values: number[]) =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
console.log(`geometric mean ${geomean(ratios).toFixed(1)} × V8, ${geomean(speeds).toFixed(0)} M steps/s`)

const size = 32 * 2 ** 20
const bytes = Uint8Array.from({ length: 65_536 }, (_, index) => index * 7)
const tree = new MerkleBytes(size)
for (let offset = 0; offset < size; offset += bytes.length) tree.write(offset, bytes)
const start = performance.now()
tree.root(23)
const ms = performance.now() - start
console.log(`Merkle root of 32 MiB: ${ms.toFixed(0)} ms, ${(size / 64 / ms / 1000).toFixed(2)} M nodes/s`)
