import { keccak_256 } from '@noble/hashes/sha3.js'
import type { Hex } from 'viem'
import { hashBytes, toHex } from '../trees/bytes.ts'
import { emptyRoot, leafSize, treeRoot, zeroSubtrees } from '../trees/contentTree.ts'
import { hashInto } from '../trees/keccak.ts'
import type { TaskStatus } from '../trees/result.ts'
import { concat, integer } from './bytes.ts'
import { depth, limits, pageSize, vmVersion } from './isa.ts'
import { ByteTree } from './trees/byteTree.ts'

/** Bytes of a table entry. */
export const entrySize = 32

/** What a function index of `call_indirect` leads to. Type 0 is null. */
export type TableEntry = { readonly type: number; readonly weight: number; readonly pc: number }

/** All that a programId commits to. */
export type ProgramImage = {
  /** 32 bytes for each instruction. */
  readonly code: Uint8Array
  readonly table: readonly TableEntry[]
  readonly globals: BigUint64Array
  /** By page, 65,536 bytes each; absent pages are zero. */
  readonly memory: ReadonlyMap<number, Uint8Array>
  readonly initialPages: number
  readonly maxPages: number
  /** pc of the first instruction. */
  readonly entry: number
}

/** Roots of a program's four trees. */
export type ProgramRoots = { code: Hex; memory: Hex; globals: Hex; table: Hex }

/** Memory as a program begins with it. */
export function initialMemory({ memory }: ProgramImage): ByteTree {
  const tree = new ByteTree(depth.memory, { chunkSize: pageSize })
  for (const [page, bytes] of memory) tree.write(page * pageSize, bytes)
  return tree
}

/** Root of the memory that a program begins with: of its pages, then up from there. */
function memoryRoot(memory: ProgramImage['memory']): Uint8Array {
  const pageDepth = Math.log2(pageSize / leafSize)
  let nodes = new Map(Array.from(memory, ([page, bytes]) => [page, treeRoot(bytes, pageDepth)] as const))
  const pair = new Uint8Array(64)
  for (let level = pageDepth; level < depth.memory; level++) {
    const above = new Map<number, Uint8Array>()
    for (const parent of new Set([...nodes.keys()].map((index) => index >>> 1))) {
      pair.set(nodes.get(2 * parent) ?? zeroSubtrees[level]!)
      pair.set(nodes.get(2 * parent + 1) ?? zeroSubtrees[level]!, 32)
      const node = new Uint8Array(32)
      hashInto(pair, node, 0)
      above.set(parent, node)
    }
    nodes = above
  }
  return nodes.get(0) ?? zeroSubtrees[depth.memory]!
}

/** The table as bytes: `type u32 ‖ weight u32 ‖ pc u32 ‖ 20 zero bytes` for each entry. */
export function tableBytes(table: readonly TableEntry[]): Uint8Array {
  const bytes = new Uint8Array(table.length * entrySize)
  const view = new DataView(bytes.buffer)
  for (const [index, { type, weight, pc }] of table.entries()) {
    view.setUint32(index * entrySize, type)
    view.setUint32(index * entrySize + 4, weight)
    view.setUint32(index * entrySize + 8, pc)
  }
  return bytes
}

export function programRoots(program: ProgramImage): ProgramRoots {
  return {
    code: toHex(treeRoot(program.code, depth.code)),
    memory: toHex(memoryRoot(program.memory)),
    globals: toHex(ByteTree.ofValues(depth.globals, program.globals).root()),
    table: toHex(treeRoot(tableBytes(program.table), depth.table)),
  }
}

/** `keccak(memoryRoot ‖ globalsRoot ‖ tableRoot ‖ entry u32 ‖ initialPages u32)`. */
export function restHash(
  roots: Omit<ProgramRoots, 'code'>,
  { entry, initialPages }: { entry: number; initialPages: number },
): Hex {
  return hash([
    word(roots.memory),
    word(roots.globals),
    word(roots.table),
    integer(entry, 4),
    integer(initialPages, 4),
  ])
}

/** The programId: `keccak(0x08 ‖ codeRoot ‖ maxPages u32 ‖ version u16 ‖ restHash)`. */
export function programIdOfParts(parts: {
  codeRoot: Hex
  maxPages: number
  version: number
  restHash: Hex
}): Hex {
  const { codeRoot, maxPages, version } = parts
  return hash([
    integer(0x08, 1),
    word(codeRoot),
    integer(maxPages, 4),
    integer(version, 2),
    word(parts.restHash),
  ])
}

/** The programId of a module that is translated already; `programIdOf` takes the module. */
export function programIdOfImage(program: ProgramImage, roots: ProgramRoots = programRoots(program)): Hex {
  return programIdOfParts({
    codeRoot: roots.code,
    maxPages: program.maxPages,
    version: vmVersion,
    restHash: restHash(roots, program),
  })
}

/** What the hash of one task commits to: program, inputs and limits. Terms of a whole job are `JobTerms` of the SDK. */
export type TaskTerms = {
  programId: Hex
  /** Content hashes. */
  taskInput: Hex
  sharedInput: Hex
  stepLimit: bigint
  maxOutput: number
}

/** `keccak(0x07 ‖ programId ‖ taskInput ‖ sharedInput ‖ stepLimit u64 ‖ maxOutput u32)`. */
export function jobHash({ programId, taskInput, sharedInput, stepLimit, maxOutput }: TaskTerms): Hex {
  return hash([
    integer(0x07, 1),
    word(programId),
    word(taskInput),
    word(sharedInput),
    integer(stepLimit, 8),
    integer(maxOutput, 4),
  ])
}

