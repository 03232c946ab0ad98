import { ProgramEntryError, ProgramMemoryError } from '../../errors/program.ts'
import { signatureText, type WasmModule } from './types.ts'

/** Names of the export that a program begins with. */
export const entryNames = ['run', '_start'] as const

/**
 * The function that a program begins with.
 * @throws {ProgramEntryError}
 */
export function entryOf({ exports, functions }: WasmModule): number {
  const found = exports.filter(({ name }) => (entryNames as readonly string[]).includes(name))
  const [entry] = found
  if (entry === undefined) throw new ProgramEntryError({ reason: 'neither "run" nor "_start" is exported' })
  if (found.length > 1) throw new ProgramEntryError({ reason: 'both "run" and "_start" are exported' })
  if (entry.kind !== 'function') throw new ProgramEntryError({ reason: `"${entry.name}" is a ${entry.kind}` })
  const type = functions[entry.index]!
  if (type.params.length + type.results.length > 0)
    throw new ProgramEntryError({ reason: `"${entry.name}" is a ${signatureText(type)}` })
  return entry.index
}

/**
 * A program has a memory, which it exports.
 * @throws {ProgramMemoryError}
 */
export function requireMemory({ memory, exports }: WasmModule): void {
  if (memory === undefined) throw new ProgramMemoryError({ reason: 'no memory is defined' })
  if (!exports.some(({ name, kind }) => name === 'memory' && kind === 'memory'))
    throw new ProgramMemoryError({ reason: 'no memory is exported as "memory"' })
}
