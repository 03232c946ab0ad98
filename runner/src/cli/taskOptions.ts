import type { Program } from 'assay/vm'
import { type Command, InvalidArgumentError } from 'commander'
import { dataLimits } from '../commands/limits.ts'
import { UsageError } from '../errors.ts'
import type { ProgramJob } from '../machine/execute.ts'
import { readInput } from './files.ts'
import { parseIndex } from './options.ts'

export type TaskOptions = {
  input?: string
  text?: string
  shared?: string
  stepLimit?: bigint
  maxOutput: number
}

/** Steps that no job exceeds. */
const mostSteps = 2 ** 44

/** Adds the options that say what one task computes, and within which limits. */
export function withTask(command: Command, defaultSteps = '2^36'): Command {
  return command
    .option('--input <file>', "the task's input (default: empty)")
    .option('--text <text>', "the task's input, given here")
    .option('--shared <file>', 'input that all tasks of a job share (default: empty)')
    .option('--step-limit <n>', `most steps the task may take (default: ${defaultSteps})`, parseStepLimit)
    .option('--max-output <bytes>', 'most bytes the task may write', parseMaxOutput, 1 << 20)
}

/**
 * The task that the options describe.
 * @throws {UsageError}
 */
export function taskOf(program: Program, options: TaskOptions, defaultSteps = 1n << 36n): ProgramJob {
  const { input, text, shared, stepLimit = defaultSteps, maxOutput } = options
  if (input !== undefined && text !== undefined) {
    throw new UsageError({
      message: 'A task has one input, and two were given.',
      remedy: 'Leave out --input or --text.',
    })
  }
  return {
    program,
    input: input === undefined ? new TextEncoder().encode(text ?? '') : readInput(input, dataLimits.input),
    shared: shared === undefined ? new Uint8Array(0) : readInput(shared, dataLimits.shared),
    stepLimit,
    maxOutput,
  }
}

/** A number of steps of which there may be none. */
export function parseStep(text: string): bigint {
  const steps = parseIndex(text)
  if (steps > mostSteps) throw new InvalidArgumentError(`At most 2^44 (${mostSteps}), which no task exceeds.`)
  return BigInt(steps)
}

function parseStepLimit(text: string): bigint {
  const steps = parseStep(text)
  if (steps === 0n) throw new InvalidArgumentError('Expected a whole number of at least 1.')
  return steps
}

function parseMaxOutput(text: string): number {
  const bytes = parseIndex(text)
  if (bytes > dataLimits.output)
    throw new InvalidArgumentError(`Providers take up to ${dataLimits.output} bytes.`)
  return bytes
}
