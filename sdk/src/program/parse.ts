import {
  MalformedProgramError,
  NotWasmError,
  ProgramFeatureError,
  WasmVersionError,
} from '../errors/program.ts'
import { type ProgramLayout, sectionId } from './layout.ts'
import { hexByte } from './opcodes.ts'
import { WasmReader } from './reader.ts'
import { readSection } from './sections.ts'

/** Place of each section in a file, by id: the count of data segments comes before the code. */
const sectionPlace = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10]

/**
 * Reads a whole module, each instruction included. Takes time and memory in proportion to the file, whatever
 * the file says about itself.
 * @throws {ProgramError}
 */
export function readLayout(bytes: Uint8Array): ProgramLayout {
  readHeader(bytes)
  const layout: ProgramLayout = {
    sections: [],
    types: [],
    imports: [],
    functions: [],
    bodies: 0,
    table: undefined,
    memory: undefined,
    globals: 0,
    exports: [],
    start: undefined,
    announcedSegments: undefined,
    dataSegments: 0,
  }
  const reader = new WasmReader(bytes, 8)
  let lastPlace = 0
  while (!reader.done) {
    const offset = reader.at
    const id = reader.u8()
    if (id === 13) throw new ProgramFeatureError({ feature: 'exceptions', offset, found: 'tag section' })
    const place = sectionPlace[id]
    if (place === undefined) throw reader.malformed(`unknown section ${id}`, offset)
    const section = reader.part(reader.u32())
    if (id === sectionId.custom) {
      section.name()
      continue
    }
    if (place <= lastPlace) throw reader.malformed(`section ${id} stands twice or out of order`, offset)
    lastPlace = place
    layout.sections.push({ id, header: offset, start: section.at, end: section.end })
    readSection[id]!(section, layout)
    if (!section.done) throw section.malformed(`section ${id} is longer than its content`)
  }
  if (layout.bodies !== layout.functions.length)
    throw reader.malformed(`${layout.functions.length} functions, ${layout.bodies} bodies`)
  const announced = layout.announcedSegments ?? layout.dataSegments
  if (announced !== layout.dataSegments)
    throw reader.malformed(`${announced} data segments announced, ${layout.dataSegments} found`)
  return layout
}

function readHeader(bytes: Uint8Array): void {
  const found = (from: number) => Array.from(bytes.subarray(from, from + 4), hexByte).join(' ') || 'nothing'
  if (found(0) !== '00 61 73 6d') throw new NotWasmError({ size: bytes.length, found: found(0) })
  if (bytes.length < 8) throw new MalformedProgramError({ offset: bytes.length, reason: 'unexpected end' })
  if (found(4) !== '01 00 00 00') throw new WasmVersionError({ found: found(4) })
}
