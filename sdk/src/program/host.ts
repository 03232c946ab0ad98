import { ProgramImportError, ProgramMemoryError } from '../errors/program.ts'
import { exportKinds, type ProgramLayout, signatureOf } from './layout.ts'
import type { WasmReader } from './reader.ts'

/** Module name of the host interface. */
export const hostModule = 'assay'

/** The host interface. Signatures are value type bytes, parameters before results. */
const hostFunctions: ReadonlyMap<string, { signature: string; text: string }> = new Map([
  ['input_size', { signature: '7f>7f', text: 'function (i32) -> (i32)' }],
  ['input_read', { signature: '7f7f7f7f>7f', text: 'function (i32 i32 i32 i32) -> (i32)' }],
  ['output_write', { signature: '7f7f>', text: 'function (i32 i32) -> ()' }],
  ['exit', { signature: '7f>', text: 'function (i32) -> ()' }],
])

/** Signature of a function, imported or own; undefined if there is no such function. */
export function signatureOfFunction(bytes: Uint8Array, layout: ProgramLayout, index: number) {
  const imported = layout.imports[index]
  if (imported !== undefined) return hostFunctions.get(imported)?.signature
  const type = layout.functions[index - layout.imports.length]
  return type === undefined ? undefined : signatureOf(bytes, layout.types[type]!)
}

/**
 * Reads one import, which must be a function of the host interface with its exact type.
 * @returns its name.
 * @throws {ProgramImportError | ProgramMemoryError | MalformedProgramError}
 */
export function readImport(reader: WasmReader, layout: ProgramLayout): string {
  const module = reader.name()
  const name = reader.name()
  const kindOffset = reader.at
  const kind = reader.u8()
  const host = module === hostModule ? hostFunctions.get(name) : undefined
  const expected = host?.text ?? `${[...hostFunctions.keys()].join(', ')} of module "${hostModule}"`
  if (kind !== 0) {
    const found = kind === 4 ? 'tag' : exportKinds[kind]
    if (found === undefined) throw reader.malformed('unknown kind of import', kindOffset)
    if (found === 'memory') throw new ProgramMemoryError({ reason: 'memory is imported' })
    throw new ProgramImportError({ module, name, found, expected })
  }
  const type = reader.u32()
  const typeOffset = layout.types[type]
  if (typeOffset === undefined) throw reader.malformed(`type index ${type} of ${layout.types.length}`)
  const signature = signatureOf(reader.bytes, typeOffset)
  if (host?.signature !== signature)
    throw new ProgramImportError({ module, name, found: signatureText(signature), expected })
  return name
}

const typeNames: Record<string, string> = { '7f': 'i32', '7e': 'i64', '7d': 'f32', '7c': 'f64' }

/** A signature as people write it. */
export function signatureText(signature: string): string {
  const [params, results] = signature
    .split('>')
    .map((list) =>
      list.length > 32 ? '…' : (list.match(/../g) ?? []).map((type) => typeNames[type]).join(' '),
    )
  return `function (${params}) -> (${results})`
}
