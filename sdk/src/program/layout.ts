import { hexByte } from './opcodes.ts'
import { WasmReader } from './reader.ts'

export const sectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const

export const exportKinds = ['function', 'table', 'memory', 'global'] as const
export type ProgramExport = { name: string; kind: (typeof exportKinds)[number]; index: number }

/** One section: its id stands at `header`, its content from `start` to `end`. */
export type Section = { id: number; header: number; start: number; end: number }

/** Bytes of a page of memory, the unit that WebAssembly counts memory in. */
export const pageBytes = 65_536

/** What a module consists of, as far as Assay must know it: counts, indices, file offsets, 64 KiB pages. */
export type ProgramLayout = {
  sections: Section[]
  /** Where each function type begins, after its form byte. */
  types: number[]
  /** Names of the imported host functions, in order; one may stand twice. */
  imports: string[]
  /** Type of each function that the module defines. */
  functions: number[]
  bodies: number
  table: { min: number } | undefined
  memory: { min: number; declaredMax: number | undefined } | undefined
  globals: number
  exports: ProgramExport[]
  start: number | undefined
  /** As the data count section announces it. */
  announcedSegments: number | undefined
  dataSegments: number
}

/** Parameters and results of a type as their bytes in hex: `7f7f>7f`. */
export function signatureOf(bytes: Uint8Array, typeOffset: number): string {
  const reader = new WasmReader(bytes, typeOffset)
  const list = () => {
    let text = ''
    for (let left = reader.count(); left > 0; left--) text += hexByte(reader.u8())
    return text
  }
  return `${list()}>${list()}`
}

export function functionCount(layout: ProgramLayout): number {
  return layout.imports.length + layout.functions.length
}

/** Counts that instructions may refer to. */
export function indexSpaces(layout: ProgramLayout) {
  return {
    types: layout.types.length,
    functions: functionCount(layout),
    globals: layout.globals,
    tables: layout.table === undefined ? 0 : 1,
  }
}
