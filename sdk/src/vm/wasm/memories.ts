import { ProgramMemoryError } from '../../errors/program.ts'
import { defaultMaxPages, limits } from '../isa.ts'
import { hex } from './immediates.ts'
import type { WasmReader } from './reader.ts'
import type { ModuleMemory } from './types.ts'

/** Pages that 32-bit addresses can reach. */
const addressablePages = 65_536

export type Limits = { readonly min: number; readonly max: number | undefined }

/** Reads the type of a table, which holds functions. */
export function readTableType(reader: WasmReader): Limits {
  const offset = reader.at
  const type = reader.u8()
  if (type !== 0x70) {
    const feature = type === 0x40 ? 'typed function references' : 'reference types'
    throw reader.missing(feature, `table of ${hex(type)}`, offset)
  }
  return readLimits(reader, 'table')
}

/** Reads the type of a memory. */
export function readMemoryType(reader: WasmReader): Limits {
  const offset = reader.at
  const range = readLimits(reader, 'memory')
  if (range.min > addressablePages || (range.max ?? 0) > addressablePages)
    throw reader.invalid('memory size must be at most 65536 pages (4 GiB)', offset)
  return range
}

/**
 * A memory as the machine has it.
 * @param cut - A maximum that is too large is cut, not refused.
 * @throws {ProgramMemoryError}
 */
export function usableMemory({ min, max: declaredMax }: Limits, cut: boolean): ModuleMemory {
  const max = declaredMax ?? defaultMaxPages
  const facts = {
    Minimum: `${min} pages`,
    Maximum: `${max} pages${declaredMax === undefined ? ' (none declared)' : ''}`,
  }
  if (max > limits.pages && !cut)
    throw new ProgramMemoryError({ reason: `maximum is above ${limits.pages} pages`, facts })
  const usable = Math.min(max, limits.pages)
  if (min > usable) throw new ProgramMemoryError({ reason: 'minimum is above the maximum', facts })
  return { min, max: usable, ...(declaredMax === undefined ? {} : { declaredMax }) }
}

function readLimits(reader: WasmReader, what: 'table' | 'memory'): Limits {
  const offset = reader.at
  const flags = reader.u8()
  if (flags > 7) throw reader.malformed(`${what} has unknown flags ${hex(flags)}`, offset)
  if ((flags & 4) !== 0) throw reader.missing(`64-bit ${what}`, `${what} with flags ${hex(flags)}`, offset)
  if (flags > 1) throw reader.missing('threads', `shared ${what}`, offset)
  const min = reader.u32()
  const max = flags === 1 ? reader.u32() : undefined
  if (max !== undefined && min > max)
    throw reader.invalid('size minimum must not be greater than maximum', offset)
  return { min, max }
}
