import type { Address, Hex } from 'viem'
import { EventMismatchError, type EventNotFoundError } from '../errors/events.ts'
import { ResultNotSubmittedError, type UnknownJobError } from '../errors/jobs.ts'
import { resultCommitment } from '../trees/resultTree.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { findJobEvents } from '../utils/findEvent.ts'
import { findRevealedResult } from '../utils/revealed.ts'
import { getJob } from './getJob.ts'

export type GetResultParameters = MarketParameter & {
  jobId: Hex
  /** @default the block of the market's deployment */
  fromBlock?: bigint | undefined
}

export type GetResultReturnType = {
  /** Root of the result sum tree. */
  resultRoot: Hex
  /** Sum of the steps of all tasks. */
  totalSteps: bigint
  provider: Address
}

export type GetResultErrorType =
  | UnknownJobError
  | ResultNotSubmittedError
  | EventNotFoundError
  | EventMismatchError
  | ReadMarketErrorType

/**
 * Reads the result root that was submitted, or revealed by a seat, out of its event; it is checked against the commitment
 * that the contract keeps.
 *
 * @example
 * const { resultRoot, totalSteps } = await client.getResult({ jobId })
 *
 * @throws {UnknownJobError | ResultNotSubmittedError | EventNotFoundError | EventMismatchError}
 */
export async function getResult(
  client: ClientWithMarket,
  parameters: GetResultParameters,
): Promise<GetResultReturnType> {
  const { jobId } = parameters
  const job = await getJob(client, { jobId, market: parameters.market })
  const { status, provider, submittedAt, resultCommitment: expected } = job
  if (expected === null || submittedAt === null || provider === null)
    throw new ResultNotSubmittedError({ jobId, status })
  if (job.level === 'replicated') {
    const revealed = await findRevealedResult(client, parameters)
    if (resultCommitment({ root: revealed.resultRoot, totalSteps: revealed.totalSteps }) === expected)
      return { ...revealed, provider }
  }
  const events = await findJobEvents(client, {
    ...parameters,
    eventName: 'ResultSubmitted',
    time: submittedAt,
  })
  let actual: Hex = '0x'
  for (const { args } of events) {
    const { resultRoot, totalSteps } = args
    actual = resultCommitment({ root: resultRoot, totalSteps })
    if (actual === expected) return { resultRoot, totalSteps, provider }
  }
  throw new EventMismatchError({ eventName: 'ResultSubmitted', jobId, expected, actual })
}
