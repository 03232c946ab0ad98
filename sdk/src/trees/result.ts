import type { Hex } from 'viem'
import { MalformedLeavesError, MalformedResultError } from '../errors/trees.ts'
import { treeDepth } from './binaryTree.ts'
import { hashBytes, isHash, sameHash, toHex } from './bytes.ts'
import { emptyRoot, maxContentLength } from './contentTree.ts'

/** How a task ended. */
export type TaskStatus = 'halted' | 'trapped' | 'outOfSteps'

/** What a task did: the claim that a result leaf commits to. */
export type TaskResult = {
  status: TaskStatus
  /** What the program gave to `exit`, as u32; 0 unless halted. */
  exitCode: number
  /** Content root of the output; the empty root unless halted. */
  outputRoot: Hex
  /** Bytes of the output; 0 unless halted. */
  outputLength: number | bigint
  /** Steps taken, at least 1. */
  steps: bigint
}

/** A task's result as read from a leaves file. */
export type LeafRow = TaskResult & { outputLength: number }

/** Bytes of one task in a leaves file. */
export const leafRowSize = 53

/** The byte of a status is its place; 0 is a machine still running, which is no result. */
const statuses: readonly (TaskStatus | undefined)[] = [undefined, 'halted', 'trapped', 'outOfSteps']

/** A job's bounds on what its tasks do. */
export type ResultLimits = {
  stepLimit?: bigint | undefined
  /** Bytes of one output. */
  maxOutput?: number | undefined
}

/**
 * Why a result can be refused without executing anything, or undefined if it is well-formed.
 * @param limits - The job's bounds, where they are known.
 */
export function resultFault(result: TaskResult, limits: ResultLimits = {}): string | undefined {
  return fieldFault(result) ?? limitFault(result, limits)
}

function limitFault(result: TaskResult, { stepLimit, maxOutput }: ResultLimits): string | undefined {
  const { status, outputLength, steps } = result
  if (maxOutput !== undefined && outputLength > maxOutput)
    return `output of ${outputLength} bytes, the job allows ${maxOutput}`
  if (stepLimit === undefined) return undefined
  if (steps > stepLimit) return `${steps} steps, the job allows ${stepLimit}`
  if (status === 'outOfSteps' && steps !== stepLimit) return `out of steps after ${steps} of ${stepLimit}`
  return undefined
}

function fieldFault(result: TaskResult): string | undefined {
  const { status, exitCode, outputRoot, outputLength, steps } = result
  if (!statuses.includes(status, 1)) return `status ${String(status)} is unknown`
  if (!Number.isInteger(exitCode) || exitCode < 0 || exitCode >= 2 ** 32)
    return `exit code ${exitCode} is no u32`
  if (!isHash(outputRoot)) return `output root ${String(outputRoot)} is no hash`
  if (typeof outputLength !== 'bigint' && !Number.isInteger(outputLength))
    return `output length ${outputLength} is not a whole number`
  if (outputLength < 0 || outputLength > maxContentLength)
    return `output length ${outputLength} is not between 0 and ${maxContentLength}`
  if (steps < 1n || steps >= 2n ** 64n) return `steps ${steps} are not between 1 and 2^64 - 1`
  if (status !== 'halted' && exitCode !== 0) return `exit code ${exitCode} of a task that is ${status}`
  if (status !== 'halted' && Number(outputLength) !== 0)
    return `output of ${outputLength} bytes of a task that is ${status}`
  if (Number(outputLength) === 0 && !sameHash(outputRoot, emptyRoot))
    return `output root ${outputRoot} of an output without bytes`
  return undefined
}

/**
 * Writes `status u8 ‖ exitCode u32 ‖ outputRoot ‖ outputLength u64 ‖ steps u64` at `row[at]`.
 * @throws {MalformedResultError}
 */
export function writeRow(taskIndex: number, result: TaskResult, row: Uint8Array, at: number): void {
  const reason = resultFault(result)
  if (reason !== undefined) throw new MalformedResultError({ taskIndex, reason })
  const fields = new DataView(row.buffer, row.byteOffset + at, leafRowSize)
  fields.setUint8(0, statuses.indexOf(result.status))
  fields.setUint32(1, result.exitCode)
  row.set(hashBytes(result.outputRoot, 'outputRoot'), at + 5)
  fields.setBigUint64(37, BigInt(result.outputLength))
  fields.setBigUint64(45, result.steps)
}

/**
 * The leaves file of a job: 53 bytes for each task, in their order.
 * @throws {TaskCountError | MalformedResultError}
 */
export function encodeLeaves(results: readonly TaskResult[]): Uint8Array {
  treeDepth(results.length)
  const file = new Uint8Array(results.length * leafRowSize)
  for (const [index, result] of results.entries()) writeRow(index, result, file, index * leafRowSize)
  return file
}

/**
 * Reads a leaves file and refuses results that no program can have.
 * @param tasks - How many tasks the job has; by default as many as the file holds.
 * @throws {MalformedLeavesError | MalformedResultError}
 */
export function decodeLeaves(file: Uint8Array, { tasks }: { tasks?: number | undefined } = {}): LeafRow[] {
  const count = file.length / leafRowSize
  if (!Number.isInteger(count) || count < 1 || (tasks !== undefined && count !== tasks))
    throw new MalformedLeavesError({ size: file.length, tasks })
  return Array.from({ length: count }, (_, taskIndex) => readRow(taskIndex, file, taskIndex * leafRowSize))
}

function readRow(taskIndex: number, file: Uint8Array, at: number): LeafRow {
  const fields = new DataView(file.buffer, file.byteOffset + at, leafRowSize)
  const statusByte = fields.getUint8(0)
  const status = statuses[statusByte]
  if (status === undefined)
    throw new MalformedResultError({ taskIndex, reason: `status ${statusByte} is unknown` })
  const row = {
    status,
    exitCode: fields.getUint32(1),
    outputRoot: toHex(file.subarray(at + 5, at + 37)),
    outputLength: Number(fields.getBigUint64(37)),
    steps: fields.getBigUint64(45),
  }
  const reason = resultFault(row)
  if (reason !== undefined) throw new MalformedResultError({ taskIndex, reason })
  return row
}
