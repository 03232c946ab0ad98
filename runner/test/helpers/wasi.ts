import binaryen from 'binaryen'
import { adapterText, type WasiSettings } from '../../src/wasi/adapter.ts'
import { type WasiFunction, wasiFunctions } from '../../src/wasi/functions.ts'

export type WasiHost = WasiSettings & { input?: string | undefined; shared?: string | undefined }

type Value = number | bigint
type Functions = Record<string, (...args: Value[]) => number>

/** What the host interface throws out of a program. */
export class Halt {
  readonly code: number

  constructor(code: number) {
    this.code = code
  }
}

const encode = (text: string) => new TextEncoder().encode(text)

/** The adapter alone, on a memory of one page that the test sees and writes, with every function to call. */
export class Adapter {
  readonly memory = new WebAssembly.Memory({ initial: 1 })
  readonly #exports: Functions
  output = ''

  constructor({ input = '', shared = '', ...settings }: WasiHost = {}) {
    const streams = [encode(input), encode(shared)]
    const range = (address: number, length: number) => {
      const bytes = new Uint8Array(this.memory.buffer)
      if ((address >>> 0) + (length >>> 0) > bytes.length) throw new WebAssembly.RuntimeError('out of bounds')
      return bytes.subarray(address >>> 0, (address >>> 0) + (length >>> 0))
    }
    const assay = {
      input_size: (stream: number) => streams[stream]?.length ?? 0,
      input_read: (stream: number, offset: number, dst: number, length: number) => {
        const all = streams[stream] ?? new Uint8Array()
        const some = all.subarray(offset >>> 0, Math.min((offset >>> 0) + (length >>> 0), all.length))
        range(dst, some.length).set(some)
        return some.length
      },
      output_write: (src: number, length: number) => {
        this.output += new TextDecoder().decode(range(src, length))
      },
      exit: (code: number) => {
        throw new Halt(code >>> 0)
      },
    }
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assembled(settings)), {
      assay,
      program: { memory: this.memory },
    })
    this.#exports = exports as Functions
  }

  /** Calls a function; returns its error number. */
  call(name: WasiFunction, ...args: Value[]): number {
    return this.#exports[name]!(...args)
  }

  get view(): DataView {
    return new DataView(this.memory.buffer)
  }

  u32(address: number): number {
    return this.view.getUint32(address, true)
  }

  u64(address: number): bigint {
    return this.view.getBigUint64(address, true)
  }

  /** Text of the memory, up to a NUL where no length is given. */
  text(address: number, length?: number): string {
    const bytes = new Uint8Array(this.memory.buffer)
    const end = length === undefined ? bytes.indexOf(0, address) : address + length
    return new TextDecoder().decode(bytes.subarray(address, end))
  }

  put(address: number, text: string): void {
    new Uint8Array(this.memory.buffer).set(encode(text), address)
  }

  /** Writes an array of vectors, each address and length; returns its two arguments. */
  vectors(address: number, ...vectors: [address: number, length: number][]): [number, number] {
    for (const [i, [start, length]] of vectors.entries()) {
      this.view.setUint32(address + 8 * i, start, true)
      this.view.setUint32(address + 8 * i + 4, length, true)
    }
    return [address, vectors.length]
  }
}

const modules = new Map<string, Uint8Array<ArrayBuffer>>()

function assembled(settings: WasiSettings): Uint8Array<ArrayBuffer> {
  const key = JSON.stringify(settings)
  const known = modules.get(key)
  if (known !== undefined) return known
  const module = binaryen.parseText(adapterText(Object.keys(wasiFunctions) as WasiFunction[], settings))
  try {
    const bytes = new Uint8Array(module.emitBinary())
    modules.set(key, bytes)
    return bytes
  } finally {
    module.dispose()
  }
}
