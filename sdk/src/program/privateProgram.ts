import { PrivateProgramError } from '../errors/private.ts'
import { rewriteBodies } from './bodies.ts'
import { inspectLayout, inspectProgram } from './inspect.ts'
import { functionCount, type ProgramLayout, type Section, sectionId } from './layout.ts'
import { readLayout } from './parse.ts'
import { WasmReader } from './reader.ts'
import { skipConstant } from './segments.ts'
import { ByteWriter } from './writer.ts'

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
 * @throws {ProgramError} as `inspectProgram`
 */
export function privateProgram(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const layout = readLayout(bytes)
  const { entry, memory } = inspectLayout(bytes, layout)
  if (!layout.imports.includes('input_read')) throw new PrivateProgramError({ reason: 'it reads no input' })
  if (memory.min === 0) throw new PrivateProgramError({ reason: 'its memory begins with no page' })

  const prologue = functionCount(layout)
  const wrappers: Record<string, number> = { input_size: prologue + 1, input_read: prologue + 2 }
  const wrapperOf = (index: number) => wrappers[layout.imports[index] ?? '']
  const entryIndex = layout.exports.find(({ name }) => name === entry)!.index
  const added = [
    prologueBody(layout, layout.start ?? entryIndex),
    sizeBody(layout),
    readBody(layout.imports.indexOf('input_read')),
  ]

  const contents = new Map(layout.sections.map(({ id, start, end }) => [id, bytes.subarray(start, end)]))
  const bodies = rewriteBodies(bytes, layout, ({ kind, ...site }) => {
    const wrapper = kind === 'call' && 'index' in site ? wrapperOf(site.index) : undefined
    return wrapper === undefined ? undefined : new ByteWriter().push([0x10]).u32(wrapper).view()
  })
  if (bodies !== undefined) contents.set(sectionId.code, bodies)
  extend(contents, sectionId.type, addedTypes)
  const types = addedTypes.map((_, i) => new ByteWriter().u32(layout.types.length + i).view())
  extend(contents, sectionId.function, types)
  extend(contents, sectionId.code, added)
  contents.set(sectionId.export, exportContent(entry, layout.start === undefined ? prologue : entryIndex))
  if (layout.start !== undefined) contents.set(sectionId.start, new ByteWriter().u32(prologue).view())
  const elements = layout.sections.find(({ id }) => id === sectionId.element)
  if (elements !== undefined) contents.set(sectionId.element, elementContent(bytes, elements, wrapperOf))

  const out = new ByteWriter(bytes.length + 512).push(bytes.subarray(0, 8))
  for (const id of sectionOrder) {
    const content = contents.get(id)
    if (content !== undefined) out.section(id, content)
  }
  const made = out.take()
  // What was added may be what exceeds a limit.
  inspectProgram(made)
  return made
}

const sectionOrder = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11]

/** Adds items at the end of a section. */
function extend(
  contents: Map<number, Uint8Array>,
  id: number,
  items: readonly (readonly number[] | Uint8Array)[],
): void {
  const old = new WasmReader(contents.get(id) ?? Uint8Array.of(0))
  const content = new ByteWriter().u32(old.u32() + items.length).push(old.bytes.subarray(old.at))
  for (const item of items) content.push(item)
  contents.set(id, content.view())
}

/** Copies the random word, then goes on with what the program would have begun with. */
function prologueBody(layout: ProgramLayout, next: number): Uint8Array {
  const write = layout.imports.indexOf('output_write')
  const body = new ByteWriter()
  if (write < 0) body.push([0x00])
  else {
    body.push([0x01, 0x04, 0x7e]) // four locals, i64
    for (const i of [0, 1, 2, 3]) body.push([0x41, 0x00, 0x29, 0x03, 8 * i, 0x21, i]) // local i = memory[8 i]
    body.push([0x41, 0x00, 0x41, 0x00, 0x41, 0x00, 0x41, saltBytes, 0x10])
    body.u32(layout.imports.indexOf('input_read')).push([0x1a]) // input_read(0, 0, 0, 32), drop
    body.push([0x41, 0x00, 0x41, saltBytes, 0x10]).u32(write) // output_write(0, 32)
    for (const i of [0, 1, 2, 3]) body.push([0x41, 0x00, 0x20, i, 0x37, 0x03, 8 * i]) // memory[8 i] = local i
  }
  return sized(body.push([0x10]).u32(next).push([0x0b])) // call, end
}

/** `input_size` without the word; 0 where there is not even a word. */
function sizeBody({ imports }: ProgramLayout): Uint8Array {
  const body = new ByteWriter()
  const size = imports.indexOf('input_size')
  // Nobody calls this one.
  if (size < 0) return sized(body.push([0x00, 0x41, 0x00, 0x0b]))
  body.push([0x01, 0x01, 0x7f, 0x20, 0x00, 0x10]).u32(size) // one local, i32; input_size(local 0)
  body.push([0x22, 0x01, 0x41, saltBytes, 0x6b, 0x41, 0x00]) // local.tee 1, − 32; 0
  return sized(body.push([0x20, 0x01, 0x41, saltBytes, 0x4f, 0x1b, 0x0b])) // select by local 1 ≥ 32
}

/** `input_read` behind the word; an offset that this would carry past 2^32 stays beyond every input. */
function readBody(read: number): Uint8Array {
  const body = new ByteWriter().push([0x00, 0x20, 0x00, 0x41, 0x7f]) // local.get 0; −1
  body.push([0x20, 0x01, 0x41, saltBytes, 0x6a]) // local 1 + 32
  body.push([0x20, 0x01, 0x41, 0x5f, 0x4b, 0x1b]) // select by local 1 > −33, unsigned
  return sized(body.push([0x20, 0x02, 0x20, 0x03, 0x10]).u32(read).push([0x0b]))
}

function sized(body: ByteWriter): Uint8Array {
  return new ByteWriter().u32(body.length).push(body.view()).view()
}

function exportContent(entry: string, index: number): Uint8Array {
  const memory = new ByteWriter().u32(2).name('memory').push([0x02]).u32(0)
  return memory.name(entry).push([0x00]).u32(index).view()
}

/** The element segments, with the wrappers where they name what is wrapped. */
function elementContent(
  bytes: Uint8Array,
  { start, end }: Section,
  wrapperOf: (index: number) => number | undefined,
): Uint8Array {
  const reader = new WasmReader(bytes, start, end)
  const out = new ByteWriter(end - start)
  let copied = start
  for (let segments = reader.u32(); segments > 0; segments--) {
    const kind = reader.u32()
    if (kind === 2) reader.u32()
    if ((kind & 1) === 0) skipConstant(reader)
    if (kind !== 0) reader.u8()
    for (let left = reader.u32(); left > 0; left--) {
      const at = reader.at
      const wrapper = wrapperOf(reader.u32())
      if (wrapper === undefined) continue
      out.push(bytes.subarray(copied, at)).u32(wrapper)
      copied = reader.at
    }
  }
  return out.push(bytes.subarray(copied, end)).view()
}
