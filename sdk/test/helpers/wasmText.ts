import { form, forms, names, namesAfterFc, widthExponents } from '../../src/vm/wasm/opcodes.ts'
import { type ValueTypeName, valueType } from '../../src/vm/wasm/types.ts'
import { handMade } from './wasm.ts'
import { leb, littleEndian, signedLeb, text } from './wasmBytes.ts'

function blockType(words: readonly string[]): number[] {
  if (words.length === 0) return [0x40]
  if (words[0] === 'type') return signedLeb(BigInt(words[1]!))
  return [valueType[words[0] as ValueTypeName]]
}

function immediates(code: number, words: readonly string[]): number[] {
  const indices = words.map(Number)
  switch (forms[code]) {
    case form.block:
      return blockType(words)
    case form.br:
    case form.brIf:
    case form.call:
    case form.localGet:
    case form.localSet:
    case form.localTee:
    case form.globalGet:
    case form.globalSet:
      return leb(indices[0]!)
    case form.brTable:
      return [...leb(indices.length - 1), ...indices.flatMap(leb)]
    case form.callIndirect:
      return [...leb(indices[0]!), 0]
    case form.load:
    case form.store:
      return [widthExponents[code]!, ...leb(indices[0] ?? 0)]
    case form.memorySize:
    case form.memoryGrow:
      return [0]
    case form.i32Const:
    case form.i64Const:
      return signedLeb(BigInt(words[0]!))
    case form.f32Const:
      return littleEndian(BigInt(words[0]!), 4)
    case form.f64Const:
      return littleEndian(BigInt(words[0]!), 8)
    default:
      return []
  }
}

/**
 * Bytes of instructions written one after the other with semicolons between them, nothing folded:
 * `local.get 0; i32.const 7; i32.add`. Floats are given by their bits; a block type is a type's name or `type 3`.
 */
export function encode(code: string): number[] {
  return code
    .split(';')
    .map((line) => line.trim().split(/\s+/))
    .filter(([name]) => name !== '')
    .flatMap(([name = '', ...words]) => {
      const opcode = names.indexOf(name)
      if (opcode >= 0) return [opcode, ...immediates(opcode, words)]
      const second = namesAfterFc.indexOf(name)
      if (second < 0) throw new TypeError(`no instruction is named ${name}`)
      return [0xfc, second, ...(name === 'memory.copy' ? [0, 0] : name === 'memory.fill' ? [0] : [])]
    })
}

const typeBytes = (list: string) =>
  list
    .split(' ')
    .filter((name) => name !== '')
    .map((name) => valueType[name as ValueTypeName])

const types = (list: string) => {
  const all = typeBytes(list)
  return [...leb(all.length), ...all]
}

/** A function: `i32 i32 -> i32`, its further locals, and its code without the last `end`. */
export type TextFunction = { type: string; locals?: string; code: string }

export type TextModule = {
  /** The first is at function index 0 (behind the imports); "run", which does nothing, stands behind the last. */
  functions: readonly TextFunction[]
  /** Further types, behind those of the functions. */
  types?: readonly string[]
  /** Names of host functions with their types. */
  imports?: readonly (readonly [name: string, type: string])[]
  /** Function indices from place 0 on. */
  table?: readonly number[]
  /** Types and initial constants; all can change. */
  globals?: readonly (readonly [type: string, constant: string])[]
  /** Further exports of functions. */
  exports?: readonly (readonly [name: string, index: number])[]
  start?: number
  data?: readonly (readonly [offset: number, bytes: readonly number[]])[]
  /** What "run" does. */
  run?: string
}

/** A program of functions given as text. Types: that of "run" is 0, then imports, functions, others. */
export function textModule(module: TextModule): Uint8Array<ArrayBuffer> {
  const { functions, imports = [], table = [], globals = [], exports = [], data = [] } = module
  const all = [...functions, { type: '->', code: module.run ?? '' } satisfies TextFunction]
  const signatures = ['->', ...imports.map(([, type]) => type), ...functions.map(({ type }) => type)].concat(
    module.types ?? [],
  )
  const bodies = all.map(({ locals = '', code }: TextFunction) => {
    const groups = typeBytes(locals)
    const body = [...leb(groups.length), ...groups.flatMap((type) => [1, type]), ...encode(code), 0x0b]
    return [...leb(body.length), ...body]
  })
  const run = imports.length + functions.length
  const exported: [name: string, kind: number, index: number][] = [
    ['run', 0, run],
    ['memory', 2, 0],
    ...exports.map(([name, index]): [string, number, number] => [name, 0, index]),
  ]
  return handMade({
    types: [
      ...leb(signatures.length),
      ...signatures.flatMap((signature) => {
        const [params = '', results = ''] = signature.split('->')
        return [0x60, ...types(params), ...types(results)]
      }),
    ],
    ...(imports.length === 0
      ? {}
      : {
          imports: [
            ...leb(imports.length),
            ...imports.flatMap(([name], i) => [...text('assay'), ...text(name), 0, ...leb(1 + i)]),
          ],
        }),
    functions: [...leb(all.length), ...functions.flatMap((_, i) => leb(1 + imports.length + i)), 0],
    ...(table.length === 0
      ? {}
      : {
          tables: [1, 0x70, 0, ...leb(table.length)],
          elements: [1, 0, 0x41, 0, 0x0b, ...leb(table.length), ...table.flatMap(leb)],
        }),
    ...(globals.length === 0
      ? {}
      : {
          globals: [
            ...leb(globals.length),
            ...globals.flatMap(([type, constant]) => [
              valueType[type as ValueTypeName],
              1,
              ...encode(`${type}.const ${constant}`),
              0x0b,
            ]),
          ],
        }),
    exports: [
      ...leb(exported.length),
      ...exported.flatMap(([name, kind, index]) => [...text(name), kind, ...leb(index)]),
    ],
    ...(module.start === undefined ? {} : { start: leb(module.start) }),
    code: [...leb(bodies.length), ...bodies.flat()],
    ...(data.length === 0
      ? {}
      : {
          data: [
            ...leb(data.length),
            ...data.flatMap(([offset, bytes]) => [
              0,
              0x41,
              ...signedLeb(BigInt(offset)),
              0x0b,
              ...leb(bytes.length),
              ...bytes,
            ]),
          ],
        }),
  })
}
