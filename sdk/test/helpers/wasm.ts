import binaryen from 'binaryen'
import { header, leb, section, text } from './wasmBytes.ts'

export { header, leb, section, text }

/** Assembles the text form. */
export function assemble(text: string): Uint8Array<ArrayBuffer> {
  const module = binaryen.parseText(text)
  try {
    module.setFeatures(binaryen.Features.All)
    return new Uint8Array(module.emitBinary())
  } finally {
    module.dispose()
  }
}

/** Contents of the sections of a module that differ from `handMade`'s own. */
export type HandMade = {
  types?: number[]
  imports?: number[]
  functions?: number[]
  tables?: number[]
  memories?: number[]
  globals?: number[]
  exports?: number[]
  start?: number[]
  elements?: number[]
  dataCount?: number[]
  code?: number[]
  data?: number[]
}

/**
 * A module written byte by byte: one function () → () exported as "run", one memory of a page exported as
 * "memory", with any section replaced. An empty array leaves the section out.
 */
export function handMade(sections: HandMade = {}): Uint8Array<ArrayBuffer> {
  const all: [id: number, content: number[] | undefined][] = [
    [1, sections.types ?? [1, 0x60, 0, 0]],
    [2, sections.imports],
    [3, sections.functions ?? [1, 0]],
    [4, sections.tables],
    [5, sections.memories ?? [1, 0, 1]],
    [6, sections.globals],
    [7, sections.exports ?? [2, ...text('run'), 0, 0, ...text('memory'), 2, 0]],
    [8, sections.start],
    [9, sections.elements],
    [12, sections.dataCount],
    [10, sections.code ?? bodies([0x0b])],
    [11, sections.data],
  ]
  const parts = all.map(([id, content = []]) => (content.length > 0 ? section(id, content) : []))
  return Uint8Array.from([header, ...parts].flat())
}

/** A code section of functions without locals. */
export function bodies(...codes: number[][]): number[] {
  return [codes.length].concat(codes.flatMap((code) => [leb(code.length + 1), 0, code].flat()))
}
