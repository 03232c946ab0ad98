import { hashing } from './modules/hashing.ts'

type Hashing = {
  memory: WebAssembly.Memory
  hashLeaf: (leaf: number, out: number) => void
  hashNode: (pair: number, out: number) => void
  keccak256: (message: number, length: number, out: number) => void
  smallRoot: (bytes: number, depth: number, out: number) => void
  refresh: (tree: number, flags: number, logPages: number, bytes: number, pages: number) => void
  rootOf: (tree: number, logPages: number, depth: number, out: number) => void
}

/** Bytes whose changes are tracked together: 32 leaves of 128 bytes. */
export const treePageSize = 4096
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
 * keccak256 in WebAssembly, several times as fast as in JavaScript. Every method writes its 32 bytes to
 * `out[at … at + 32]`.
 * @throws {WebAssembly.CompileError} where WebAssembly is not allowed.
 */
export class Keccak {
  readonly #module = instantiate(piece)
  readonly #message = new Uint8Array(this.#module.memory.buffer, reserved, piece)
  readonly #digest = new Uint8Array(this.#module.memory.buffer, 0, 32)

  /**
   * `keccak256(message)`.
   * @param message - At most 64 KiB.
   */
  hashInto(message: Uint8Array, out: Uint8Array, at: number): void {
    this.#message.set(message)
    this.#module.keccak256(reserved, message.length, 0)
    out.set(this.#digest, at)
  }

  /**
   * `keccak256(tag ‖ message)`.
   * @param message - Less than 64 KiB.
   */
  hashTaggedInto(tag: number, message: Uint8Array, out: Uint8Array, at: number): void {
    this.#message[0] = tag
    this.#message.set(message, 1)
    this.#module.keccak256(reserved, message.length + 1, 0)
    out.set(this.#digest, at)
  }

  /**
   * Root of a content tree of some depth, at most 6.
   * @param bytes - Exactly `128 · 2^depth`.
   */
  treeRootInto(bytes: Uint8Array, depth: number, out: Uint8Array, at: number): void {
    this.#message.set(bytes)
    this.#module.smallRoot(reserved, depth, 0)
    out.set(this.#digest, at)
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
    const pages = Math.ceil(capacity / treePageSize)
    this.#capacity = capacity
    this.#logPages = pages <= 1 ? 0 : 32 - Math.clz32(pages - 1)
    const nodes = 64 * 2 ** this.#logPages
    const flags = 2 * 2 ** this.#logPages
    this.#module = instantiate(nodes + flags + treePageSize * (pages + 1))
    this.#flags = reserved + nodes
    this.#bytes = Math.ceil((this.#flags + flags) / treePageSize) * treePageSize
  }

  /** Replaces the bytes from `offset` on. */
  write(offset: number, bytes: Uint8Array): void {
    if (offset < 0 || offset + bytes.length > this.#capacity) throw new RangeError('Written past the end.')
    if (bytes.length === 0) return
    const memory = new Uint8Array(this.#module.memory.buffer)
    memory.set(bytes, this.#bytes + offset)
    memory.fill(
      1,
      this.#flags + Math.floor(offset / treePageSize),
      this.#flags + Math.floor((offset + bytes.length - 1) / treePageSize) + 1,
    )
  }

  /**
   * Root of the tree of that depth.
   * @param depth - At least that of the capacity's tree, at most 23.
   */
  root(depth: number): Uint8Array {
    if (depth < this.#logPages + pageLevels || depth > 23) throw new RangeError('A tree of another depth.')
    const { refresh, rootOf, memory } = this.#module
    refresh(reserved, this.#flags, this.#logPages, this.#bytes, Math.ceil(this.#capacity / treePageSize))
    rootOf(reserved, this.#logPages, depth, 0)
    return new Uint8Array(memory.buffer).slice(0, 32)
  }
}
