/** What the dispatch does not do in line: leaving it, memory, inputs, output. */

import {
  cellArgs,
  cellFrame,
  cellHighPages,
  cellLinks,
  cellMaxPages,
  cellOutputLength,
  cellOutputLimit,
  cellPages,
  cellPc,
  cellRep,
  cellSharedLength,
  cellStack,
  cellStop,
  cellTaskLength,
  cellWildFrame,
  cellWildPc,
  cells,
  guest,
  memoryFlags,
  trapInstruction,
  trapMemory,
  trapOutput,
} from '../src/vm/fast/layout'

/** Copies bytes of an input into memory. */
// @ts-ignore: a decorator of AssemblyScript
@external('host', 'read')
declare function hostRead(stream: u32, offset: u32, to: usize, length: u32): void

/** Appends bytes of memory to the output. */
// @ts-ignore: a decorator of AssemblyScript
@external('host', 'write')
declare function hostWrite(from: usize, length: u32): void

/** Keeps the registers of the dispatch; gives back the reason to leave it. */
export function leave(pc: u32, fp: u32, lp: u32, stack: u32, stop: u32, reason: u32): u32 {
  store<u32>(cells, pc, cellPc)
  store<u32>(cells, fp, cellFrame)
  store<u32>(cells, lp, cellLinks)
  store<u32>(cells, stack, cellStack)
  store<u32>(cells, stop, cellStop)
  return reason
}

/** Notes where the program left the code for, and how many bytes its frame has there. */
export function goWild(pc: u64, frame: u32): void {
  store<u32>(cells, u32(min<u64>(pc, 0xffffffff)), cellWildPc)
  store<u32>(cells, frame, cellWildFrame)
}

/** Moves the arguments from behind the frame that ends to its start, where those of the caller stand; clears the rest. */
export function leaveArgs(frame: usize, args: usize): void {
  const size = load<u32>(cells, cellArgs)
  memory.copy(frame, args, size)
  memory.fill(frame + size, 0, args - frame)
}

export function emptyArgs(args: usize): void {
  memory.fill(args, 0, load<u32>(cells, cellArgs))
}

/** Pages before; −1 beyond the maximum; −2 where the host gives no more memory. */
export function growMemory(delta: u32): i32 {
  const pages = load<u32>(cells, cellPages)
  const wanted = u64(pages) + delta
  if (wanted > load<u32>(cells, cellMaxPages)) return -1
  const missing = i32(wanted) + (guest >> 16) - memory.size()
  if (missing > 0 && memory.grow(missing) < 0) return -2
  store<u32>(cells, u32(wanted), cellPages)
  store<u32>(cells, max(u32(wanted), load<u32>(cells, cellHighPages)), cellHighPages)
  return pages
}

/** Size of a stream of the host interface. */
export function inputLength(stream: u32): u64 {
  if (stream == 0) return load<u32>(cells, cellTaskLength)
  if (stream == 1) return load<u32>(cells, cellSharedLength)
  return 0
}

/** Steps that it takes to move `length` bytes, not 0. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function stepsOf(to: u32, from: u32, length: u64): u64 {
  const a = ((to & 127) + length - 1) >> 7
  return ((to ^ from) & 127) == 0 ? 1 + a : 1 + a + (((from & 127) + length - 1) >> 7)
}

/** Bytes that the next `steps` steps move forward. */
function forward(to: u32, from: u32, length: u32, steps: u32): u32 {
  let done: u32 = 0
  for (; steps > 0 && done < length; steps--) {
    done += min(length - done, min(128 - ((to + done) & 127), 128 - ((from + done) & 127)))
  }
  return done
}

/** Bytes that the next `steps` steps move from the end on. */
function backward(to: u32, from: u32, length: u32, steps: u32): u32 {
  let left = length
  for (; steps > 0 && left > 0; steps--) {
    left -= min(left, min(((to + left - 1) & 127) + 1, ((from + left - 1) & 127) + 1))
  }
  return length - left
}

