import type { Address, Hex } from 'viem'
import { getChallengeBond } from '../actions/getChallengeBond.ts'
import { getResult } from '../actions/getResult.ts'
import { openChallenge } from '../actions/openChallenge.ts'
import { NothingToDisputeError } from '../errors/dispute.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { EncodedJobTerms } from '../types/terms.ts'
import { findPostedTerms } from '../utils/postedTerms.ts'
import { decodeJobTerms } from '../utils/terms.ts'
import type { ContractCall } from '../utils/writeMarket.ts'
import { firstMoves } from './challenger.ts'
import { claimTermsHash } from './ids.ts'
import type { Player } from './knowledge.ts'
import { rootNode } from './results.ts'
import type { ClaimTerms, DisputeClaim } from './types.ts'

/** A claim that may be disputed, and what was submitted. */
export type SubmittedClaim = {
  claim: DisputeClaim
  terms: ClaimTerms
  requester: Address
  encoded: EncodedJobTerms
  resultRoot: Hex
  totalSteps: bigint
}

/**
 * Looks up the claim that a job's provider has submitted.
 * @throws {UnknownJobError | ResultNotSubmittedError | EventNotFoundError | EventMismatchError}
 */
export async function findClaim(
  client: ClientWithMarket,
  { jobId, market }: { jobId: Hex; market: Address },
): Promise<SubmittedClaim> {
  const { requester, terms: encoded } = await findPostedTerms(client, { jobId, market })
  const { provider, resultRoot, totalSteps } = await getResult(client, { jobId, market })
  const { tasks, ...rest } = decodeJobTerms(encoded)
  const terms = claimTermsOf(rest)
  const claim: DisputeClaim = { market, jobId, provider, tasks, termsHash: claimTermsHash(terms) }
  return { claim, terms, requester, encoded, resultRoot, totalSteps }
}

/** What of a job's terms decides the result of a task. */
export function claimTermsOf(terms: ClaimTerms): ClaimTerms {
  const { programId, inputsRoot, sharedInput, stepLimit, maxOutput, maxPages } = terms
  return { programId, inputsRoot, sharedInput, stepLimit, maxOutput, maxPages }
}

/**
 * The call that opens a challenge, with the moves that can be made at once.
 * @throws {NothingToDisputeError}
 */
export async function openingCall(
  client: ClientWithMarket,
  submitted: SubmittedClaim,
  player: Player,
  { game, bond }: { game: Address; bond?: bigint | undefined },
): Promise<ContractCall> {
  const { claim, requester, encoded, resultRoot, totalSteps } = submitted
  const { market, jobId, tasks } = claim
  const first = firstMoves(tasks, rootNode({ hash: resultRoot, steps: totalSteps }, tasks), player)
  if (typeof first === 'string')
    throw new NothingToDisputeError({ jobId, reason: first, executed: player.knowledge.rows.size, tasks })
  return openChallenge.call({
    market,
    game,
    bond: bond ?? (await getChallengeBond(client, { jobId, market, game })),
    first,
    requester,
    terms: encoded,
    resultRoot,
    totalSteps,
  })
}
