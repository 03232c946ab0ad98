import { low32 } from '../bytes.ts'
import { limits, type Opcode } from '../isa.ts'
import { leafOfByte } from '../trees/leaves.ts'
import type { Word } from '../word.ts'
import type { End, WitnessState } from './witnessState.ts'

/** Some bytes of one leaf that go to another leaf. */
type Movement = { from: number; to: number; count: number; last: boolean }

/** One step of `memory_copy` or `memory_fill`. */
export function copyOrFill(state: WitnessState, word: Word, opcode: Opcode): End {
  const { a, b, c } = state.operands(word, opcode)
  const fills = opcode.form === 'memoryFill'
  const [to, from, length] = [low32(a), low32(b), low32(c)]
  if (!mayGoOn(state, length)) return 'trap'
  if (!state.fits(to, length) || (!fills && !state.fits(from, length))) return 'trap'
  const fromEnd = !fills && to > from
  const movement = movementOf(state, { from: fills ? undefined : from, to, length, fromEnd })
  const touched = [...leaves(movement.to, movement), ...(fills ? [] : leaves(movement.from, movement))]
  const memory = state.read('memory', touched)
  const bytes = fills
    ? new Uint8Array(movement.count).fill(low32(b))
    : memory.bytes(movement.from, movement.count)
  memory.setBytes(movement.to, bytes)
  return count(state, movement)
}

/** The step of `input_size`. */
export function inputSize(state: WitnessState, word: Word, opcode: Opcode): End {
  const stream = low32(state.read('args', [0]).value(0))
  const input = state.input(stream)
  state.operands(word, opcode)
  state.read('globals')
  input?.tree([])
  state.trees.frame.setValue(word.d, BigInt(sizeOf(input)))
  state.emptyArgs()
  state.nums.pc++
  return undefined
}

/** One step of `input_read`. */
export function inputRead(state: WitnessState, word: Word, opcode: Opcode): End {
  const args = state.read('args', [0])
  const [stream, from, to, wanted] = [0, 1, 2, 3].map((index) => low32(args.value(index))) as [
    number,
    number,
    number,
    number,
  ]
  const input = state.input(stream)
  const length = Math.min(wanted, Math.max(0, sizeOf(input) - from))
  const traps = !mayGoOn(state, length) || !state.fits(to, length)
  const movement = traps ? undefined : movementOf(state, { from, to, length, fromEnd: false })
  state.operands(word, opcode, movement?.last === true)
  state.read('globals')
  const content = input?.tree(movement ? leaves(movement.from, movement) : [])
  if (movement === undefined) return 'trap'

  const memory = state.read('memory', leaves(movement.to, movement))
  if (movement.count > 0) memory.setBytes(movement.to, content!.bytes(movement.from, movement.count))
  if (movement.last) {
    state.trees.frame.setValue(word.d, BigInt(length))
    state.emptyArgs()
  }
  return count(state, movement)
}

/** One step of `output_write`. */
export function outputWrite(state: WitnessState): End {
  const { nums } = state
  const args = state.read('args', [0])
  const [from, length] = [low32(args.value(0)), low32(args.value(1))]
  const limit = Math.min(state.limits.maxOutput, limits.contentBytes)
  if (!mayGoOn(state, length) || !state.fits(from, length)) return 'trap'
  if (nums.outputLength + length - nums.rep > limit) return 'trap'
  const movement = movementOf(state, { from, to: nums.outputLength - nums.rep, length, fromEnd: false })
  const memory = state.read('memory', leaves(movement.from, movement))
  const output = state.read('output', leaves(movement.to, movement))
  if (movement.count > 0) output.setBytes(movement.to, memory.bytes(movement.from, movement.count))
  nums.outputLength += movement.count
  if (movement.last) state.emptyArgs()
  return count(state, movement)
}

/** Bytes that a program may read of an input. */
function sizeOf(input: { length: bigint } | undefined): number {
  const length = input?.length ?? 0n
  return length < BigInt(limits.contentBytes) ? Number(length) : limits.contentBytes
}

function mayGoOn({ nums }: WitnessState, length: number): boolean {
  return nums.rep === 0 || nums.rep < length
}

/** The longest run of bytes after those that are done whose source is in one leaf and whose destination is. */
function movementOf(
  { nums: { rep } }: WitnessState,
  whole: { from: number | undefined; to: number; length: number; fromEnd: boolean },
): Movement {
  const { from = 0, to, length, fromEnd } = whole
  const left = length - rep
  const place = (start: number, done: number) => start + (fromEnd ? left - 1 - done : rep + done)
  const sameLeaf = (start: number, done: number) =>
    leafOfByte(place(start, done)) === leafOfByte(place(start, 0))
  let count = 0
  while (count < left && sameLeaf(to, count) && (whole.from === undefined || sameLeaf(from, count))) count++
  const first = (start: number) => place(start, fromEnd ? Math.max(count - 1, 0) : 0)
  return { from: first(from), to: first(to), count, last: count === left }
}

/** Ends a step of a repeating instruction. */
function count({ nums }: WitnessState, { count, last }: Movement): End {
  nums.rep = last ? 0 : nums.rep + count
  if (last) nums.pc++
  return undefined
}

/** The leaf of a movement's end, if it moves anything: all its bytes are in one. */
function leaves(start: number, { count }: Movement): number[] {
  return count === 0 ? [] : [leafOfByte(start)]
}
