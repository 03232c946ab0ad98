import type { Hex } from 'viem'
import { inspectProgram, pageBytes } from '../program/index.ts'
import type { NamedJobTerms } from '../types/terms.ts'
import { randomNonce } from '../utils/terms.ts'
import type { StoredData } from './data.ts'
import type { Shard } from './plan.ts'
import type { RunParameters } from './types.ts'

const MIB = 1 << 20

/** Where each auction starts, of the whole. */
export function minPriceOf({ minPrice, maxPrice }: RunParameters<unknown>): bigint {
  return minPrice ?? maxPrice / 2n
}

/** Bytes a single task may write. */
export function maxOutputOf({ maxOutput = MIB }: RunParameters<unknown>): number {
  return maxOutput
}

/**
 * The terms of a part, as a function of the chain's time and the stored data; every call draws another nonce.
 * @throws Program…Error where no provider could run the program
 */
export function termsFor(
  parameters: RunParameters<unknown>,
): (shard: Shard, now: number, data: StoredData) => NamedJobTerms {
  const pages = inspectProgram(parameters.program).memory.max
  return (shard, now, data) => ({
    programId: data.programId,
    inputsRoot: data.inputsRoots.get(shard) as Hex,
    sharedInput: data.sharedInput,
    maxPrice: shard.maxPrice,
    minPrice: shard.minPrice,
    ramp: parameters.ramp ?? 30,
    run: parameters.run ?? 600,
    window: parameters.window ?? 120,
    minReputation: parameters.minReputation ?? 0n,
    floor: parameters.floor ?? { cores: 1, memoryMiB: Math.ceil((pages * pageBytes) / MIB), diskGiB: 0 },
    level: 'optimistic',
    tasks: shard.tasks,
    claimBy: now + (parameters.claimFor ?? 600),
    stepLimit: parameters.stepLimit ?? 1n << 36n,
    maxOutput: maxOutputOf(parameters),
    maxPages: pages,
    nonce: randomNonce(),
    dataUri: parameters.store,
  })
}
