import { leafSize, maxContentLength } from '../../trees/contentTree.ts'
import { low32 } from '../bytes.ts'
import type { TrapReason } from '../engine.ts'
import type { Opcode } from '../isa.ts'
import type { Word } from '../word.ts'
import type { ReferenceMachine } from './machine.ts'

/** What one step of a repeating instruction moves. */
export type Movement = {
  /** Bytes; 0 where the whole instruction moves none. */
  count: number
  /** Where the first of them is read (memory or input) and written (memory or output). */
  from: number
  to: number
  /** Of the whole instruction; input_read: what was clamped, and its result. */
  length: number
  /** Whether the instruction ends with this step. */
  last: boolean
}

/** A whole repeating instruction, from its operands. */
type Transfer = {
  from: number
  to: number
  length: number
  /** Which of both are in memory. */
  reads: boolean
  writes: boolean
}

/**
 * The next step of the repeating instruction at which a machine stands, from its operands and `rep`.
 * @returns why it traps instead.
 */
export function nextMovement(machine: ReferenceMachine, word: Word, opcode: Opcode): Movement | TrapReason {
  const { rep, outputLength } = machine
  const { from, to, length, reads, writes } = transferOf(machine, word, opcode)
  const { form } = opcode

  if (rep !== 0 && rep >= length) return 'invalid state'
  const fits = (start: number) => start + length <= machine.memorySize
  if ((reads && !fits(from)) || (writes && !fits(to))) return 'out of bounds memory access'
  if (form === 'outputWrite') {
    const limit = Math.min(machine.task.maxOutput, maxContentLength)
    if (outputLength + length - rep > limit) return 'output limit exceeded'
  }
  if (length === 0) return { count: 0, from, to, length, last: true }

  const left = length - rep
  if (form === 'memoryCopy' && to > from) {
    // From the end: the bytes before `readEnd` go before `writeEnd`.
    const readEnd = from + left
    const writeEnd = to + left
    const count = Math.min(left, ((readEnd - 1) % leafSize) + 1, ((writeEnd - 1) % leafSize) + 1)
    return { count, from: readEnd - count, to: writeEnd - count, length, last: count === left }
  }
  const readAt = from + rep
  // The output has already grown by the bytes that are done.
  const writeAt = form === 'outputWrite' ? outputLength : to + rep
  const sourceLeft = form === 'memoryFill' ? leafSize : leafSize - (readAt % leafSize)
  const count = Math.min(left, leafSize - (writeAt % leafSize), sourceLeft)
  return { count, from: readAt, to: writeAt, length, last: count === left }
}

function transferOf(machine: ReferenceMachine, word: Word, { form }: Opcode): Transfer {
  const arg = (index: number) => low32(machine.args.value(index))
  switch (form) {
    case 'memoryCopy': {
      const { a, b, c } = machine.operands(word)
      return { to: low32(a), from: low32(b), length: low32(c), reads: true, writes: true }
    }
    case 'memoryFill': {
      const { a, c } = machine.operands(word)
      return { to: low32(a), from: 0, length: low32(c), reads: false, writes: true }
    }
    case 'inputRead': {
      const size = machine.task.sizeOf(arg(0))
      const from = arg(1)
      const length = Math.min(arg(3), Math.max(0, size - from))
      return { to: arg(2), from, length, reads: false, writes: true }
    }
    default:
      return { to: machine.outputLength, from: arg(0), length: arg(1), reads: true, writes: false }
  }
}
