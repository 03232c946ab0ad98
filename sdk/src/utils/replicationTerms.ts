import { type Hex, numberToHex } from 'viem'
import { ReplicationWrongSizeError } from '../errors/replication.ts'
import type { ReplicationTerms } from '../types/replication.ts'
import type { JobTermsInput, NamedJobTerms } from '../types/terms.ts'
import { packWord, unpackWord } from './packing.ts'
import { withNonce } from './terms.ts'

// contracts/types/ReplicationTerms.sol
const layout = [
  ['index', 8],
  ['seats', 8],
  ['spares', 8],
  ['drawBits', 8],
  ['baseBps', 16],
  ['commitTime', 24],
  ['revealTime', 24],
  ['drawTime', 24],
  ['tag', 136],
] as const

/** Least number of seats of a group, and of spares if it has any; as contracts/verification/Replication.sol. */
export const minSeats = 3
/** Greatest number of seats of a group, and of spares. */
export const maxSeats = 15

/**
 * Packs the `assurance` of one seat of a replicated group.
 * @throws {ReplicationWrongSizeError} for numbers of seats and spares that no group may have
 * @throws {InvalidIntegerError | ValueOutOfRangeError} for what a field cannot express
 */
export function encodeReplicationTerms(terms: ReplicationTerms): Hex {
  requireSizes(terms)
  return numberToHex(packWord(layout, { ...terms, tag: terms.tag ?? 0n }), { size: 32 })
}

/** Unpacks the `assurance` of one seat of a replicated group. */
export function decodeReplicationTerms(assurance: Hex): Required<ReplicationTerms> {
  const { tag, ...fields } = unpackWord(layout, BigInt(assurance))
  const numbers = Object.entries(fields).map(([name, value]) => [name, Number(value)])
  return { ...(Object.fromEntries(numbers) as Omit<ReplicationTerms, 'tag'>), tag }
}

/**
 * The jobs of a replicated group, seats first, then spares: terms that differ in `assurance`, and the spares' in
 * `claimBy`, which ends by the times of one round later. All have to be posted before any is claimed.
 *
 * @example
 * const { jobs } = await client.postManySync({ terms: replicate(terms, replication) })
 *
 * @throws {ReplicationWrongSizeError | InvalidIntegerError | ValueOutOfRangeError}
 */
export function replicate(
  terms: Omit<JobTermsInput, 'level' | 'assurance'>,
  replication: Omit<ReplicationTerms, 'index'>,
): NamedJobTerms[] {
  requireSizes(replication)
  const { seats, spares, commitTime, revealTime, drawTime } = replication
  const shared = withNonce({ ...terms, level: 'replicated' })
  return Array.from({ length: seats + spares }, (_, index) => ({
    ...shared,
    claimBy: shared.claimBy + (index < seats ? 0 : commitTime + revealTime + drawTime),
    assurance: encodeReplicationTerms({ ...replication, index }),
  }))
}

/** Whether a group may have so many seats, or spares: an odd number from 3 to 15. */
export function isGroupSize(size: number): boolean {
  return size >= minSeats && size <= maxSeats && size % 2 === 1
}

/** As the level's contract does: an even size gives its half a veto, and one alone is the verdict. */
function requireSizes({ seats, spares }: Pick<ReplicationTerms, 'seats' | 'spares'>): void {
  for (const [field, size] of [['seats', seats] as const, ['spares', spares] as const]) {
    if (isGroupSize(size) || (field === 'spares' && size === 0)) continue
    throw new ReplicationWrongSizeError({ field, size, min: minSeats, max: maxSeats })
  }
}
