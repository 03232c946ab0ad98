import { hexToBytes } from '@noble/hashes/utils.js'
import type { Hex } from 'viem'
import { concat, integer, low32 } from '../bytes.ts'
import { flag, limits } from '../isa.ts'
import type { ReferenceMachine } from '../reference/machine.ts'
import { nextMovement } from '../reference/repeat.ts'
import { encodeEnded } from '../state.ts'
import type { ByteTree } from '../trees/byteTree.ts'
import { leafOfByte, leafOfSlot, leafOfWord } from '../trees/leaves.ts'
import { prove } from '../trees/proof.ts'
import { lawful, slotsRead, writesSlot } from '../word.ts'

/** What a step looks at: leaves of each tree, ascending; none where the tree is only named by its root. */
type Touched = {
  code: number[]
  args: number[]
  frame: number[]
  globals: number[]
  memory: number[]
  output: number[]
  /** Leaves of an input; undefined where the step does not look at one. */
  input?: { stream: number; leaves: number[] }
  /** Index that call_indirect looks up. */
  tableIndex?: number
  /** Set by `return`: whether it has a value for its caller. */
  returns?: { value: boolean }
}

/**
 * The witness of a machine's next step: the preimage of its state and proofs of all that the step looks at, packed as
 * docs/vm/machine.md says. With it anyone who knows the state's hash computes the next one's.
 */
export function witness(machine: ReferenceMachine): Uint8Array {
  if (machine.ending !== undefined) return encodeEnded(machine.ending)
  const { task } = machine
  const { code, args, frame, globals, memory, output, input, tableIndex, returns } = touchedBy(machine)

  const parts = [head(machine), part(task.tree('code'), code), part(machine.args, args)]
  const stream = input && task.stream(input.stream)
  if (stream) parts.push(integer(stream.length, 8))
  parts.push(part(machine.frame, frame), part(machine.globals, globals))
  if (tableIndex !== undefined) {
    const { roots, program } = task
    parts.push(bytes(roots.memory), bytes(roots.globals))
    parts.push(integer(program.entry, 4), integer(program.initialPages, 4))
    parts.push(prove(task.tree('table'), [leafOfWord(tableIndex)]))
  }
  if (stream) parts.push(part(stream.bytes, input.leaves))
  parts.push(part(machine.memory, memory), part(machine.output, output))
  parts.push(...(returns === undefined ? [bytes(machine.suspendedHash())] : link(machine, returns.value)))
  return concat(parts)
}

function head(machine: ReferenceMachine): Uint8Array {
  const { task } = machine
  return concat([
    integer(0x01, 1),
    integer(task.maxPages, 4),
    integer(task.version, 2),
    bytes(task.restHash),
    bytes(task.terms.taskInput),
    bytes(task.terms.sharedInput),
    integer(task.stepLimit, 8),
    integer(task.maxOutput, 4),
    machine.nums(),
  ])
}

function part(tree: ByteTree, leaves: readonly number[]): Uint8Array {
  return leaves.length === 0 ? tree.root() : prove(tree, leaves)
}

/** The newest link and what the return does to the frame under it. */
function link(machine: ReferenceMachine, value: boolean): Uint8Array[] {
  const newest = machine.suspended.at(-1)
  if (newest === undefined) return [integer(0x00, 1)]
  const { frame, returnPc, stack, resultSlot } = newest
  return [
    integer(0x01, 1),
    bytes(machine.suspendedHash(1)),
    integer(returnPc, 4),
    integer(stack, 4),
    integer(resultSlot, 2),
    part(frame, value && resultSlot < limits.slots ? [leafOfSlot(resultSlot)] : []),
  ]
}

function touchedBy(machine: ReferenceMachine): Touched {
  const touched: Touched = { code: [], args: [], frame: [], globals: [], memory: [], output: [] }
  if (machine.invalid() !== undefined) return touched
  touched.code = [leafOfWord(machine.pc)]
  const word = machine.word()
  const opcode = lawful(word, machine.rep)
  if (opcode === undefined) return touched

  const { form } = opcode
  const { a } = machine.operands(word)
  const slots = slotsRead(word, opcode)
  if (writesSlot(opcode) && form !== 'inputRead') slots.push(word.d)

  // host instructions take their operands from the first leaf of the args
  if (opcode.host === true) touched.args = [0]
  if (form === 'arg' || form === 'result') touched.args = [leafOfSlot(word.t)]
  if (form === 'globalGet' || form === 'globalSet') touched.globals = [leafOfSlot(word.t)]
  if (form === 'return') touched.returns = { value: (word.flags & flag.hasValue) !== 0 }
  if (form === 'callIndirect' && low32(a) < limits.tableEntries) touched.tableIndex = low32(a)
  if (form === 'load' || form === 'store') {
    const address = low32(a) + word.t
    if (address + opcode.width! <= machine.memorySize) touched.memory = leavesOf(address, opcode.width!)
  }
  if (form === 'inputSize' || form === 'inputRead') {
    const stream = low32(machine.args.value(0))
    if (machine.task.stream(stream) !== undefined) touched.input = { stream, leaves: [] }
  }

  if (opcode.repeats === true) {
    const movement = nextMovement(machine, word, opcode)
    if (typeof movement !== 'string') {
      const { count, from, to, last } = movement
      if (form === 'inputRead' && last) slots.push(word.d)
      if (count > 0) {
        const source = leavesOf(from, count)
        const target = leavesOf(to, count)
        if (form === 'memoryCopy') touched.memory = ascending([...source, ...target])
        if (form === 'memoryFill' || form === 'inputRead') touched.memory = target
        if (form === 'outputWrite') touched.memory = source
        if (form === 'outputWrite') touched.output = target
        if (form === 'inputRead') touched.input!.leaves = source
      }
    }
  }
  touched.frame = ascending(slots.map(leafOfSlot))
  return touched
}

/** Leaves of some bytes. */
function leavesOf(start: number, length: number): number[] {
  return ascending([leafOfByte(start), leafOfByte(start + length - 1)])
}

function ascending(leaves: readonly number[]): number[] {
  return [...new Set(leaves)].sort((left, right) => left - right)
}

function bytes(value: Hex): Uint8Array {
  return hexToBytes(value.slice(2))
}
