import type { MachineTask } from './engine.ts'
import { treePageSize } from './fast/hashing.ts'
import * as at from './fast/layout.ts'
import { FastMachine } from './fast/machine.ts'
import type { Snapshot } from './fast/snapshot.ts'
import { depth } from './isa.ts'
import { ReferenceMachine, type SuspendedFrame } from './reference/machine.ts'
import { type CommittedTask, committedTask } from './reference/task.ts'
import { ByteTree } from './trees/byteTree.ts'

/**
 * The machine after that many steps of a task, ready to be looked at, stepped and proven: `witness(stateAt(task, k))` is what
 * a contract needs for step k. The fast machine goes there.
 * @param fast - To go on from where it stands; it has loaded the task and is not beyond the step.
 * @throws {FastMachineError} if the host gives no more memory.
 */
export function stateAt(
  task: MachineTask,
  step: bigint,
  fast: FastMachine = new FastMachine().load(task),
): ReferenceMachine {
  return referenceOf(fast.runTo(step), committedTask(task))
}

/** A reference machine in the state of a fast one that executes the same task. */
export function referenceOf(fast: FastMachine, task: CommittedTask): ReferenceMachine {
  const machine = new ReferenceMachine(task)
  if (fast.steps === 0n) return machine
  if (fast.ending !== undefined) {
    const { output: _, ...ending } = fast.ending
    machine.steps = ending.steps
    machine.ending = ending
    return machine
  }
  const snapshot = fast.snapshot()
  const cells = new DataView(snapshot.cells.buffer, snapshot.cells.byteOffset)
  machine.steps = fast.steps
  machine.pc = fast.pc
  machine.pages = fast.pages
  machine.stack = cells.getUint32(at.cellStack, true)
  machine.rep = cells.getUint32(at.cellRep, true)
  machine.outputLength = fast.output.length
  machine.output.write(0, fast.output)
  machine.globals = ByteTree.ofValues(depth.globals, values(snapshot.globals))
  machine.frame = ByteTree.ofValues(depth.frame, fast.readSlots())
  machine.args = ByteTree.ofValues(depth.args, fast.readArgs())
  machine.suspended = suspendedFrames(snapshot, cells.getUint32(at.cellFrame, true))
  for (const [page, bytes] of snapshot.pages) machine.memory.write(page * treePageSize, bytes)
  return machine
}

/** The 64-bit values of some bytes, little-endian as the fast machine has them. */
function values(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: bytes.length / 8 }, (_, index) => view.getBigUint64(8 * index, true))
}

/** A frame reaches up to the one that was called from it. */
function suspendedFrames({ links, frames }: Snapshot, newestFrame: number): SuspendedFrame[] {
  const fields = new DataView(links.buffer, links.byteOffset, links.length)
  return Array.from({ length: links.length / at.linkSize }, (_, index): SuspendedFrame => {
    const link = index * at.linkSize
    const above = link + at.linkSize
    const start = fields.getUint32(link, true)
    const end = above < links.length ? fields.getUint32(above, true) : newestFrame
    return {
      frame: ByteTree.ofValues(depth.frame, values(frames.subarray(start - at.frames, end - at.frames))),
      returnPc: (fields.getUint32(link + 4, true) - at.code) / at.recordSize,
      stack: fields.getUint32(link + 8, true),
      resultSlot: fields.getUint16(link + 12, true),
    }
  })
}
