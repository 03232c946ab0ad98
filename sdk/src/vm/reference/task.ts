import type { Hex } from 'viem'
import { toHex } from '../../trees/bytes.ts'
import { maxContentLength } from '../../trees/contentTree.ts'
import type { MachineTask } from '../engine.ts'
import { depth, pageSize, vmVersion } from '../isa.ts'
import {
  inputHash,
  jobHash,
  type ProgramImage,
  type ProgramRoots,
  programIdOfParts,
  programRoots,
  restHash,
  type TaskTerms,
  tableBytes,
} from '../state.ts'
import { ByteTree } from '../trees/byteTree.ts'

/** One of the two inputs. Its length is committed by the content hash. */
export type Stream = { readonly bytes: ByteTree; readonly length: bigint }

/** A task with everything that its hash commits to. */
export type CommittedTask = {
  readonly program: ProgramImage
  readonly roots: ProgramRoots
  readonly restHash: Hex
  readonly version: number
  readonly maxPages: number
  readonly stepLimit: bigint
  readonly maxOutput: number
  readonly terms: TaskTerms
  readonly jobHash: Hex
  /** The program's code and table with proofs; built when they are first asked for. */
  tree(name: 'code' | 'table'): ByteTree
  /** An input by its number; undefined for numbers that have none. */
  stream(number: number): Stream | undefined
  /** Bytes that a program may read of a stream. */
  sizeOf(number: number): number
}

/**
 * Hashes a task: program, inputs and terms.
 * @param given - For tests: what no honest task has.
 */
export function committedTask(
  { program, input, shared, stepLimit, maxOutput }: MachineTask,
  given: { version?: number; lengths?: readonly [bigint, bigint]; roots?: ProgramRoots } = {},
): CommittedTask {
  const { version = vmVersion, roots = programRoots(program) } = given
  const lengths = given.lengths ?? [BigInt(input.length), BigInt(shared.length)]
  const streams = [input, shared].map(
    (bytes, index): Stream => ({
      bytes: ByteTree.of(depth.content, bytes, { chunkSize: pageSize }),
      length: lengths[index]!,
    }),
  )
  const [taskInput, sharedInput] = streams.map(({ bytes, length }) => inputHash(toHex(bytes.root()), length))
  const { maxPages } = program
  const trees = new Map<string, ByteTree>()
  const rest = restHash(roots, program)
  const terms: TaskTerms = {
    programId: programIdOfParts({ codeRoot: roots.code, maxPages, version, restHash: rest }),
    taskInput: taskInput!,
    sharedInput: sharedInput!,
    stepLimit,
    maxOutput,
  }
  return {
    program,
    roots,
    restHash: rest,
    version,
    maxPages,
    stepLimit,
    maxOutput,
    terms,
    jobHash: jobHash(terms),
    tree(name) {
      const bytes = () => (name === 'code' ? program.code : tableBytes(program.table))
      const tree = trees.get(name) ?? ByteTree.of(depth[name], bytes(), { chunkSize: pageSize })
      trees.set(name, tree)
      return tree
    },
    stream: (number) => streams[number],
    sizeOf(number) {
      const length = streams[number]?.length ?? 0n
      return length < maxContentLength ? Number(length) : maxContentLength
    },
  }
}
