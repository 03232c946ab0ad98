import { pageSize } from '../../sdk/src/vm/isa.ts'
import { type Build, instrument, nativeExports, trapReasonOf } from '../../sdk/src/vm/native/index.ts'
import type { Program } from '../../sdk/src/vm/program.ts'
import type { Instance, Outcome, SpecEngine } from './engines.ts'

const patience = 2n ** 32n

type Exports = {
  readonly [nativeExports.memory]?: WebAssembly.Memory
  readonly [nativeExports.left]: WebAssembly.Global<'i64'>
}

/** An instrumented module, kept alive: memory and globals are those of the WebAssembly instance. */
class NativeInstance implements Instance {
  readonly #program: Program
  readonly #stepLimit: bigint
  readonly #build: Build
  readonly #exports: Exports

  constructor(program: Program, build: Build, stepLimit = patience) {
    this.#program = program
    this.#stepLimit = stepLimit
    this.#build = build
    const { exports, start } = program.module
    const called = exports.filter(({ kind }) => kind === 'function').map(({ index }) => index)
    if (start !== undefined) called.push(start)
    const invocable = [...new Set(called)]
    const bytes = instrument({ program, build, entry: undefined, invocable })
    const module = new WebAssembly.Module(bytes)
    const imports: Record<string, Record<string, () => void>> = {}
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      imports[from] ??= {}
      imports[from][name] = () => {}
    }
    this.#exports = new WebAssembly.Instance(module, imports).exports as unknown as Exports
  }

  invoke(functionIndex: number, args: readonly bigint[]): Outcome {
    const call = (this.#exports as unknown as Record<string, (...bits: bigint[]) => bigint | bigint[]>)[
      nativeExports.invoke(functionIndex)
    ]!
    try {
      const results = call(...args, this.#stepLimit)
      const values = Array.isArray(results) ? results : [results]
      const left = BigInt.asIntN(64, values.pop()!)
      if (left < 0n) return { ending: 'unfinished' }
      return {
        ending: 'returned',
        values: values.map((bits) => BigInt.asUintN(64, bits)),
        steps: this.#stepLimit - left,
      }
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error
      const left = this.#exports.left.value
      if (left < 0n) return { ending: 'unfinished' }
      const steps = this.#build === 'precise' ? this.#stepLimit - left : undefined
      return { ending: 'trapped', reason: trapReasonOf(error.message), steps }
    }
  }

  contents() {
    const { memory } = this.#exports
    const bytes = new Uint8Array(memory?.buffer ?? new ArrayBuffer(0))
    return {
      pages: bytes.length / pageSize,
      page: (number: number) => bytes.subarray(number * pageSize, (number + 1) * pageSize),
      globals: this.#program.globals.length === 0 ? [] : undefined,
    }
  }
}

/** The build that counts exactly wherever a program ends. */
export const native: SpecEngine = {
  name: 'native',
  instantiate: (program, stepLimit) => new NativeInstance(program, 'precise', stepLimit),
}

/** The build that counts in stretches: right where a function returns. */
export const nativeFastBuild: SpecEngine = {
  name: 'native (fast build)',
  instantiate: (program, stepLimit) => new NativeInstance(program, 'fast', stepLimit),
}
