import type { Hex } from 'viem'
import { translate } from './lower/translate.ts'
import { programIdOfImage } from './state.ts'

/**
 * What names a WebAssembly module on-chain: the hash of the program that it translates to. Modules that differ only in
 * what a program does not have (names, custom sections, unreachable code) have the same.
 * @throws {ProgramError} one subclass per reason why the module is refused
 */
export function programIdOf(wasm: Uint8Array): Hex {
  return programIdOfImage(translate(wasm))
}
