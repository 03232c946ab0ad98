import { type Hex, numberToHex } from 'viem'
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

/**
 * Packs the `assurance` of one seat of a replicated group.
 * @throws {InvalidIntegerError | ValueOutOfRangeError} for what a field cannot express
 */
export function encodeReplicationTerms(terms: ReplicationTerms): Hex {
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
 * @throws {InvalidIntegerError | ValueOutOfRangeError}
 */
export function replicate(
  terms: Omit<JobTermsInput, 'level' | 'assurance'>,
  replication: Omit<ReplicationTerms, 'index'>,
): NamedJobTerms[] {
  const { seats, spares, commitTime, revealTime, drawTime } = replication
  const shared = withNonce({ ...terms, level: 'replicated' })
  return Array.from({ length: seats + spares }, (_, index) => ({
    ...shared,
    claimBy: shared.claimBy + (index < seats ? 0 : commitTime + revealTime + drawTime),
    assurance: encodeReplicationTerms({ ...replication, index }),
  }))
}
