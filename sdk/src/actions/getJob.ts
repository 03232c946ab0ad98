import type { Hex } from 'viem'
import { zeroAddress, zeroHash } from 'viem'
import { UnknownJobError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import type { Job } from '../types/job.ts'
import { getMarketAddress, readMarket } from '../utils/market.ts'
import { decodeResources } from '../utils/resources.ts'
import { decodeJobStatus } from '../utils/status.ts'
import { bpsToMinPrice, decodeLevel } from '../utils/terms.ts'

export type GetJobParameters = MarketParameter & {
  jobId: Hex
  /** @default the newest block */
  blockNumber?: bigint | undefined
}

export type GetJobReturnType = Job

export type GetJobErrorType = UnknownJobError | ReadMarketErrorType

/**
 * Reads a job and where it stands.
 *
 * @example
 * const { status, provider, price } = await client.getJob({ jobId })
 *
 * @throws {UnknownJobError}
 */
export async function getJob(
  client: ClientWithMarket,
  parameters: GetJobParameters,
): Promise<GetJobReturnType> {
  const { jobId } = parameters
  const view = await readMarket(client, parameters, 'getJob', [jobId])
  const status = decodeJobStatus(view.status)
  if (status === 'none') throw new UnknownJobError({ jobId, market: getMarketAddress(client, parameters) })
  const claimed = view.provider !== zeroAddress
  const metered = view.meteredBps !== 0n
  return {
    jobId,
    status,
    requester: view.requester,
    postedAt: Number(view.postedAt),
    claimBy: Number(view.claimBy),
    tasks: Number(view.tasks),
    maxPrice: view.maxPrice,
    minPrice: bpsToMinPrice(view.minBps, view.maxPrice),
    ramp: Number(view.ramp),
    run: Number(view.run),
    window: Number(view.window),
    minReputation: view.minReputation,
    floor: decodeResources(view.floor),
    level: decodeLevel(view.level),
    parametersId: Number(view.parametersId),
    feeBps: Number(view.feeBps),
    isPrivate: view.isPrivate,
    isSigned: view.isSigned,
    meteredBps: Number(view.meteredBps),
    stepBudget: metered ? view.stepBudget : null,
    steps: metered && view.submittedAt !== 0n ? view.steps : null,
    provider: claimed ? view.provider : null,
    price: claimed ? view.price : null,
    bond: claimed ? view.bond : null,
    keyBy: view.keyBy === 0n ? null : Number(view.keyBy),
    runBy: view.runBy === 0n ? null : Number(view.runBy),
    submittedAt: view.submittedAt === 0n ? null : Number(view.submittedAt),
    openChallenges: Number(view.openChallenges),
    resultCommitment: view.resultCommitment === zeroHash ? null : view.resultCommitment,
  }
}
