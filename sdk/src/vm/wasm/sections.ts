import { ProgramLimitError, ProgramMemoryError } from '../../errors/program.ts'
import { BodyValidator } from './body.ts'
import { readConstant } from './constants.ts'
import type { Environment } from './environment.ts'
import { hex, readValueType } from './immediates.ts'
import { readImport, readMutability } from './imports.ts'
import { bodyBytesOfManyParams, manyParams, maxBodyBytes, moduleLimits } from './limits.ts'
import { readMemoryType, readTableType, usableMemory } from './memories.ts'
import type { WasmReader } from './reader.ts'
import { sectionId } from './sectionIds.ts'
import { readData, readElements } from './segments.ts'
import { type ExportKind, exportKinds, type FunctionType, type WasmModule } from './types.ts'
import type { BodyVisitor } from './visitor.ts'

/** A module that is being read. */
export type Reading = {
  readonly module: WasmModule
  readonly environment: Environment
  /** Asked once the sections before the code are known. */
  readonly visit: (module: WasmModule) => BodyVisitor
  /** Types by their bytes. */
  readonly typesByBytes: Map<string, FunctionType>
  /** As the data count section announces it. */
  announcedSegments: number | undefined
}

type SectionReader = (reader: WasmReader, reading: Reading) => void

/** Reads the content of each section into the module. */
export const readSection: Readonly<Record<number, SectionReader>> = {
  [sectionId.type]: readTypes,
  [sectionId.import]: (reader, { module, environment }) => {
    for (let left = count(reader, 'imports', 4); left > 0; left--) readImport(reader, module, environment)
  },
  [sectionId.function]: readFunctions,
  [sectionId.table]: (reader, { module }) => {
    const offset = reader.at
    for (let left = reader.count(3); left > 0; left--) {
      const { min } = readTableType(reader)
      if (module.table !== undefined) throw reader.missing('several tables', 'second table', offset)
      module.table = { min }
    }
  },
  [sectionId.memory]: (reader, { module, environment }) => {
    for (let left = reader.count(2); left > 0; left--) {
      const declared = readMemoryType(reader)
      if (module.memory !== undefined) throw new ProgramMemoryError({ reason: 'two memories' })
      module.memory = usableMemory(declared, !environment.programsOnly)
    }
  },
  [sectionId.global]: (reader, { module }) => {
    const total = module.globals.length + reader.count(3)
    if (total > moduleLimits.globals) throw exceeds('globals', total)
    while (module.globals.length < total) {
      const type = readValueType(reader)
      const mutable = readMutability(reader)
      const value = readConstant(reader, type, module)
      module.globals.push({ type, mutable, value, imported: false })
    }
  },
  [sectionId.export]: readExports,
  [sectionId.start]: (reader, { module }) => {
    const offset = reader.at
    const index = reader.u32()
    const type = module.functions[index]
    if (type === undefined) throw reader.invalid(`unknown function ${index}`, offset)
    if (type.params.length + type.results.length > 0)
      throw reader.invalid('start is not a function without parameters and results', offset)
    module.start = index
  },
  [sectionId.element]: (reader, { module }) => {
    for (let left = count(reader, 'element segments', 2); left > 0; left--) readElements(reader, module)
  },
  [sectionId.dataCount]: (reader, reading) => {
    reading.announcedSegments = reader.u32()
  },
  [sectionId.code]: readCode,
  [sectionId.data]: (reader, { module }) => {
    for (let left = count(reader, 'data segments', 2); left > 0; left--) readData(reader, module)
  },
}

function exceeds(what: keyof typeof moduleLimits, value: number): ProgramLimitError {
  return new ProgramLimitError({ what, value, limit: moduleLimits[what] })
}

function count(reader: WasmReader, what: keyof typeof moduleLimits, each = 1): number {
  const value = reader.count(each)
  if (value > moduleLimits[what]) throw exceeds(what, value)
  return value
}

function readTypes(reader: WasmReader, { module, typesByBytes }: Reading): void {
  for (let left = count(reader, 'types', 3); left > 0; left--) {
    const offset = reader.at
    const form = reader.u8()
    if (form !== 0x60) throw reader.missing('garbage collection', `type of form ${hex(form)}`, offset)
    const params = readValueTypes(reader)
    const results = readValueTypes(reader)
    const key = `${String.fromCharCode(...params)}>${String.fromCharCode(...results)}`
    let type = typesByBytes.get(key)
    if (type === undefined) {
      type = { params, results, number: typesByBytes.size + 1 }
      typesByBytes.set(key, type)
    }
    module.types.push(type)
  }
}

function readValueTypes(reader: WasmReader): Uint8Array {
  const length = count(reader, 'values of a type')
  const start = reader.at
  for (let i = 0; i < length; i++) readValueType(reader)
  return reader.bytes.subarray(start, start + length)
}

function readFunctions(reader: WasmReader, { module }: Reading): void {
  for (let left = count(reader, 'functions'); left > 0; left--) {
    const offset = reader.at
    const index = reader.u32()
    const type = module.types[index]
    if (type === undefined) throw reader.invalid(`unknown type ${index} of ${module.types.length}`, offset)
    module.functions.push(type)
  }
}

function readExports(reader: WasmReader, { module }: Reading): void {
  const seen = new Set<string>()
  for (let left = count(reader, 'exports', 3); left > 0; left--) {
    const offset = reader.at
    const name = reader.name()
    if (seen.has(name)) throw reader.invalid('duplicate export name', offset)
    seen.add(name)
    const kindOffset = reader.at
    const code = reader.u8()
    const kind = exportKinds[code]
    if (kind === undefined && code === 4) throw reader.missing('exceptions', 'exported tag', kindOffset)
    if (kind === undefined) throw reader.malformed(`unknown kind of export ${hex(code)}`, kindOffset)
    const index = reader.u32()
    if (index >= sizeOf(kind, module)) throw reader.invalid(`unknown ${kind} ${index}`, kindOffset)
    module.exports.push({ name, kind, index })
  }
}

function sizeOf(kind: ExportKind, module: WasmModule): number {
  if (kind === 'function') return module.functions.length
  if (kind === 'global') return module.globals.length
  return module[kind] === undefined ? 0 : 1
}

function readCode(reader: WasmReader, { module, visit }: Reading): void {
  const bodies = reader.count(2)
  const imported = module.importedFunctions.length
  if (bodies !== module.functions.length - imported)
    throw reader.malformed(`${module.functions.length - imported} functions, ${bodies} bodies`)
  const validator = new BodyValidator(module, visit(module))
  for (let i = 0; i < bodies; i++) {
    const size = reader.u32()
    const functionIndex = imported + i
    const hasManyParams = module.functions[functionIndex]!.params.length > manyParams
    const limit = hasManyParams ? bodyBytesOfManyParams : maxBodyBytes
    if (size > limit) {
      const what = hasManyParams
        ? `bytes of a function with more than ${manyParams} parameters`
        : 'bytes of a function'
      throw new ProgramLimitError({ what, value: size, limit, functionIndex })
    }
    const start = reader.at
    reader.skip(size)
    validator.read(functionIndex, start, reader.at)
    module.bodies.push({ start, end: reader.at })
  }
}
