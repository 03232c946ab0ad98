/**
 * What somebody says about a job: the rows of its tasks, the tree over them, and the trace of each task. The truth is one such
 * version; a lie is the truth with something changed.
 */

import { committedTask, FastMachine, type MachineTask, witness } from '../../sdk/src/vm/index.ts'
import { encodeEnded } from '../../sdk/src/vm/state.ts'
import { referenceOf } from '../../sdk/src/vm/stateAt.ts'
import { ethers } from './chain.ts'
import { min } from './reference.ts'

const ZERO = ethers.ZeroHash
const keccak = ethers.keccak256

/** One row of the leaves file; anything a byte string can say. */
export interface Row {
  status: number
  exitCode: number
  outputRoot: string
  outputLength: bigint
  steps: bigint
}

/** A node of the result tree, as its parent names it. */
export interface SumNode {
  hash: string
  sum: bigint
}

/** The states of a task's execution by their hashes. */
export interface Trace {
  steps: bigint
  hashAt(step: bigint): string
}

export interface Version {
  tasks: number
  depth: number
  rows: readonly Row[]
  root: string
  totalSteps: bigint
  node(level: number, index: number): SumNode
  /** From a node up to its ancestor on `level`. */
  proof(from: number, index: number, level: number): string
  trace(task: number): Trace
}

export const packRow = ({ status, exitCode, outputRoot, outputLength, steps }: Row) =>
  ethers.solidityPacked(
    ['uint8', 'uint32', 'bytes32', 'uint64', 'uint64'],
    [status, exitCode, outputRoot, outputLength, steps],
  )

export const leafOf = (index: number, row: string) =>
  keccak(ethers.solidityPacked(['uint8', 'uint32', 'bytes'], [4, index, row]))

export const sumHash = (left: SumNode, right: SumNode) =>
  keccak(
    ethers.solidityPacked(
      ['bytes32', 'uint128', 'bytes32', 'uint128'],
      [left.hash, left.sum, right.hash, right.sum],
    ),
  )

export const packNode = ({ hash, sum }: SumNode) => ethers.solidityPacked(['bytes32', 'uint128'], [hash, sum])

export const endHash = (row: Row) => keccak(ethers.concat(['0x02', packRow(row)]))

/** Every state of an execution, once. */
export interface TrueTrace extends Trace {
  row: Row
  /** What the contract needs to execute the step after `step` ones. */
  witnessAt(step: bigint): string
}

/** One for all traces: a new one takes longer than most of what it executes here. */
const machine = new FastMachine()

export function trueTrace(task: MachineTask): TrueTrace {
  const committed = committedTask(task)
  machine.load(task)
  const hashes = [machine.stateHash() as string]
  while (machine.ending === undefined) hashes.push(machine.runTo(machine.steps + 1n).stateHash())
  const { exitCode, outputRoot, outputLength, steps } = machine.ending
  const row: Row = {
    status: encodeEnded(machine.ending)[1] as number,
    exitCode,
    outputRoot,
    outputLength: BigInt(outputLength),
    steps,
  }
  if (hashes.length !== Number(steps) + 1) throw new RangeError('a state is missing')
  return {
    row,
    steps,
    // a machine that has ended stays as it is
    hashAt: (step) => hashes[Number(min(step, steps))] as string,
    witnessAt: (step) => ethers.hexlify(witness(referenceOf(machine.load(task).runTo(step), committed))),
  }
}

export interface Lie {
  /** States up to this one are the true ones. */
  until: bigint
  row: Row
  /** Tells lies apart. */
  seed?: string
}

/** A trace that is true up to a step, then made up, and ends as a row says. */
export function liedTrace(truth: Trace, { until, row, seed = 'lie' }: Lie): Trace {
  return {
    steps: row.steps,
    hashAt(step) {
      if (step === row.steps) return endHash(row)
      if (step <= until) return truth.hashAt(step)
      return keccak(ethers.toUtf8Bytes(`${seed} ${step}`))
    },
  }
}

/** The tree over leaves given as they are, filled up to its depth with zero words. */
export function sumTree(leaves: readonly SumNode[], depth: number) {
  const padding = { hash: ZERO, sum: 0n }
  const levels = [Array.from({ length: 2 ** depth }, (_, i) => leaves[i] ?? padding)]
  for (let level = 0; level < depth; level++) {
    const below = levels[level] as SumNode[]
    levels.push(
      Array.from({ length: below.length / 2 }, (_, i) => {
        const [left, right] = [below[2 * i] as SumNode, below[2 * i + 1] as SumNode]
        return { hash: sumHash(left, right), sum: left.sum + right.sum }
      }),
    )
  }
  const node = (level: number, index: number) => levels[level]?.[index] as SumNode
  const proof = (from: number, index: number, level: number) =>
    ethers.concat(Array.from({ length: level - from }, (_, i) => packNode(node(from + i, (index >>> i) ^ 1))))
  return { node, proof, root: node(depth, 0).hash, totalSteps: node(depth, 0).sum }
}

