import { ProgramFeatureError, ProgramLimitError, ProgramMemoryError } from '../errors/program.ts'
import { readImport, signatureOfFunction } from './host.ts'
import {
  exportKinds,
  functionCount,
  indexSpaces,
  type ProgramExport,
  type ProgramLayout,
  sectionId,
} from './layout.ts'
import { hexByte } from './opcodes.ts'
import type { WasmReader } from './reader.ts'
import { readData, readElements, skipConstant } from './segments.ts'
import { maxBodyBytes, readValueType, walkBody } from './walk.ts'

/** V8's own limits where it has one, so that no list grows beyond what could run. */
const limits = {
  types: 1_000_000,
  functions: 1_000_000,
  globals: 1_000_000,
  imports: 1_000,
  exports: 10_000,
  'values of a type': 1_000,
}

type SectionReader = (reader: WasmReader, layout: ProgramLayout) => void

/** Reads the content of each section into the layout. */
export const readSection: Record<number, SectionReader> = {
  [sectionId.type]: readTypes,
  [sectionId.import]: (reader, layout) => {
    for (let left = count(reader, 'imports', 4); left > 0; left--)
      layout.imports.push(readImport(reader, layout))
  },
  [sectionId.function]: readFunctions,
  [sectionId.table]: readTable,
  [sectionId.memory]: readMemory,
  [sectionId.global]: readGlobals,
  [sectionId.export]: readExports,
  [sectionId.start]: readStart,
  [sectionId.element]: (reader, layout) => {
    for (let left = reader.count(2); left > 0; left--) readElements(reader, layout)
  },
  [sectionId.dataCount]: (reader, layout) => {
    layout.announcedSegments = reader.u32()
  },
  [sectionId.code]: readCode,
  [sectionId.data]: (reader, layout) => {
    layout.dataSegments = reader.count(2)
    for (let left = layout.dataSegments; left > 0; left--) readData(reader, layout)
  },
}

function count(reader: WasmReader, what: keyof typeof limits, each = 1): number {
  const value = reader.count(each)
  if (value > limits[what]) throw new ProgramLimitError({ what, value, limit: limits[what] })
  return value
}

function readTypes(reader: WasmReader, layout: ProgramLayout): void {
  for (let left = count(reader, 'types', 3); left > 0; left--) {
    const offset = reader.at
    const form = reader.u8()
    if (form !== 0x60) {
      const found = `type of form 0x${hexByte(form)}`
      throw new ProgramFeatureError({ feature: 'garbage collection', offset, found })
    }
    layout.types.push(reader.at)
    for (let params = count(reader, 'values of a type'); params > 0; params--) readValueType(reader)
    for (let results = count(reader, 'values of a type'); results > 0; results--) readValueType(reader)
  }
}

function readFunctions(reader: WasmReader, layout: ProgramLayout): void {
  for (let left = count(reader, 'functions'); left > 0; left--) {
    const offset = reader.at
    const type = reader.u32()
    if (type >= layout.types.length)
      throw reader.malformed(`type index ${type} of ${layout.types.length}`, offset)
    layout.functions.push(type)
  }
}

function readTable(reader: WasmReader, layout: ProgramLayout): void {
  const offset = reader.at
  const tables = reader.count(3)
  if (tables > 1)
    throw new ProgramFeatureError({ feature: 'several tables', offset, found: `${tables} tables` })
  if (tables === 0) return
  const typeOffset = reader.at
  const type = reader.u8()
  if (type !== 0x70) {
    const feature = type === 0x40 ? 'typed function references' : 'reference types'
    throw new ProgramFeatureError({ feature, offset: typeOffset, found: `table of 0x${hexByte(type)}` })
  }
  const flagsOffset = reader.at
  const flags = reader.u8()
  if (flags > 1) {
    const feature = (flags & 4) !== 0 ? '64-bit tables' : 'threads'
    throw new ProgramFeatureError({
      feature,
      offset: flagsOffset,
      found: `table with flags 0x${hexByte(flags)}`,
    })
  }
  const min = reader.u32()
  layout.table = { min }
  if (flags === 1 && reader.u32() < min) throw reader.malformed('table maximum below minimum', flagsOffset)
}

function readMemory(reader: WasmReader, layout: ProgramLayout): void {
  const memories = reader.count(2)
  if (memories > 1) throw new ProgramMemoryError({ reason: `${memories} memories` })
  if (memories === 0) return
  const flags = reader.u8()
  if (flags === 2 || flags === 3) throw new ProgramMemoryError({ reason: 'memory is shared' })
  if (flags >= 4 && flags <= 7) throw new ProgramMemoryError({ reason: 'memory has 64-bit addresses' })
  if (flags > 1) throw new ProgramMemoryError({ reason: `memory has unknown flags 0x${hexByte(flags)}` })
  const min = reader.u32()
  layout.memory = { min, declaredMax: flags === 1 ? reader.u32() : undefined }
}

function readGlobals(reader: WasmReader, layout: ProgramLayout): void {
  layout.globals = count(reader, 'globals', 5)
  for (let left = layout.globals; left > 0; left--) {
    readValueType(reader)
    const offset = reader.at
    if (reader.u8() > 1) throw reader.malformed('mutability is neither 0 nor 1', offset)
    skipConstant(reader)
  }
}

function readExports(reader: WasmReader, layout: ProgramLayout): void {
  const names = new Set<string>()
  for (let left = count(reader, 'exports', 3); left > 0; left--) {
    const offset = reader.at
    const name = reader.name()
    if (names.has(name)) throw reader.malformed('two exports have the same name', offset)
    names.add(name)
    const kindOffset = reader.at
    const kind = exportKinds[reader.u8()]
    if (kind === undefined) throw reader.malformed('unknown kind of export', kindOffset)
    const index = reader.u32()
    if (index >= sizeOf(kind, layout)) throw reader.malformed(`exports ${kind} ${index}`, kindOffset)
    layout.exports.push({ name, kind, index })
  }
}

function sizeOf(kind: ProgramExport['kind'], layout: ProgramLayout): number {
  if (kind === 'function') return functionCount(layout)
  if (kind === 'global') return layout.globals
  return layout[kind] === undefined ? 0 : 1
}

function readStart(reader: WasmReader, layout: ProgramLayout): void {
  const offset = reader.at
  const index = reader.u32()
  if (signatureOfFunction(reader.bytes, layout, index) !== '>')
    throw reader.malformed('start is not a function without parameters and results', offset)
  layout.start = index
}

function readCode(reader: WasmReader, layout: ProgramLayout): void {
  const bodies = reader.count(2)
  if (bodies !== layout.functions.length)
    throw reader.malformed(`${layout.functions.length} functions, ${bodies} bodies`)
  const spaces = indexSpaces(layout)
  for (; layout.bodies < bodies; layout.bodies++) {
    const size = reader.u32()
    if (size > maxBodyBytes)
      throw new ProgramLimitError({ what: 'bytes of a function', value: size, limit: maxBodyBytes })
    walkBody(reader.part(size), layout.imports.length + layout.bodies, spaces)
  }
}
