/**
 * The fast machine: each kernel's steps per second, and what states, roots and translation cost. `node bench/vm.ts` runs it.
 */

import type { MachineTask } from '../../sdk/src/vm/engine.ts'
import { FastMachine, MerkleBytes } from '../../sdk/src/vm/fast/index.ts'
import { translate } from '../../sdk/src/vm/index.ts'
import { type Kernel, KernelError, loadKernels } from './kernels.ts'
import { geomean } from './native.ts'
import { processorTime } from './processorTime.ts'

/** Milliseconds of the best of some turns: the others were disturbed. */
function best(turns: number, work: () => void): number {
  const times = Array.from({ length: turns }, () => {
    const start = processorTime()
    work()
    return processorTime() - start
  })
  return Math.min(...times)
}

function jobOf({ bytes, input, shared }: Kernel): MachineTask {
  return { program: translate(bytes), input, shared, stepLimit: 10n ** 12n, maxOutput: 1 << 24 }
}

/** Millions of steps per second, by kernel, and their geometric mean in steps per second. */
export async function measureSteps(turns: number) {
  const machine = new FastMachine()
  const kernels: Record<string, number> = {}
  for (const kernel of await loadKernels()) {
    const job = jobOf(kernel)
    let steps = 0n
    const ms = best(turns, () => {
      const ending = machine.load(job).finish()
      if (ending.status !== 'halted') throw new KernelError(`${kernel.name} ${ending.status}`)
      steps = ending.steps
    })
    kernels[kernel.name] = Math.round(Number(steps) / ms / 1000)
  }
  return { fastStepsPerSecond: Math.round(geomean(Object.values(kernels)) * 1e6), fastMegasteps: kernels }
}

/** Seconds from the start of a long task to the hash of its state after 10^9 steps. */
export async function measureState(): Promise<number> {
  const mixing = (await loadKernels()).find(({ name }) => name === 'mixing')!
  const input = new Uint8Array(4).fill(0xff)
  const machine = new FastMachine().load({ ...jobOf(mixing), input })
  return best(1, () => machine.runTo(10n ** 9n).stateHash()) / 1000
}

/** Nodes hashed per second, and milliseconds for the root after 64 MiB were written. */
export function measureRoots() {
  const size = 64 * 2 ** 20
  const bytes = Uint8Array.from({ length: 65_536 }, (_, index) => index * 7)
  const tree = new MerkleBytes(size)
  const ms = best(2, () => {
    for (let offset = 0; offset < size; offset += bytes.length) tree.write(offset, bytes)
    tree.root(23)
  })
  return { merkleNodesPerSecond: Math.round(size / 64 / (ms / 1000)), rootOf64MiBMs: Math.round(ms) }
}

/** Megabytes of modules translated per second: the largest of the kernels, again and again. */
export async function measureTranslation(turns: number): Promise<number> {
  const kernels = await loadKernels()
  const { bytes } = kernels.reduce((largest, kernel) =>
    kernel.bytes.length > largest.bytes.length ? kernel : largest,
  )
  const ms = best(turns * 10, () => translate(bytes))
  return Number((bytes.length / ms / 1000).toFixed(1))
}