/** `keccak(0x05 ‖ root ‖ length u64)` of any length: jobs of strangers may commit to contents that cannot be. */
export function inputHash(root: Hex, length: bigint): Hex {
  return hash([integer(0x05, 1), word(root), integer(length, 8)])
}

/** The counters of a running machine, which share a word of its state. */
export type Nums = {
  steps: bigint
  outputLength: number
  pages: number
  pc: number
  /** Slots that calls may still take. */
  stack: number
  /** Bytes that a repeating instruction has moved. */
  rep: number
  /** Reserved bits: zero. */
  reserved: number
}

/** `steps u64 ‖ outputLength u32 ‖ pages u32 ‖ pc u32 ‖ stack u32 ‖ rep u32 ‖ 0 u32`. */
export function encodeNums(nums: Nums): Uint8Array {
  const { outputLength, pages, pc, stack, rep, reserved } = nums
  const rest = [outputLength, pages, pc, stack, rep, reserved]
  return concat([integer(nums.steps, 8), ...rest.map((value) => integer(value, 4))])
}

export type RunningState = {
  jobHash: Hex
  memoryRoot: Hex
  globalsRoot: Hex
  frameRoot: Hex
  argsRoot: Hex
  /** The newest link, or the zero word. */
  suspended: Hex
  outputRoot: Hex
  nums: Uint8Array
}

/** `keccak(0x01 ‖ jobHash ‖ memoryRoot ‖ globalsRoot ‖ frameRoot ‖ argsRoot ‖ suspended ‖ outputRoot ‖ nums)`. */
export function runningHash(state: RunningState): Hex {
  const { memoryRoot, globalsRoot, frameRoot, argsRoot, suspended, outputRoot, nums } = state
  const words = [state.jobHash, memoryRoot, globalsRoot, frameRoot, argsRoot, suspended, outputRoot]
  return hash([integer(0x01, 1), ...words.map(word), nums])
}

/** The byte of a status in rows, leaves and states. */
export const statusByte: Readonly<Record<TaskStatus, number>> = { halted: 1, trapped: 2, outOfSteps: 3 }

export type EndedState = {
  status: TaskStatus
  exitCode: number
  outputRoot: Hex
  outputLength: number
  steps: bigint
}

/** `0x02 ‖ status u8 ‖ exitCode u32 ‖ outputRoot ‖ outputLength u64 ‖ steps u64`: the preimage, and the witness. */
export function encodeEnded({ status, exitCode, outputRoot, outputLength, steps }: EndedState): Uint8Array {
  return concat([
    integer(0x02, 1),
    integer(statusByte[status], 1),
    integer(exitCode, 4),
    word(outputRoot),
    integer(outputLength, 8),
    integer(steps, 8),
  ])
}

export function endedHash(state: EndedState): Hex {
  return hash([encodeEnded(state)])
}

/** What an ending that is not Halted commits to beside its status and steps: no output, no exit code. */
export const nothing = { exitCode: 0, outputRoot: emptyRoot, outputLength: 0 } as const

/** `suspended` of a machine without suspended frames. */
export const noLink: Hex = `0x${'00'.repeat(32)}`

/** A suspended frame. */
export type Link = {
  /** The link below. */
  suspended: Hex
  frameRoot: Hex
  returnPc: number
  stack: number
  /** u16: slot of the suspended frame that takes the value. */
  resultSlot: number
}

/** `keccak(0x03 ‖ suspended ‖ frameRoot ‖ returnPc u32 ‖ stack u32 ‖ resultSlot u16)`. */
export function linkHash({ suspended, frameRoot, returnPc, stack, resultSlot }: Link): Hex {
  return hash([
    integer(0x03, 1),
    word(suspended),
    word(frameRoot),
    integer(returnPc, 4),
    integer(stack, 4),
    integer(resultSlot, 2),
  ])
}

/** Roots of empty trees, by depth. */
export const emptyTreeRoot: Readonly<Record<'frame' | 'args' | 'output', Hex>> = {
  frame: toHex(new ByteTree(depth.frame).root()),
  args: toHex(new ByteTree(depth.args).root()),
  output: emptyRoot,
}

/** The hash of a task's first state: what a contract computes from the job and the program's parts. */
export function firstStateHash(
  terms: TaskTerms,
  program: Pick<ProgramImage, 'entry' | 'initialPages'> & { roots: Pick<ProgramRoots, 'memory' | 'globals'> },
): Hex {
  return runningHash({
    jobHash: jobHash(terms),
    memoryRoot: program.roots.memory,
    globalsRoot: program.roots.globals,
    frameRoot: emptyTreeRoot.frame,
    argsRoot: emptyTreeRoot.args,
    suspended: noLink,
    outputRoot: emptyTreeRoot.output,
    nums: encodeNums({
      steps: 0n,
      outputLength: 0,
      pages: program.initialPages,
      pc: program.entry,
      stack: limits.stack,
      rep: 0,
      reserved: 0,
    }),
  })
}

function word(value: Hex): Uint8Array {
  return hashBytes(value, 'word')
}

function hash(parts: readonly Uint8Array[]): Hex {
  return toHex(keccak_256(concat(parts)))
}
