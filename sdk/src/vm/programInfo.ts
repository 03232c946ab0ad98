import type { Hex } from 'viem'
import { translate } from './lower/translate.ts'
import type { Program } from './program.ts'
import { programIdOfImage } from './state.ts'
import { entryNames } from './wasm/entry.ts'
import type { HostFunction } from './wasm/environment.ts'
import type { ModuleMemory } from './wasm/types.ts'
import { wordSize } from './word.ts'

/** What a program is and asks for, known without running any of it. */
export type ProgramInfo = {
  programId: Hex
  /** Bytes of the file. */
  size: number
  /** Instructions of the machine. */
  instructions: number
  /** Pages of 64 KiB. `max` is what memory.grow may reach: the declared maximum, 4,096 without one. */
  memory: ModuleMemory
  /** Host functions that it imports, each once. */
  imports: readonly HostFunction[]
  entry: (typeof entryNames)[number]
  /** Whether a start function runs before the entry, inside of the same task. */
  hasStart: boolean
}

/**
 * Translates a module and tells what it is.
 * @throws {ProgramError} one subclass per reason why the module is refused
 */
export function programInfo(wasm: Uint8Array): ProgramInfo {
  return infoOfProgram(translate(wasm))
}

/** {@link programInfo} of a module that is translated already. */
export function infoOfProgram(program: Program): ProgramInfo {
  const { bytes, memory, importedFunctions, exports, start } = program.module
  const hosts = importedFunctions.map(({ host }) => host).filter((host) => host !== undefined)
  return {
    programId: programIdOfImage(program),
    size: bytes.length,
    instructions: program.code.length / wordSize,
    memory: memory!,
    imports: [...new Set(hosts)],
    entry: entryNames.find((entry) => exports.some(({ name }) => name === entry))!,
    hasStart: start !== undefined,
  }
}