/** Flags the pages of `length` bytes, not 0, as changed. */
function touch(at: u32, length: u32): void {
  const first = at >> 12
  memory.fill(memoryFlags + first, 3, ((at + length - 1) >> 12) + 1 - first)
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function fits(at: u32, length: u32): bool {
  return u64(at) + length <= u64(load<u32>(cells, cellPages)) << 16
}

/*
 * Repeating instructions. Each returns the steps it took to come to its end, at most `left`; 0 if it took all of `left` and is
 * not at its end, with `rep` telling how far it got; or minus the reason of a trap.
 */

/** Operands of memory_copy and memory_fill: d says which are constants, the last word of the record where those are. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function operandA(pc: usize, fp: usize): u32 {
  return load<u16>(pc, 2) & 1 ? load<u32>(load<u32>(pc, 12)) : load<u32>(fp + load<u16>(pc, 4))
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function operandB(pc: usize, fp: usize): u32 {
  return load<u16>(pc, 2) & 2 ? load<u32>(load<u32>(pc, 12), 8) : load<u32>(fp + load<u16>(pc, 6))
}

export function copyMemory(pc: usize, fp: usize, left: u32): i32 {
  let to = operandA(pc, fp)
  let from = operandB(pc, fp)
  const length = load<u32>(fp + load<u32>(pc, 8))
  const rep = load<u32>(cells, cellRep)
  if (rep != 0 && rep >= length) return -trapInstruction
  if (!fits(to, length) || !fits(from, length)) return -trapMemory
  if (length == 0) return 1
  const rest = length - rep
  const isBackward = to > from
  if (!isBackward) {
    to += rep
    from += rep
  }
  const steps = stepsOf(to, from, rest)
  const all = steps <= left
  const bytes = all ? rest : isBackward ? backward(to, from, rest, left) : forward(to, from, rest, left)
  if (isBackward) {
    to += rest - bytes
    from += rest - bytes
  }
  memory.copy(guest + to, guest + from, bytes)
  touch(to, bytes)
  store<u32>(cells, all ? 0 : rep + bytes, cellRep)
  return all ? i32(steps) : 0
}

export function fillMemory(pc: usize, fp: usize, left: u32): i32 {
  let to = operandA(pc, fp)
  const byte = operandB(pc, fp)
  const length = load<u32>(fp + load<u32>(pc, 8))
  const rep = load<u32>(cells, cellRep)
  if (rep != 0 && rep >= length) return -trapInstruction
  if (!fits(to, length)) return -trapMemory
  if (length == 0) return 1
  const rest = length - rep
  to += rep
  const steps = stepsOf(to, to, rest)
  const all = steps <= left
  const bytes = all ? rest : forward(to, to, rest, left)
  memory.fill(guest + to, u8(byte), bytes)
  touch(to, bytes)
  store<u32>(cells, all ? 0 : rep + bytes, cellRep)
  return all ? i32(steps) : 0
}

export function readInput(pc: usize, fp: usize, left: u32): i32 {
  const args = fp + load<u16>(pc, 4)
  const stream = load<u32>(args)
  let from = load<u32>(args, 8)
  let to = load<u32>(args, 16)
  const size = u32(inputLength(stream))
  const length = min(load<u32>(args, 24), size > from ? size - from : 0)
  const rep = load<u32>(cells, cellRep)
  if (rep != 0 && rep >= length) return -trapInstruction
  if (!fits(to, length)) return -trapMemory
  let steps: u64 = 1
  if (length != 0) {
    const rest = length - rep
    to += rep
    from += rep
    steps = stepsOf(to, from, rest)
    const all = steps <= left
    const bytes = all ? rest : forward(to, from, rest, left)
    hostRead(stream, from, guest + to, bytes)
    touch(to, bytes)
    store<u32>(cells, all ? 0 : rep + bytes, cellRep)
    if (!all) return 0
  }
  emptyArgs(args)
  store<u64>(fp + load<u16>(pc, 2), length)
  return i32(steps)
}

export function writeOutput(pc: usize, fp: usize, left: u32): i32 {
  const args = fp + load<u16>(pc, 4)
  let from = load<u32>(args)
  const length = load<u32>(args, 8)
  const rep = load<u32>(cells, cellRep)
  if (rep != 0 && rep >= length) return -trapInstruction
  if (!fits(from, length)) return -trapMemory
  const rest = length - rep
  const at = load<u32>(cells, cellOutputLength)
  if (u64(at) + rest > load<u32>(cells, cellOutputLimit)) return -trapOutput
  let steps: u64 = 1
  if (length != 0) {
    from += rep
    steps = stepsOf(at, from, rest)
    const all = steps <= left
    const bytes = all ? rest : forward(at, from, rest, left)
    hostWrite(guest + from, bytes)
    store<u32>(cells, at + bytes, cellOutputLength)
    store<u32>(cells, all ? 0 : rep + bytes, cellRep)
    if (!all) return 0
  }
  emptyArgs(args)
  return i32(steps)
}
