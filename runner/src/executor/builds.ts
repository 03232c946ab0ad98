import type { ProgramInfo } from 'assay'
import { infoOfProgram, instrumentProgram, translate } from 'assay/vm'

/** What a child needs of a program, and what it is. */
export type Builds = {
  info: ProgramInfo
  /** The fast build, then the precise one. */
  builds: Uint8Array<ArrayBuffer>
  fastLength: number
}

/**
 * Translates a module and instruments it, twice.
 * @throws {ProgramError} it is refused
 */
export function buildsOf(wasm: Uint8Array): Builds {
  const program = translate(wasm)
  const { fast, precise } = instrumentProgram(program)
  const builds = new Uint8Array(fast.length + precise.length)
  builds.set(fast)
  builds.set(precise, fast.length)
  return { info: infoOfProgram(program), builds, fastLength: fast.length }
}
