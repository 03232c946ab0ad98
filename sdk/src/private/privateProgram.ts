import { PrivateProgramError } from '../errors/private.ts'
import { translate } from '../vm/lower/translate.ts'
import { entryNames, entryOf } from '../vm/wasm/entry.ts'
import type { HostFunction } from '../vm/wasm/environment.ts'
import { readModule } from '../vm/wasm/module.ts'
import { WasmReader } from '../vm/wasm/reader.ts'
import { sectionId } from '../vm/wasm/sectionIds.ts'
import type { WasmModule } from '../vm/wasm/types.ts'
import { silentVisitor } from '../vm/wasm/visitor.ts'
import { ModuleWriter } from './moduleWriter.ts'

/** Bytes of the random word that the inputs and outputs of private jobs begin with. */
export const saltBytes = 32

/** Types of what is added, in this order: the prologue, `input_size`, `input_read`. */
const addedTypes = [
  [0x60, 0x00, 0x00],
  [0x60, 0x01, 0x7f, 0x01, 0x7f],
  [0x60, 0x04, 0x7f, 0x7f, 0x7f, 0x7f, 0x01, 0x7f],
]

/**
 * The same program for private jobs: the task's input and the shared one begin with a random word that it does not see, and
 * its output begins with the task's. So neither can be guessed from its root, however small it is, while the machine, its
 * proofs and whoever runs the program know nothing of it.
 *
 * What is added runs before anything else and copies the word from the input to the output through the first bytes of the
 * memory, which it puts back. Calls of `input_size` and `input_read` go through functions that leave the word out. Exports
 * that a host does not need, and custom sections, go.
 *
 * @throws {PrivateProgramError} of a program that reads no input, or begins with a memory of no page
 * @throws {ProgramError} of a module that is refused
 */
export function privateProgram(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const calls: Call[] = []
  const module = readModule(bytes, { visit: (module) => callsOfInputs(module, calls) })
  const entry = entryOf(module)
  const { start, types, exports, functions } = module
  if (importOf(module, 'input_read') < 0) throw new PrivateProgramError({ reason: 'it reads no input' })
  if (module.memory?.min === 0) throw new PrivateProgramError({ reason: 'its memory begins with no page' })

  const prologue = functions.length
  const added = [
    prologueBody(module, start ?? entry),
    sizeBody(module),
    readBody(importOf(module, 'input_read')),
  ]
  const { name } = exports.find(({ name }) => (entryNames as readonly string[]).includes(name))!
  const contents = sectionsOf(bytes)
  if (contents.has(sectionId.code)) contents.set(sectionId.code, rewrittenBodies(module, calls))
  extend(contents, sectionId.type, addedTypes)
  const addedIndices = addedTypes.map((_, i) => new ModuleWriter().u32(types.length + i).view())
  extend(contents, sectionId.function, addedIndices)
  extend(contents, sectionId.code, added)
  contents.set(sectionId.export, exportContent(name, start === undefined ? prologue : entry))
  if (start !== undefined) contents.set(sectionId.start, new ModuleWriter().u32(prologue).view())
  if (module.elements.length > 0) contents.set(sectionId.element, elementContent(module))

  const out = new ModuleWriter(bytes.length + 512).push(bytes.subarray(0, 8))
  for (const id of sectionOrder) {
    const content = contents.get(id)
    if (content !== undefined) out.section(id, content)
  }
  const made = out.take()
  // What was added may be what exceeds a limit.
  translate(made)
  return made
}

/** A call that goes to another function instead. */
type Call = { functionIndex: number; offset: number; wrapper: number }

/** The import of a host function; −1 where there is none. */
function importOf({ importedFunctions }: WasmModule, host: HostFunction): number {
  return importedFunctions.findIndex((imported) => imported.host === host)
}

/** What stands in place of an imported function. */
function wrapperOf({ importedFunctions, functions }: WasmModule, index: number): number | undefined {
  const host = importedFunctions[index]?.host
  if (host === 'input_size') return functions.length + 1
  return host === 'input_read' ? functions.length + 2 : undefined
}

/** Notes the calls that have to go through wrappers. What cannot be reached is left as it is. */
function callsOfInputs(module: WasmModule, calls: Call[]) {
  let functionIndex = 0
  let offset = 0
  return {
    ...silentVisitor,
    begin: (index: number) => {
      functionIndex = index
    },
    next: (at: number) => {
      offset = at
    },
    call: (index: number) => {
      const wrapper = wrapperOf(module, index)
      if (wrapper !== undefined) calls.push({ functionIndex, offset, wrapper })
    },
  }
}

/** Contents of the sections, without the custom ones. */
function sectionsOf(bytes: Uint8Array): Map<number, Uint8Array> {
  const contents = new Map<number, Uint8Array>()
  const reader = new WasmReader(bytes, 8)
  while (!reader.done) {
    const id = reader.u8()
    const { at, end } = reader.part(reader.u32())
    if (id !== sectionId.custom) contents.set(id, bytes.subarray(at, end))
  }
  return contents
}