export interface Parts {
  rows: readonly Row[]
  traces: (task: number) => Trace
  /** Leaves that are not those of the rows, by their place. */
  leaves?: Record<number, SumNode>
}

export function versionOf({ rows, traces, leaves = {} }: Parts): Version {
  const depth = Math.ceil(Math.log2(rows.length))
  const ofRows = rows.map((row, i): SumNode => ({ hash: leafOf(i, packRow(row)), sum: row.steps }))
  for (const [index, leaf] of Object.entries(leaves)) ofRows[Number(index)] = leaf
  const filled = Array.from({ length: 2 ** depth }, (_, i) => ofRows[i] ?? { hash: ZERO, sum: 0n })
  return { tasks: rows.length, depth, rows, trace: traces, ...sumTree(filled, depth) }
}

export interface Truth extends Version {
  trace(task: number): TrueTrace
}

const known = new Map<string, TrueTrace>()

export function truthOf(tasks: readonly MachineTask[]): Truth {
  const traces = tasks.map((task) => {
    const key = `${ethers.hexlify(task.input)} ${ethers.hexlify(task.shared)} ${task.stepLimit} ${task.maxOutput}`
    const trace = known.get(key) ?? trueTrace(task)
    known.set(key, trace)
    return trace
  })
  const trace = (task: number) => traces[task] as TrueTrace
  return { ...versionOf({ rows: traces.map(({ row }) => row), traces: trace }), trace }
}

/** The truth, or another lie, with another row of one task, whose trace is true up to a step. */
export function lieAbout(
  truth: Version,
  task: number,
  change: Partial<Row>,
  until = 0n,
  seed?: string,
): Version {
  const row = { ...(truth.rows[task] as Row), ...change }
  const lied = liedTrace(truth.trace(task), { until, row, ...(seed === undefined ? {} : { seed }) })
  return versionOf({
    rows: truth.rows.map((each, i) => (i === task ? row : each)),
    traces: (i) => (i === task ? lied : truth.trace(i)),
  })
}

// What the provider posts, and what a challenger makes of it

export interface NodeView {
  isTrace: boolean
  level: bigint
  index: bigint
  steps: bigint
  from: bigint
  to: bigint
  start: string
  end: string
}

/** Where the j-th segment of a stretch begins. */
export const splitPoint = (from: bigint, to: bigint, j: number) => {
  const steps = to - from
  return from + (BigInt(j) * steps) / (steps < 32n ? steps : 32n)
}

export const segmentsOf = ({ from, to }: Pick<NodeView, 'from' | 'to'>) =>
  to - from < 32n ? Number(to - from) : 32

/** The level whose nodes a posting shows. */
export const levelBelow = (level: number) => (level === 0 ? 0 : Math.floor((level - 1) / 5) * 5)

/** What somebody who holds a version posts about a node. */
export function postingOf(version: Version, node: NodeView): string {
  const [level, index] = [Number(node.level), Number(node.index)]
  if (node.isTrace) {
    const trace = version.trace(index)
    return ethers.concat(
      Array.from({ length: segmentsOf(node) - 1 }, (_, j) =>
        trace.hashAt(splitPoint(node.from, node.to, j + 1)),
      ),
    )
  }
  const below = levelBelow(level)
  const first = index * 2 ** (level - below)
  const places = Array.from({ length: 2 ** (level - below) }, (_, i) => first + i)
  return below === 0
    ? ethers.concat(places.filter((i) => i < version.tasks).map((i) => packRow(version.rows[i] as Row)))
    : ethers.concat(places.map((i) => packNode(version.node(below, i))))
}

/** The segments' tree over the states of a posted stretch. */
export function segmentTree(node: NodeView, data: string) {
  const inner = Array.from({ length: ethers.dataLength(data) / 32 }, (_, i) =>
    ethers.dataSlice(data, 32 * i, 32 * i + 32),
  )
  const states = [node.start, ...inner, node.end]
  const pair = (left: string, right: string) => keccak(ethers.concat([left, right]))
  const levels = [
    Array.from({ length: 32 }, (_, j) =>
      j + 1 < states.length ? pair(states[j] as string, states[j + 1] as string) : ZERO,
    ),
  ]
  for (let level = 0; level < 5; level++) {
    const below = levels[level] as string[]
    levels.push(
      Array.from({ length: below.length / 2 }, (_, i) =>
        pair(below[2 * i] as string, below[2 * i + 1] as string),
      ),
    )
  }
  return {
    states,
    root: levels[5]?.[0] as string,
    proof: (j: number) => Array.from({ length: 5 }, (_, i) => levels[i]?.[(j >>> i) ^ 1] as string),
  }
}
