import { zeroHash } from 'viem'
import { privateProgram, saltBytes } from '../private/index.ts'
import type { NamedJobTerms } from '../types/terms.ts'
import { attestersHash } from '../utils/attesters.ts'
import { randomNonce } from '../utils/terms.ts'
import { pageSize } from '../vm/isa.ts'
import { translate } from '../vm/lower/translate.ts'
import { usualSpeed } from '../vm/speed.ts'
import type { ShardData } from './data.ts'
import type { Shard } from './plan.ts'
import type { RunParameters } from './types.ts'

const MIB = 1 << 20
/** Seats have no window; every market takes this one, as its shortest is never longer. */
const UNUSED_WINDOW = 7 * 86_400

/** Where each auction starts, of the whole. */
export function minPriceOf({ minPrice, maxPrice }: RunParameters<unknown>): bigint {
  return minPrice ?? maxPrice / 2n
}

function runOf({ run = 600 }: RunParameters<unknown>): number {
  return run
}

/** Beyond this, a share paid by step would hardly reach anybody. */
const MOST_STEPS = 1n << 36n

/**
 * The most steps of a task where nothing else is said: what providers count on doing in the run time, because they pass over
 * jobs with more; at most 2^36.
 * @param run - Seconds, however unfit: terms are checked later.
 */
function defaultStepLimit(run: number): bigint {
  const steps = Number.isInteger(run) && run > 0 ? BigInt(run) * usualSpeed : 1n
  return steps < MOST_STEPS ? steps : MOST_STEPS
}

/** Bytes a single task may write, the random word of a private one included. */
export function maxOutputOf({ maxOutput = MIB, private: isPrivate }: RunParameters<unknown>): number {
  return maxOutput + (isPrivate ? saltBytes : 0)
}

/**
 * The program as the jobs name it.
 * @throws PrivateProgramError, Program…Error
 */
export function programOf({ program, private: isPrivate }: RunParameters<unknown>): Uint8Array {
  return isPrivate ? privateProgram(program) : program
}

/** What is left of the prices of a part. */
export function pricesOf(
  { maxPrice, minPrice }: Shard,
  spent: bigint,
): { maxPrice: bigint; minPrice: bigint } {
  const left = maxPrice - spent
  return { maxPrice: left, minPrice: minPrice < left ? minPrice : left }
}

/** When a part is posted, and what for. */
export type TermsContext = { now: number; data: ShardData; spent: bigint }

/**
 * The terms of a part, as a function of the chain's time, the stored data and what earlier attempts cost; every call draws
 * another nonce. Those of a group's seats follow from them.
 * @throws Program…Error where no provider could run the program
 */
export function termsFor(
  parameters: RunParameters<unknown>,
): (shard: Shard, context: TermsContext) => NamedJobTerms {
  const pages = translate(programOf(parameters)).maxPages
  const { level = 'optimistic', attesters } = parameters
  return (shard, { now, data, spent }) => ({
    programId: data.programId,
    inputsRoot: data.inputsRoot,
    sharedInput: data.sharedInput,
    isPrivate: parameters.private ?? false,
    ...pricesOf(shard, spent),
    ramp: parameters.ramp ?? 30,
    run: runOf(parameters),
    window: parameters.window ?? (level === 'replicated' ? UNUSED_WINDOW : 120),
    minReputation: parameters.minReputation ?? 0n,
    floor: parameters.floor ?? { cores: 1, memoryMiB: Math.ceil((pages * pageSize) / MIB), diskGiB: 0 },
    level,
    assurance: attesters === undefined ? zeroHash : attestersHash(attesters),
    meteredBps: parameters.meteredBps ?? 0,
    tasks: shard.tasks,
    claimBy: now + (parameters.claimFor ?? 600),
    stepLimit: parameters.stepLimit ?? defaultStepLimit(runOf(parameters)),
    maxOutput: maxOutputOf(parameters),
    maxPages: pages,
    nonce: randomNonce(),
    dataUri: data.dataUri,
  })
}
