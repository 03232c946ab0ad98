import type { Hex } from 'viem'
import { toHex } from '../trees/bytes.ts'
import { zeroSubtrees } from '../trees/contentTree.ts'
import { hashInto } from '../trees/keccak.ts'
import { pageSize as blockSize, MerkleBytes } from './fast/hashing.ts'
import { depth } from './isa.ts'
import { translate } from './lower/translate.ts'
import { type ProgramImage, type ProgramRoots, pageSize, programId, tableBytes } from './state.ts'
import { ByteTree } from './trees/byteTree.ts'

/**
 * What names a WebAssembly module on-chain: the hash of the program that it translates to. Modules that differ only in
 * what a program does not have (names, custom sections, unreachable code) have the same.
 * @throws {ProgramError} one subclass per reason why the module is refused
 */
export function programIdOf(wasm: Uint8Array): Hex {
  return idOfProgram(translate(wasm))
}

/** {@link programIdOf} of a module that is translated already. */
export function idOfProgram(program: ProgramImage): Hex {
  return programId(program, quickRoots(program))
}

/** As `programRoots`, for programs of any size: the tree of a whole memory of data takes a second or two. */
function quickRoots({ code, memory, globals, table }: ProgramImage): ProgramRoots {
  const pages = Array.from(memory, ([page, bytes]) => [page * pageSize, bytes] as const)
  return {
    code: rootOf(depth.code, [[0, code]]),
    memory: rootOf(depth.memory, pages),
    globals: toHex(ByteTree.ofValues(depth.globals, globals).root()),
    table: rootOf(depth.table, [[0, tableBytes(table)]]),
  }
}

/** Levels below the node of a block of 4,096 bytes. */
const blockLevel = 5

/** One for all calls: nothing here awaits. */
let block: MerkleBytes | undefined

/**
 * Root of a tree that holds some bytes and is zero elsewhere.
 * @param parts - Bytes and where they stand, a multiple of 4,096.
 */
function rootOf(depth: number, parts: Iterable<readonly [at: number, bytes: Uint8Array]>): Hex {
  block ??= new MerkleBytes(blockSize)
  const padded = new Uint8Array(blockSize)
  let nodes = new Map<number, Uint8Array>()
  for (const [at, bytes] of parts)
    for (let offset = 0; offset < bytes.length; offset += blockSize) {
      const some = bytes.subarray(offset, offset + blockSize)
      if (isZero(some)) continue
      padded.fill(0).set(some)
      block.write(0, padded)
      nodes.set((at + offset) / blockSize, block.root(blockLevel))
    }
  const pair = new Uint8Array(64)
  for (let level = blockLevel; level < depth; level++) {
    const above = new Map<number, Uint8Array>()
    for (const index of nodes.keys()) {
      const parent = index >>> 1
      if (above.has(parent)) continue
      pair.set(nodes.get(2 * parent) ?? zeroSubtrees[level]!)
      pair.set(nodes.get(2 * parent + 1) ?? zeroSubtrees[level]!, 32)
      const hash = new Uint8Array(32)
      hashInto(pair, hash, 0)
      above.set(parent, hash)
    }
    nodes = above
  }
  return toHex(nodes.get(0) ?? zeroSubtrees[depth]!)
}

function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false
  return true
}
