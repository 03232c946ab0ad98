/**
 * What exact counting, stack budget, canonical NaNs and the memory rule cost: each kernel in plain V8 and as the native engine
 * runs it, turn by turn in one process.
 *
 *   node scripts/bootstrap.mjs node --conditions=assay-source --no-liftoff bench/vm/native.ts [turns] [kernel]
 */
import { translate } from '../../sdk/src/vm/index.ts'
import { instrument } from '../../sdk/src/vm/native/instrument.ts'
import { runBuild } from '../../sdk/src/vm/native/run.ts'
import { entryOf } from '../../sdk/src/vm/wasm/module.ts'
import { type Kernel, KernelError, loadKernels } from './kernels.ts'
import { processorTime } from './processorTime.ts'

const stepLimit = 10n ** 12n
const maxOutput = 1 << 24

/** One kernel's times, in milliseconds of the processor: the best turn of each. */
export type NativeTimes = { plain: number; fast: number; precise: number; steps: bigint }

/** Runs a module as it is, with the host interface alone. */
function runPlain(module: WebAssembly.Module, { input, shared }: Kernel): void {
  let memory: WebAssembly.Memory | undefined
  const streams = [input, shared]
  const assay = {
    input_size: (stream: number) => streams[stream]?.length ?? 0,
    input_read: (stream: number, offset: number, dst: number, length: number) => {
      const part = streams[stream]!.subarray(offset, offset + length)
      new Uint8Array(memory!.buffer).set(part, dst)
      return part.length
    },
    output_write: () => {},
    exit: (code: number) => {
      throw new KernelError(`exit ${code}`)
    },
  }
  const exports = new WebAssembly.Instance(module, { assay }).exports as unknown as {
    memory: WebAssembly.Memory
    run: () => void
  }
  memory = exports.memory
  exports.run()
}

/** Measures one kernel. */
export function measure(kernel: Kernel, turns: number): NativeTimes {
  const program = translate(kernel.bytes)
  const entry = entryOf(program.module)
  const plain = new WebAssembly.Module(kernel.bytes)
  const builds = (['fast', 'precise'] as const).map(
    (build) => new WebAssembly.Module(instrument({ program, build, entry })),
  )
  const { input, shared } = kernel
  let steps = 0n
  const runs = [
    () => runPlain(plain, kernel),
    ...builds.map((module) => () => {
      const ending = runBuild(module, { input, shared, stepLimit, maxOutput })
      if (ending.status !== 'halted') throw new KernelError(`${kernel.name} ${ending.status}`)
      steps = ending.steps
    }),
  ]
  const best = runs.map(() => Number.POSITIVE_INFINITY)
  for (let turn = 0; turn < turns; turn++)
    for (const [i, run] of runs.entries()) {
      const start = processorTime()
      run()
      best[i] = Math.min(best[i]!, processorTime() - start)
    }
  const [plainTime, fast, precise] = best
  return { plain: plainTime!, fast: fast!, precise: precise!, steps }
}

/** Geometric mean. */
export const geomean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)

/** Ratio of the native engine to plain V8 by kernel, of both builds. */
export async function nativeRatios(turns: number, only?: string) {
  const kernels = (await loadKernels()).filter(({ name }) => only === undefined || name === only)
  return kernels.map((kernel) => {
    const times = measure(kernel, turns)
    return {
      name: kernel.name,
      ...times,
      fastRatio: times.fast / times.plain,
      preciseRatio: times.precise / times.plain,
    }
  })
}

if (import.meta.main) {
  const ratios = await nativeRatios(Number(process.argv[2] ?? 7), process.argv[3])
  for (const { name, plain, fastRatio, preciseRatio, steps } of ratios)
    console.log(
      `${name.padEnd(12)} ${plain.toFixed(1).padStart(7)} ms   fast ${fastRatio.toFixed(2)}   precise ${preciseRatio.toFixed(2)}   ${steps} steps`,
    )
  const mean = (of: 'fastRatio' | 'preciseRatio') => geomean(ratios.map((ratio) => ratio[of])).toFixed(3)
  console.log(`geometric mean   fast ${mean('fastRatio')}   precise ${mean('preciseRatio')}`)
}
