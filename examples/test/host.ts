import { expect } from 'chai'

/** How a task ended, and what it left. */
export type Ending =
  | { status: 'halted'; exitCode: number; output: Uint8Array }
  | { status: 'trapped'; reason: string }

export type Task = {
  input?: Uint8Array | undefined
  shared?: Uint8Array | undefined
  /** @default 16 MiB */
  maxOutput?: number | undefined
}

class Exit {
  readonly code: number

  constructor(code: number) {
    this.code = code
  }
}

class HostTrap extends WebAssembly.RuntimeError {}

/** Runs a task in this process, on a plain version of the host interface. Endless programs never return. */
export async function runTask(module: WebAssembly.Module, task: Task = {}): Promise<Ending> {
  const { input = new Uint8Array(), shared = new Uint8Array(), maxOutput = 2 ** 24 } = task
  const streams = [input, shared]
  const chunks: Uint8Array[] = []
  let written = 0
  let memory: WebAssembly.Memory | undefined

  const guestBytes = (address: number, length: number): Uint8Array => {
    const size = memory?.buffer.byteLength ?? 0
    if ((address >>> 0) + (length >>> 0) > size) throw new HostTrap('address out of memory')
    return new Uint8Array((memory as WebAssembly.Memory).buffer, address >>> 0, length >>> 0)
  }
  const assay = {
    input_size: (stream: number) => streams[stream]?.length ?? 0,
    input_read: (stream: number, offset: number, dst: number, len: number) => {
      const stream8 = streams[stream] ?? new Uint8Array()
      const bytes = stream8.subarray(offset >>> 0, Math.min((offset >>> 0) + (len >>> 0), stream8.length))
      guestBytes(dst, bytes.length).set(bytes)
      return bytes.length
    },
    output_write: (src: number, len: number) => {
      const bytes = guestBytes(src, len)
      written += bytes.length
      if (written > maxOutput) throw new HostTrap('output limit')
      chunks.push(bytes.slice())
    },
    exit: (code: number) => {
      throw new Exit(code >>> 0)
    },
  }

  const { exports } = await WebAssembly.instantiate(module, { assay })
  memory = exports.memory as WebAssembly.Memory
  try {
    ;(exports.run as () => void)()
    return { status: 'halted', exitCode: 0, output: Buffer.concat(chunks) }
  } catch (error) {
    if (error instanceof Exit)
      return { status: 'halted', exitCode: error.code, output: Buffer.concat(chunks) }
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      return { status: 'trapped', reason: error.message }
    }
    throw error
  }
}

/** Outputs of tasks that all have to halt with exit code 0. */
export async function outputsOf(
  module: WebAssembly.Module,
  inputs: readonly Uint8Array[],
  shared?: Uint8Array,
): Promise<Uint8Array[]> {
  const outputs: Uint8Array[] = []
  for (const [task, input] of inputs.entries()) {
    const ending = await runTask(module, { input, shared })
    expect(ending, `task ${task}`).to.include({ status: 'halted', exitCode: 0 })
    if (ending.status === 'halted') outputs.push(ending.output)
  }
  return outputs
}
