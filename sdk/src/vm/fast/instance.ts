import type { Hex } from 'viem'
import { toHex } from '../../trees/bytes.ts'
import { pageSize } from '../isa.ts'
import { operation, plainOperations, type Trial } from './encode.ts'
import { decodeModule } from './hashing.ts'
import * as at from './layout.ts'
import { engine } from './modules/engine.ts'

type Exports = {
  memory: WebAssembly.Memory
  setBreak: (operation: number) => void
  run: (steps: number) => number
  hashOutputPage: (index: number) => void
  memoryRoot: () => void
  outputRoot: (pages: number) => void
  stateHash: (frameBytes: number, args: number, outputPages: number) => void
  keccak256: (message: number, length: number, out: number) => void
}

/** What the machine asks for while it runs. Numbers may be negative: take them as u32. */
export type Host = {
  /** Copies bytes of an input to an address. */
  read: (stream: number, offset: number, to: number, length: number) => void
  /** Appends bytes from an address to the output. */
  write: (from: number, length: number) => void
}

let compiled: WebAssembly.Module | undefined

/** An instance of the engine's module and its memory, where everything stands as layout.ts says. */
export class Instance {
  readonly exports: Exports

  constructor(host: Host) {
    compiled ??= new WebAssembly.Module(decodeModule(engine))
    this.exports = new WebAssembly.Instance(compiled, { host }).exports as Exports
    this.exports.setBreak(operation('break'))
    const plain = plainOperations()
    new Uint16Array(this.buffer, at.plainOperations, plain.length).set(plain)
  }

  /** The memory as it is now: another object after it has grown. */
  get buffer(): ArrayBuffer {
    return this.exports.memory.buffer as ArrayBuffer
  }

  bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, address, length)
  }

  values(address: number, count: number): BigUint64Array<ArrayBuffer> {
    return new BigUint64Array(this.buffer, address, count)
  }

  cell(offset: number): number {
    return new DataView(this.buffer, at.cells + offset, 4).getUint32(0, true)
  }

  setCell(offset: number, value: number): void {
    new DataView(this.buffer, at.cells + offset, 4).setUint32(0, value, true)
  }

  /** The hash that an export left in its cell. */
  hash(): Hex {
    return toHex(this.bytes(at.cells + at.cellHash, 32))
  }

  /**
   * Makes the memory reach up to an address.
   * @throws {RangeError} if the host gives no more.
   */
  reserve(end: number): void {
    const missing = Math.ceil((end - this.buffer.byteLength) / pageSize)
    if (missing > 0) this.exports.memory.grow(missing)
  }

  /** Executes one instruction on constants, outside of any program. */
  readonly trial: Trial = (name, a, b) => {
    const halves = new Uint16Array(this.buffer, at.trial, 16)
    halves.fill(0)
    halves.set([operation(name), 0, 8, 16])
    const slots = new Uint32Array(this.buffer, at.trialFrame, 6)
    slots.set([0, 0, ...a, ...b])
    this.setCell(at.cellMargin, 2 ** 31)
    this.setCell(at.cellCodeEnd, 2 ** 31)
    this.setCell(at.cellPc, at.trial)
    this.setCell(at.cellFrame, at.trialFrame)
    const reason = this.exports.run(1)
    const value = [slots[0]!, slots[1]!] as const
    slots.fill(0)
    return reason === at.stopped ? { value } : { trap: reason }
  }

  /** Makes a tree the one of zeros again. */
  clearTree(tree: number, flags: number, pages: number): void {
    let [nodes, marks, width, count] = [tree, flags, 2 ** at.treeLog, pages]
    for (let level = 0; level <= at.treeLog; level++) {
      this.bytes(nodes, 32 * count).fill(0)
      this.bytes(marks, count).fill(0)
      nodes += 32 * width
      marks += width
      width >>= 1
      count = Math.ceil(count / 2)
    }
  }
}
