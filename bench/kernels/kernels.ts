import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

/** The kernels of the benchmarks and how much work each is given: around a hundred million steps. */
export const kernels = {
  sieve: 4_000_000,
  matrix: 160,
  nbody: 40_000,
  pathtracer: 220,
  mixing: 4_000_000,
  calls: 30,
  words: 10_000,
  sha256: 16_000,
} as const

export type Kernel = keyof typeof kernels

/** A kernel's source does not compile. */
export class KernelError extends Error {
  constructor(name: string, output: string) {
    super(`The kernel ${name} does not compile.\n\n${output.trim()}`)
    this.name = 'KernelError'
  }
}

/** Compiles a kernel: a module whose `run` takes its size from the task's input and writes eight bytes. */
export async function compileKernel(name: Kernel): Promise<Uint8Array<ArrayBuffer>> {
  let module: Uint8Array<ArrayBuffer> | undefined
  const { error, stderr } = await asc.main(
    [
      `${name}.ts`,
      ...['--outFile', `${name}.wasm`, '--baseDir', fileURLToPath(new URL('./assembly', import.meta.url))],
      ...['--runtime', 'stub', '--use', 'abort=', '--noAssert', '--optimizeLevel', '3', '--shrinkLevel', '0'],
      ...['--disable', 'mutable-globals', '--noColors'],
    ],
    {
      writeFile: (_file, contents) => {
        if (typeof contents !== 'string') module = new Uint8Array(contents)
      },
    },
  )
  const output = stderr.toString()
  if (error || output !== '' || module === undefined) throw new KernelError(name, output || String(error))
  return module
}

/** The task's input that asks for so much work. */
export function kernelInput(size: number): Uint8Array {
  const input = new Uint8Array(4)
  new DataView(input.buffer).setUint32(0, size, true)
  return input
}
