import type { Hex } from 'viem'
import { contentHash, contentRef } from '../trees/contentTree.ts'
import { translate } from './lower/translate.ts'
import { programIdOfImage } from './state.ts'

const mostKnown = 256
/** Ids of the last modules by their contents. One module is asked for when it comes, when it is kept and when it is posted. */
const known = new Map<Hex, Hex>()

/**
 * What names a WebAssembly module on-chain: the hash of the program that it translates to. Modules that differ only in
 * what a program does not have (names, custom sections, unreachable code) have the same.
 * @throws {ProgramError} one subclass per reason why the module is refused
 */
export function programIdOf(wasm: Uint8Array): Hex {
  const content = contentHash(contentRef(wasm))
  const id = known.get(content) ?? programIdOfImage(translate(wasm))
  // To the end: those that were asked for longest ago go first.
  known.delete(content)
  known.set(content, id)
  for (const first of known.keys()) {
    if (known.size <= mostKnown) break
    known.delete(first)
  }
  return id
}
