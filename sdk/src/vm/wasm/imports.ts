import { ProgramImportError, ProgramMemoryError } from '../../errors/program.ts'
import type { Environment, ImportDefinition } from './environment.ts'
import { hex, readValueType } from './immediates.ts'
import { readMemoryType, readTableType } from './memories.ts'
import type { WasmReader } from './reader.ts'
import {
  exportKinds,
  type Signature,
  sameTypes,
  signatureText,
  typeName,
  type ValueTypeName,
  valueType,
  type WasmModule,
} from './types.ts'

/** Reads one import and binds it to its definition. */
export function readImport(reader: WasmReader, module: WasmModule, environment: Environment): void {
  const from = reader.name()
  const name = reader.name()
  const kindOffset = reader.at
  const code = reader.u8()
  const kind = exportKinds[code]
  if (kind === undefined) {
    if (code === 4) throw reader.missing('exceptions', 'imported tag', kindOffset)
    throw reader.malformed(`unknown kind of import ${hex(code)}`, kindOffset)
  }
  const definition = define(environment, from, name)
  const refused = (found: string) => {
    const expected = definition === undefined ? offered(environment) : describe(definition)
    return new ProgramImportError({ module: from, name, found, expected })
  }
  switch (kind) {
    case 'function': {
      const offset = reader.at
      const index = reader.u32()
      const type = module.types[index]
      if (type === undefined) throw reader.invalid(`unknown type ${index} of ${module.types.length}`, offset)
      if (definition?.kind !== 'function' || !sameSignature(definedType(definition), type))
        throw refused(signatureText(type))
      module.importedFunctions.push({ module: from, name, type, host: definition.host })
      module.functions.push(type)
      return
    }
    case 'global': {
      const type = readValueType(reader)
      const mutable = readMutability(reader)
      if (
        definition?.kind !== 'global' ||
        valueType[definition.type] !== type ||
        definition.mutable !== mutable
      )
        throw refused(`${mutable ? 'variable' : 'constant'} global of ${typeName(type)}`)
      module.globals.push({ type, mutable, value: definition.value, imported: true })
      return
    }
    case 'table': {
      const limits = readTableType(reader)
      if (module.table !== undefined) throw reader.missing('several tables', 'second table', kindOffset)
      if (definition?.kind !== 'table' || !fits(definition, limits)) throw refused('table')
      module.table = { min: definition.min }
      return
    }
    case 'memory': {
      const limits = readMemoryType(reader)
      if (module.memory !== undefined) throw new ProgramMemoryError({ reason: 'two memories' })
      if (environment.programsOnly) throw new ProgramMemoryError({ reason: 'memory is imported' })
      if (definition?.kind !== 'memory' || !fits(definition, limits)) throw refused('memory')
      const { min, max } = definition
      module.memory = { min, max: max ?? min, ...(max === undefined ? {} : { declaredMax: max }) }
    }
  }
}

/** The byte that says whether a global changes. */
export function readMutability(reader: WasmReader): boolean {
  const offset = reader.at
  const code = reader.u8()
  if (code > 1) throw reader.malformed('malformed mutability, neither 0 nor 1', offset)
  return code === 1
}

function define({ imports }: Environment, module: string, name: string): ImportDefinition | undefined {
  if (!Object.hasOwn(imports, module)) return undefined
  const found = imports[module]!
  return Object.hasOwn(found, name) ? found[name] : undefined
}

function sameSignature(left: Signature, right: Signature): boolean {
  return sameTypes(left.params, right.params) && sameTypes(left.results, right.results)
}

type Range = { readonly min: number; readonly max?: number | undefined }

function fits(definition: Range, asked: Range): boolean {
  if (definition.min < asked.min) return false
  return asked.max === undefined || (definition.max !== undefined && definition.max <= asked.max)
}

function definedType({
  params,
  results,
}: {
  params: readonly ValueTypeName[]
  results: readonly ValueTypeName[]
}) {
  const bytes = (names: readonly ValueTypeName[]) => Uint8Array.from(names, (name) => valueType[name])
  return { params: bytes(params), results: bytes(results) }
}

function describe(definition: ImportDefinition): string {
  if (definition.kind === 'function') return signatureText(definedType(definition))
  if (definition.kind === 'global')
    return `${definition.mutable ? 'variable' : 'constant'} global of ${definition.type}`
  return `${definition.kind} of ${definition.min} to ${definition.max ?? 'any'}`
}

function offered({ imports }: Environment): string {
  return Object.entries(imports)
    .map(([module, members]) => `${Object.keys(members).join(', ')} of module "${module}"`)
    .join('; ')
}
