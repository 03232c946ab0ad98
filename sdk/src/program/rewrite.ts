import { growFailedGlobal, growGuardBody, growGuardType, guardedBodies } from './growGuard.ts'
import { inspectLayout, type ProgramInfo } from './inspect.ts'
import { type ProgramLayout, sectionId } from './layout.ts'
import { readLayout } from './parse.ts'
import { WasmReader } from './reader.ts'
import { ByteWriter } from './writer.ts'

/** Names under which a prepared module exports what its host needs, and nothing else. */
export const preparedExports = {
  memory: 'memory',
  entry: 'entry',
  /** The start function, where the program has one: to be called first. */
  start: 'start',
  /** A global that is 1 after the engine failed to grow the memory though it should have. */
  growFailed: 'growFailed',
} as const

/** A module ready for a WebAssembly engine, and what was read off the program. */
export type PreparedProgram = { bytes: Uint8Array<ArrayBuffer>; info: ProgramInfo }

/**
 * Rewrites a program's memory so that it declares the maximum that holds for it: an engine then refuses to grow
 * further by itself. Everything else stays, byte by byte.
 * @throws {ProgramError} as `inspectProgram`.
 */
export function withMemoryMaximum(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const layout = readLayout(bytes)
  const { memory } = inspectLayout(bytes, layout)
  const old = layout.sections.find(({ id }) => id === sectionId.memory)!
  return new ByteWriter(bytes.length + 16)
    .push(bytes.subarray(0, old.header))
    .section(sectionId.memory, memoryContent(memory))
    .push(bytes.subarray(old.end))
    .view()
}

/**
 * Turns a program into the module that a provider's engine runs.
 *
 * - The memory's maximum is written out, see `withMemoryMaximum`.
 * - The start function becomes an export: run by the engine while it instantiates, it could not use the host
 *   interface, because its memory cannot be reached from outside yet.
 * - `memory.grow` goes through a function that traps and raises a flag where the engine fails within the maximum.
 *   An engine answers −1 when the machine is short of memory, too; handed to the program, that would make the
 *   result depend on the machine.
 * - Other exports, and custom sections, go.
 *
 * @throws {ProgramError} as `inspectProgram`.
 */
export function prepareProgram(bytes: Uint8Array): PreparedProgram {
  const layout = readLayout(bytes)
  const info = inspectLayout(bytes, layout)
  const guarded = guardedBodies(bytes, layout)
  const content = new Map(layout.sections.map(({ id, start, end }) => [id, bytes.subarray(start, end)]))
  const out = new ByteWriter(bytes.length + 256).push(bytes.subarray(0, 8))

  const copy = (id: number) => {
    const old = content.get(id)
    if (old !== undefined) out.section(id, old)
  }
  /** A section with one more item where there is a guard, as it was otherwise. */
  const extend = (id: number, item: readonly number[] | Uint8Array) => {
    if (guarded === undefined) return copy(id)
    const old = new WasmReader(content.get(id) ?? Uint8Array.of(0))
    const count = old.u32()
    out.section(
      id,
      new ByteWriter()
        .u32(count + 1)
        .push(old.bytes.subarray(old.at))
        .push(item),
    )
  }

  if (guarded !== undefined) content.set(sectionId.code, guarded)
  extend(sectionId.type, growGuardType)
  copy(sectionId.import)
  extend(sectionId.function, new ByteWriter().u32(layout.types.length).view())
  copy(sectionId.table)
  out.section(sectionId.memory, memoryContent(info.memory))
  extend(sectionId.global, growFailedGlobal)
  out.section(sectionId.export, exportContent(layout, info, guarded !== undefined))
  copy(sectionId.element)
  copy(sectionId.dataCount)
  extend(sectionId.code, growGuardBody(layout.globals, info.memory.max))
  copy(sectionId.data)
  return { bytes: out.view(), info }
}

function memoryContent({ min, max }: ProgramInfo['memory']): ByteWriter {
  return new ByteWriter().push([0x01, 0x01]).u32(min).u32(max)
}

function exportContent(layout: ProgramLayout, info: ProgramInfo, guarded: boolean): ByteWriter {
  const entry = layout.exports.find(({ name }) => name === info.entry)!
  const items: [name: string, kind: number, index: number][] = [
    [preparedExports.memory, 2, 0],
    [preparedExports.entry, 0, entry.index],
  ]
  if (layout.start !== undefined) items.push([preparedExports.start, 0, layout.start])
  if (guarded) items.push([preparedExports.growFailed, 3, layout.globals])
  const content = new ByteWriter().u32(items.length)
  for (const [name, kind, index] of items) content.name(name).push([kind]).u32(index)
  return content
}
