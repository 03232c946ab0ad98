import { toHex } from '../../sdk/src/trees/bytes.ts'
import { leafSize } from '../../sdk/src/trees/contentTree.ts'
import { depth, flag, limits, type Opcode, opcodeOf, pageSize, vmVersion } from '../../sdk/src/vm/isa.ts'
import { ReferenceMachine } from '../../sdk/src/vm/reference/machine.ts'
import type { CommittedTask } from '../../sdk/src/vm/reference/task.ts'
import { inputHash, jobHash, programIdOfParts, restHash, tableBytes } from '../../sdk/src/vm/state.ts'
import { ByteTree } from '../../sdk/src/vm/trees/byteTree.ts'
import { encodeWord, type Word, wordSize } from '../../sdk/src/vm/word.ts'

/** How large everything is in a state whose step is measured, and where in it the step takes place. */
export type Scale = {
  pc: number
  /** Bytes up to which a tree has content. */
  code: number
  table: number
  memory: number
  inputs: number
  output: number
  slots: number
  /** Slots of d, a, b and c. */
  at: Pick<Word, 'd' | 'a' | 'b' | 'c'>
  /** Index of a global or argument, and of a table entry. */
  index: number
  entry: number
  /** Where loads and stores begin, of an access of so many bytes. */
  address: (width: number) => number
  /** Destination and source of what moves bytes. */
  to: number
  from: number
  /** Bytes that are moved. */
  length: number
  /** Counters. */
  steps: bigint
  stack: number
}

/**
 * The most that a witness can have: no sibling is an empty tree, every operand stands in a leaf of its own, accesses to memory
 * touch two leaves whose paths meet at the root, no number is short.
 */
export const largest: Scale = {
  pc: 0xf_7777,
  code: limits.codeWords * wordSize,
  table: limits.tableEntries * 32,
  memory: limits.pages * pageSize,
  inputs: limits.contentBytes,
  output: limits.contentBytes,
  slots: limits.slots,
  at: { d: 5 * 16 + 3, a: 37 * 16 + 5, b: 21 * 16 + 7, c: 53 * 16 + 9 },
  index: 777,
  entry: 0x3_3333,
  address: (width) => 2 ** 29 - (width >> 1),
  to: 2 ** 29 - 3 * leafSize,
  from: 2 ** 29 + 5 * leafSize,
  length: leafSize,
  steps: 0x0fff_ffff_ffffn,
  stack: 0xf_ffff,
}

/**
 * A program of 16,384 words, a function of 32 slots that names two or three of them, 1 MiB of memory, inputs and output of
 * 64 KiB, accesses to memory that are aligned.
 */
export const usual: Scale = {
  pc: 5_555,
  code: 16_384 * wordSize,
  table: 256 * 32,
  memory: 2 ** 20,
  inputs: 2 ** 16,
  output: 2 ** 16,
  slots: 32,
  at: { d: 17, a: 3, b: 20, c: 9 },
  index: 3,
  entry: 77,
  address: () => 0x8_7654 & ~7,
  to: 0x4_3210,
  from: 0x8340,
  length: 40,
  steps: 123_456_789n,
  stack: 1_000_000,
}

const filler = 0x0102_0304_0506_0708n

/**
 * A machine that stands at an instruction, in a state of some scale.
 *
 * Only what the step looks at is there, and one leaf below each node beside its path, so that the node is not empty.
 */
export function machineAt(opcode: Opcode, scale: Scale): ReferenceMachine {
  const word = wordFor(opcode, scale)
  const code = new Uint8Array((scale.pc + 1) * wordSize)
  code.set(encodeWord(word), scale.pc * wordSize)
  const entry = { type: word.t, weight: 100, pc: 0x7777 }
  const trees = {
    code: dense(depth.code, scale.code, [scale.pc * wordSize]),
    table: dense(depth.table, scale.table, [scale.entry * 32]),
  }
  trees.code.write(scale.pc * wordSize, code.subarray(scale.pc * wordSize))
  trees.table.write(scale.entry * 32, tableBytes([entry]))
  const input = dense(depth.content, scale.inputs, [scale.from])

  const task = taskWith({ ...trees, input }, scale)
  task.program.code = code
  task.program.table[scale.entry] = entry

  const machine = new ReferenceMachine(task as CommittedTask)
  machine.pc = scale.pc
  machine.pages = task.maxPages - 1
  machine.steps = scale.steps
  machine.stack = scale.stack
  machine.outputLength = scale.output - scale.length
  const places = [scale.address(1), scale.address(8) + 7, scale.to, scale.from]
  machine.memory = dense(depth.memory, scale.memory, places)
  machine.output = dense(depth.output, scale.output, [machine.outputLength])
  machine.globals = values(depth.globals, scale.slots)
  machine.args = values(depth.args, scale.slots)
  machine.frame = values(depth.frame, scale.slots)
  const caller = () => ({
    frame: values(depth.frame, scale.slots),
    returnPc: scale.pc,
    stack: scale.stack,
    resultSlot: scale.at.d,
  })
  machine.suspended = [caller(), caller()]
  setOperands(machine, opcode, word, scale)
  return machine
}

