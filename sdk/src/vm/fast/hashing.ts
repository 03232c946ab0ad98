import { hashing } from './modules.ts'

type Hashing = {
  memory: WebAssembly.Memory
  hashLeaf: (leaf: number, out: number) => void
  hashNode: (pair: number, out: number) => void
  keccak256: (message: number, length: number, out: number) => void
  smallRoot: (bytes: number, depth: number, out: number) => void
  treeSize: (logPages: number) => number
  refresh: (tree: number, flags: number, logPages: number, bytes: number, pages: number) => void
  rootOf: (tree: number, logPages: number, depth: number, out: number) => void
}

/** Bytes whose changes are tracked together: 32 leaves of 128 bytes. */
export const pageSize = 4096
const pageLevels = 5
/** Bytes of wasm memory that belong to the module itself; what follows is the caller's. */
const reserved = 65_536

/** The bytes of a module that is embedded in base64. */
export function decodeModule(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
}

let compiled: WebAssembly.Module | undefined

/** A fresh instance with `bytes` of memory for the caller, from `reserved` on. */
function instantiate(bytes: number): Hashing {
  compiled ??= new WebAssembly.Module(decodeModule(hashing))
  const exports = new WebAssembly.Instance(compiled).exports as Hashing
  exports.memory.grow(Math.ceil(bytes / 65_536))
  return exports
}

const piece = 65_536

/**
 * keccak256 in WebAssembly: about sixteen times as fast as in JavaScript. Compiled where it is first used; no import
 * starts anything.
 */
export class Keccak {
  readonly #module: Hashing
  readonly #memory: Uint8Array

  constructor() {
    this.#module = instantiate(piece)
    this.#memory = new Uint8Array(this.#module.memory.buffer)
  }

  /**
   * `keccak256(message)`.
   * @param message - At most 64 KiB.
   */
  hash(message: Uint8Array): Uint8Array {
    this.#memory.set(message, reserved)
    this.#module.keccak256(reserved, message.length, 0)
    return this.#memory.slice(0, 32)
  }
}

/**
 * Bytes of a fixed size that change, and their Merkle root, which costs what was changed since it was last asked for:
 * leaves of 128 bytes `keccak(0x00 ‖ leaf)`, nodes `keccak(left ‖ right)`, zero padding.
 */
export class MerkleBytes {
  readonly #module: Hashing
  readonly #capacity: number
  readonly #logPages: number
  readonly #flags: number
  readonly #bytes: number

  /** @param capacity - How many bytes there are, zeros at first; a multiple of 4,096, at most 2^30. */
  constructor(capacity: number) {
    const pages = Math.ceil(capacity / pageSize)
    this.#capacity = capacity
    this.#logPages = pages <= 1 ? 0 : 32 - Math.clz32(pages - 1)
    const nodes = 64 * 2 ** this.#logPages
    const flags = 2 * 2 ** this.#logPages
    this.#module = instantiate(nodes + flags + pageSize * (pages + 1))
    this.#flags = reserved + nodes
    this.#bytes = Math.ceil((this.#flags + flags) / pageSize) * pageSize
  }

  /** Replaces the bytes from `offset` on. */
  write(offset: number, bytes: Uint8Array): void {
    if (offset < 0 || offset + bytes.length > this.#capacity) throw new RangeError('Written past the end.')
    if (bytes.length === 0) return
    const memory = new Uint8Array(this.#module.memory.buffer)
    memory.set(bytes, this.#bytes + offset)
    memory.fill(
      1,
      this.#flags + Math.floor(offset / pageSize),
      this.#flags + Math.floor((offset + bytes.length - 1) / pageSize) + 1,
    )
  }

  /**
   * Root of the tree of that depth.
   * @param depth - At least that of the capacity's tree, at most 23.
   */
  root(depth: number): Uint8Array {
    if (depth < this.#logPages + pageLevels || depth > 23) throw new RangeError('A tree of another depth.')
    const { refresh, rootOf, memory } = this.#module
    refresh(reserved, this.#flags, this.#logPages, this.#bytes, Math.ceil(this.#capacity / pageSize))
    rootOf(reserved, this.#logPages, depth, 0)
    return new Uint8Array(memory.buffer).slice(0, 32)
  }
}
