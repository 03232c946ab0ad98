import { ProgramEntryError, ProgramMemoryError } from '../errors/program.ts'
import { entryNames } from '../vm/wasm/entry.ts'
import { signatureOfFunction, signatureText } from './host.ts'
import type { ProgramExport, ProgramLayout } from './layout.ts'
import { readLayout } from './parse.ts'

/** Pages of 64 KiB that a memory may grow to where the program declares no maximum. */
export const defaultMaxPages = 4_096
/** Pages of 64 KiB that no program may exceed (1 GiB). */
export const maxPagesLimit = 16_384

export type ProgramEntry = (typeof entryNames)[number]
export { entryNames }

/** What a program asks for, read off its bytes without running any of them. */
export type ProgramInfo = {
  /** Bytes of the file. */
  size: number
  /** Pages of 64 KiB. `max` is what memory.grow may reach: the declared maximum, 4,096 without one. */
  memory: { min: number; max: number; declaredMax?: number }
  /** Host functions that it imports, each once. */
  imports: readonly string[]
  exports: readonly ProgramExport[]
  entry: ProgramEntry
  /** Whether a start function runs before the entry, inside of the same task. */
  hasStart: boolean
}

/**
 * Reads a program and refuses it unless Assay can run it: a WebAssembly 1.0 module (with sign extension,
 * saturating truncation, multi-value, memory.copy and memory.fill) that imports nothing but the host interface,
 * exports one entry, and defines one memory within limits. Every instruction is looked at. What is left to a
 * WebAssembly engine is validation proper: operand types, label depths, local indices.
 *
 * Pure, and bounded by the size of the file whatever the file says.
 *
 * @throws {ProgramError} one subclass per reason: `NotWasmError`, `WasmVersionError`, `MalformedProgramError`,
 * `ProgramFeatureError`, `ProgramInstructionError`, `ProgramImportError`, `ProgramEntryError`,
 * `ProgramMemoryError`, `ProgramLimitError`.
 */
export function inspectProgram(bytes: Uint8Array): ProgramInfo {
  return inspectLayout(bytes, readLayout(bytes))
}

/** As `inspectProgram`, for who has read the module already. */
export function inspectLayout(bytes: Uint8Array, layout: ProgramLayout): ProgramInfo {
  return {
    size: bytes.length,
    memory: readMemoryTerms(layout),
    imports: [...new Set(layout.imports)],
    exports: layout.exports,
    entry: findEntry(bytes, layout),
    hasStart: layout.start !== undefined,
  }
}

function readMemoryTerms({ memory, exports }: ProgramLayout): ProgramInfo['memory'] {
  if (memory === undefined) throw new ProgramMemoryError({ reason: 'no memory is defined' })
  if (!exports.some(({ name, kind }) => name === 'memory' && kind === 'memory'))
    throw new ProgramMemoryError({ reason: 'no memory is exported as "memory"' })
  const { min, declaredMax } = memory
  const max = declaredMax ?? defaultMaxPages
  const facts = {
    Minimum: `${min} pages`,
    Maximum: `${max} pages${declaredMax === undefined ? ' (none declared)' : ''}`,
  }
  if (max > maxPagesLimit) throw new ProgramMemoryError({ reason: 'maximum is above 16384 pages', facts })
  if (min > max) throw new ProgramMemoryError({ reason: 'minimum is above the maximum', facts })
  return { min, max, ...(declaredMax === undefined ? {} : { declaredMax }) }
}

function findEntry(bytes: Uint8Array, layout: ProgramLayout): ProgramEntry {
  const found = layout.exports.filter(({ name }) => (entryNames as readonly string[]).includes(name))
  const [entry] = found
  if (entry === undefined) throw new ProgramEntryError({ reason: 'neither "run" nor "_start" is exported' })
  if (found.length > 1) throw new ProgramEntryError({ reason: 'both "run" and "_start" are exported' })
  if (entry.kind !== 'function') throw new ProgramEntryError({ reason: `"${entry.name}" is a ${entry.kind}` })
  const signature = signatureOfFunction(bytes, layout, entry.index)
  if (signature !== '>')
    throw new ProgramEntryError({ reason: `"${entry.name}" is a ${signatureText(signature ?? '>')}` })
  return entry.name as ProgramEntry
}