/** The code section with other callees. */
function rewrittenBodies(
  { bytes, bodies, importedFunctions }: WasmModule,
  calls: readonly Call[],
): Uint8Array {
  const out = new ModuleWriter(bytes.length).u32(bodies.length)
  let next = 0
  for (const [i, { start, end }] of bodies.entries()) {
    const body = new ModuleWriter(end - start + 16)
    let from = start
    for (; calls[next]?.functionIndex === importedFunctions.length + i; next++) {
      const { offset, wrapper } = calls[next]!
      body.push(bytes.subarray(from, offset + 1)).u32(wrapper)
      const index = new WasmReader(bytes, offset + 1)
      index.u32()
      from = index.at
    }
    body.push(bytes.subarray(from, end))
    out.u32(body.length).push(body.view())
  }
  return out.view()
}

const sectionOrder = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11]

/** Adds items at the end of a section. */
function extend(
  contents: Map<number, Uint8Array>,
  id: number,
  items: readonly (readonly number[] | Uint8Array)[],
): void {
  const old = new WasmReader(contents.get(id) ?? Uint8Array.of(0))
  const content = new ModuleWriter().u32(old.u32() + items.length).push(old.bytes.subarray(old.at))
  for (const item of items) content.push(item)
  contents.set(id, content.view())
}

/** Copies the random word, then goes on with what the program would have begun with. */
function prologueBody(module: WasmModule, next: number): Uint8Array {
  const write = importOf(module, 'output_write')
  const body = new ModuleWriter()
  if (write < 0) body.push([0x00])
  else {
    body.push([0x01, 0x04, 0x7e]) // four locals, i64
    for (const i of [0, 1, 2, 3]) body.push([0x41, 0x00, 0x29, 0x03, 8 * i, 0x21, i]) // local i = memory[8 i]
    body.push([0x41, 0x00, 0x41, 0x00, 0x41, 0x00, 0x41, saltBytes, 0x10])
    body.u32(importOf(module, 'input_read')).push([0x1a]) // input_read(0, 0, 0, 32), drop
    body.push([0x41, 0x00, 0x41, saltBytes, 0x10]).u32(write) // output_write(0, 32)
    for (const i of [0, 1, 2, 3]) body.push([0x41, 0x00, 0x20, i, 0x37, 0x03, 8 * i]) // memory[8 i] = local i
  }
  return sized(body.push([0x10]).u32(next).push([0x0b])) // call, end
}

/** `input_size` without the word; 0 where there is not even a word. */
function sizeBody(module: WasmModule): Uint8Array {
  const body = new ModuleWriter()
  const size = importOf(module, 'input_size')
  // Nobody calls this one.
  if (size < 0) return sized(body.push([0x00, 0x41, 0x00, 0x0b]))
  body.push([0x01, 0x01, 0x7f, 0x20, 0x00, 0x10]).u32(size) // one local, i32; input_size(local 0)
  body.push([0x22, 0x01, 0x41, saltBytes, 0x6b, 0x41, 0x00]) // local.tee 1, − 32; 0
  return sized(body.push([0x20, 0x01, 0x41, saltBytes, 0x4f, 0x1b, 0x0b])) // select by local 1 ≥ 32
}

/** `input_read` behind the word; an offset that this would carry past 2^32 stays beyond every input. */
function readBody(read: number): Uint8Array {
  const body = new ModuleWriter().push([0x00, 0x20, 0x00, 0x41, 0x7f]) // local.get 0; −1
  body.push([0x20, 0x01, 0x41, saltBytes, 0x6a]) // local 1 + 32
  body.push([0x20, 0x01, 0x41, 0x5f, 0x4b, 0x1b]) // select by local 1 > −33, unsigned
  return sized(body.push([0x20, 0x02, 0x20, 0x03, 0x10]).u32(read).push([0x0b]))
}

function sized(body: ModuleWriter): Uint8Array {
  return new ModuleWriter().u32(body.length).push(body.view()).view()
}

function exportContent(entry: string, index: number): Uint8Array {
  const memory = new ModuleWriter().u32(2).name('memory').push([0x02]).u32(0)
  return memory.name(entry).push([0x00]).u32(index).view()
}

/** The element segments, with the wrappers where they name what is wrapped. */
function elementContent(module: WasmModule): Uint8Array {
  const out = new ModuleWriter(1_024).u32(module.elements.length)
  for (const { first, functions } of module.elements) {
    out.push([0x00, 0x41]).s32(first).push([0x0b]).u32(functions.length)
    for (const index of functions) out.u32(wrapperOf(module, index) ?? index)
  }
  return out.view()
}
