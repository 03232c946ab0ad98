import { MalformedProgramError } from '../errors/program.ts'
import { limits, vmVersion } from './isa.ts'
import type { ProgramImage, TableEntry } from './state.ts'
import { pageBytes } from './wasm/memories.ts'

/** Begins every encoded program: "\0AVM". */
const magic = 0x0041564d
const wordBytes = 32
const entryBytes = 12
const globalBytes = 8
/** magic, version, entry, initialPages, maxPages, and the four counts. */
const headBytes = 4 + 2 + 7 * 4

/**
 * A program as bytes, for who keeps translated programs: all integers big-endian,
 * `magic u32 ‖ version u16 ‖ entry u32 ‖ initialPages u32 ‖ maxPages u32 ‖ words u32 ‖ entries u32 ‖ globals u32 ‖
 * pages u32`, then the code, `type u32 ‖ weight u32 ‖ pc u32` of each table entry, each global as u64, and of each page
 * of memory `number u32 ‖ length u32 ‖ bytes` up to its last byte that is not zero, in order of numbers.
 */
export function encodeProgram(program: ProgramImage): Uint8Array {
  const { code, table, globals, entry, initialPages, maxPages } = program
  const pages = [...program.memory]
    .map(([number, bytes]) => ({ number, bytes: bytes.subarray(0, lengthWithoutZeros(bytes)) }))
    .sort((left, right) => left.number - right.number)
  const pagesLength = pages.reduce((sum, { bytes }) => sum + 8 + bytes.length, 0)
  const tail = table.length * entryBytes + globals.length * globalBytes + pagesLength
  const encoded = new Uint8Array(headBytes + code.length + tail)
  const view = new DataView(encoded.buffer)
  let at = 0
  const u32 = (value: number) => {
    view.setUint32(at, value)
    at += 4
  }
  u32(magic)
  view.setUint16(at, vmVersion)
  at += 2
  const counts = [code.length / wordBytes, table.length, globals.length, pages.length]
  for (const value of [entry, initialPages, maxPages, ...counts]) u32(value)
  encoded.set(code, at)
  at += code.length
  for (const { type, weight, pc } of table) for (const value of [type, weight, pc]) u32(value)
  for (const value of globals) {
    view.setBigUint64(at, value)
    at += globalBytes
  }
  for (const { number, bytes } of pages) {
    u32(number)
    u32(bytes.length)
    encoded.set(bytes, at)
    at += bytes.length
  }
  return encoded
}

/**
 * Reads an encoded program. Takes what `encodeProgram` gives and nothing else.
 * @throws {MalformedProgramError}
 */
export function decodeProgram(bytes: Uint8Array): ProgramImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  const take = (length: number) => {
    if (length > bytes.length - at) throw malformed('unexpected end', at)
    at += length
    return at - length
  }
  const u32 = () => view.getUint32(take(4))
  if (u32() !== magic) throw malformed('not an encoded program', 0)
  if (view.getUint16(take(2)) !== vmVersion) throw malformed('unknown version', 4)
  const [entry, initialPages, maxPages] = [u32(), u32(), u32()]
  const [words, entries, globalCount, pageCount] = [u32(), u32(), u32(), u32()]
  if (words > limits.codeWords || entries > limits.tableEntries || globalCount > limits.slots)
    throw malformed('more than the machine has', 18)
  const start = take(words * wordBytes)
  const code = bytes.slice(start, start + words * wordBytes)
  if (entries * entryBytes > bytes.length - at) throw malformed('unexpected end', at)
  const table = Array.from({ length: entries }, (): TableEntry => ({ type: u32(), weight: u32(), pc: u32() }))
  const globals = BigUint64Array.from({ length: globalCount }, () => view.getBigUint64(take(globalBytes)))
  const memory = new Map<number, Uint8Array>()
  let last = -1
  for (let left = pageCount; left > 0; left--) {
    const offset = at
    const number = u32()
    const length = u32()
    if (number <= last || number >= limits.pages || length > pageBytes)
      throw malformed('page of memory out of order or too large', offset)
    last = number
    const page = new Uint8Array(pageBytes)
    const from = take(length)
    page.set(bytes.subarray(from, from + length))
    if (lengthWithoutZeros(page) !== length) throw malformed('page of memory with zeros at its end', offset)
    memory.set(number, page)
  }
  if (at !== bytes.length) throw malformed('bytes after the end', at)
  return { code, table, globals, memory, initialPages, maxPages, entry }
}

function lengthWithoutZeros(bytes: Uint8Array): number {
  let length = bytes.length
  while (length > 0 && bytes[length - 1] === 0) length--
  return length
}

function malformed(reason: string, offset: number): MalformedProgramError {
  return new MalformedProgramError({ reason, offset })
}