function wordFor({ code, form }: Opcode, { at, index }: Scale): Word {
  const usesIndex = form === 'arg' || form === 'result' || form === 'globalGet' || form === 'globalSet'
  const flags = form === 'return' ? flag.hasValue : 0
  return { op: code, flags, ...at, t: usesIndex ? index : 0x1111, x: 100n, y: 0x1111_1111n }
}

/** What the instruction finds in its slots or args: values with which it does not trap. */
function setOperands(machine: ReferenceMachine, { form, width = 1 }: Opcode, word: Word, scale: Scale): void {
  const [to, from, length] = [scale.to, scale.from, scale.length].map(BigInt) as [bigint, bigint, bigint]
  const set = (a: bigint, b?: bigint, c?: bigint) => {
    machine.frame.setValue(word.a, a)
    if (b !== undefined) machine.frame.setValue(word.b, b)
    if (c !== undefined) machine.frame.setValue(word.c, c)
  }
  if (form === 'load' || form === 'store') set(BigInt(scale.address(width) - word.t))
  if (form === 'callIndirect') set(BigInt(scale.entry))
  if (form === 'memoryCopy') set(to, from, length)
  if (form === 'memoryFill') set(to, 0x77n, length)
  if (form === 'unary' || form === 'binary') set(operand(opcodeOf[word.op]!), 0x3ff1_2345_3f91_2345n)
  const args = { inputSize: [1n], inputRead: [1n, from, to, length], outputWrite: [from, length], exit: [3n] }
  for (const [index, value] of (args[form as keyof typeof args] ?? []).entries())
    machine.args.setValue(index, value)
}

/** Truncations want a number in the range of their result. */
function operand({ name }: Opcode): bigint {
  return name.includes('trunc') ? 0x4051_2345_4211_2345n : 0x4571_2345_4691_2345n
}

/** A tree that has content up to `bytes`, as far as the paths from some places see. */
function dense(levels: number, bytes: number, places: readonly number[]): ByteTree {
  const tree = new ByteTree(levels)
  const leaf = new Uint8Array(leafSize).map((_, index) => index + 1)
  for (const place of places) {
    const index = Math.floor(place / leafSize)
    tree.write(index * leafSize, leaf)
    for (let level = 0; level < levels; level++) {
      const first = (((index >>> level) ^ 1) << level) * leafSize
      if (first < bytes) tree.write(first, leaf)
    }
  }
  return tree
}

function values(levels: number, count: number): ByteTree {
  return ByteTree.ofValues(
    levels,
    Array.from({ length: count }, (_, index) => filler + BigInt(index)),
  )
}

/** The task of a program whose trees are given: like `committedTask`, which would hash all of a program. */
function taskWith({ code, table, input }: Record<'code' | 'table' | 'input', ByteTree>, scale: Scale) {
  const maxPages = scale.memory / pageSize + (scale.memory < limits.pages * pageSize ? 1 : 0)
  const program = {
    code: new Uint8Array(0),
    table: [] as { type: number; weight: number; pc: number }[],
    globals: new BigUint64Array(0),
    memory: new Map<number, Uint8Array>(),
    initialPages: maxPages,
    maxPages,
    entry: 0x11_1111,
  }
  const memory = toHex(dense(depth.memory, scale.memory, [0]).root())
  const globals = toHex(values(depth.globals, scale.slots).root())
  const roots = { code: toHex(code.root()), memory, globals, table: toHex(table.root()) }
  const rest = restHash(roots, program)
  const hash = inputHash(toHex(input.root()), BigInt(scale.inputs))
  const terms = {
    programId: programIdOfParts({ codeRoot: roots.code, maxPages, version: vmVersion, restHash: rest }),
    taskInput: hash,
    sharedInput: hash,
    stepLimit: BigInt(limits.stepLimit),
    maxOutput: limits.contentBytes,
  }
  const trees = { code, table }
  return {
    program,
    roots,
    restHash: rest,
    version: vmVersion,
    maxPages,
    stepLimit: terms.stepLimit,
    maxOutput: terms.maxOutput,
    terms,
    jobHash: jobHash(terms),
    tree: (name: 'code' | 'table') => trees[name],
    stream: (number: number) => (number < 2 ? { bytes: input, length: BigInt(scale.inputs) } : undefined),
    sizeOf: (number: number) => (number < 2 ? scale.inputs : 0),
  }
}
