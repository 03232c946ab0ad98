import {
  MalformedProgramError,
  NotWasmError,
  ProgramFeatureError,
  WasmVersionError,
} from '../../errors/program.ts'
import { requireMemory } from './entry.ts'
import { assayEnvironment, type Environment } from './environment.ts'
import { WasmReader } from './reader.ts'
import { sectionId } from './sectionIds.ts'
import { type Reading, readSection } from './sections.ts'
import type { WasmModule } from './types.ts'
import { type BodyVisitor, silentVisitor } from './visitor.ts'

export { entryOf } from './entry.ts'

/** Place of each section in a file, by id: the count of data segments comes before the code. */
const sectionPlace = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10]

export type ReadModuleParameters = {
  /** What the module may import and must be. */
  environment?: Environment
  /** Gives the visitor of the bodies, once all sections before the code are read. */
  visit?: (module: WasmModule) => BodyVisitor
}

/**
 * Reads and validates a whole module: WebAssembly 1.0 with sign extension, saturating truncation, multi-value,
 * memory.copy and memory.fill. Everything else is refused by name.
 *
 * Takes time and memory in proportion to the file, whatever the file says about itself.
 *
 * @throws {ProgramError}
 */
export function readModule(
  bytes: Uint8Array,
  { environment = assayEnvironment, visit = () => silentVisitor }: ReadModuleParameters = {},
): WasmModule {
  readHeader(bytes)
  const module: WasmModule = {
    bytes,
    types: [],
    importedFunctions: [],
    functions: [],
    table: undefined,
    memory: undefined,
    globals: [],
    exports: [],
    start: undefined,
    elements: [],
    data: [],
    bodies: [],
  }
  const reading: Reading = {
    module,
    environment,
    visit,
    typesByBytes: new Map(),
    announcedSegments: undefined,
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
    readSection[id]!(section, reading)
    if (!section.done) throw section.malformed(`section ${id} is longer than its content`)
  }
  const defined = module.functions.length - module.importedFunctions.length
  if (module.bodies.length !== defined)
    throw reader.malformed(`${defined} functions, ${module.bodies.length} bodies`)
  const announced = reading.announcedSegments ?? module.data.length
  if (announced !== module.data.length)
    throw reader.malformed(`${announced} data segments announced, ${module.data.length} found`)
  if (environment.programsOnly) requireMemory(module)
  return module
}

function readHeader(bytes: Uint8Array): void {
  const found = (from: number) =>
    Array.from(bytes.subarray(from, from + 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ') ||
    'nothing'
  if (found(0) !== '00 61 73 6d') throw new NotWasmError({ size: bytes.length, found: found(0) })
  if (bytes.length < 8) throw new MalformedProgramError({ offset: bytes.length, reason: 'unexpected end' })
  if (found(4) !== '01 00 00 00') throw new WasmVersionError({ found: found(4) })
}
