import { hexByte } from './opcodes.ts'
import { WasmReader } from './reader.ts'

export { sectionId } from '../vm/wasm/sectionIds.ts'

export const exportKinds = ['function', 'table', 'memory', 'global'] as const
export type ProgramExport = { name: string; kind: (typeof exportKinds)[number]; index: number }

/** One section: its id stands at `header`, its content from `start` to `end`. */
export type Section = { id: number; header: number; start: number; end: number }

export { pageBytes } from '../vm/wasm/memories.ts'

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
