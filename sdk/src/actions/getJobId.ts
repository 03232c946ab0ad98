import type { Address, Hex } from 'viem'
import { getChainId } from 'viem/actions'
import type { AccountRequiredError, MarketUnknownError } from '../errors/client.ts'
import type { InvalidIntegerError, ValueOutOfRangeError } from '../errors/parameters.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { NamedJobTerms } from '../types/terms.ts'
import { hashJob } from '../utils/jobId.ts'
import { getAccountOf, getMarketAddress } from '../utils/market.ts'
import { encodeJobTerms } from '../utils/terms.ts'

export type GetJobIdParameters = MarketParameter & {
  /** @default the client's account */
  requester?: Address | undefined
  /** With the nonce: without it there is no telling. */
  terms: NamedJobTerms
}

export type GetJobIdReturnType = Hex

export type GetJobIdErrorType =
  | AccountRequiredError
  | MarketUnknownError
  | InvalidIntegerError
  | ValueOutOfRangeError

/**
 * Computes the id that a job will have, on this machine; the node is asked for its chain id only where the client has no
 * chain.
 *
 * @example
 * const jobId = await client.getJobId({ terms })
 */
export async function getJobId(
  client: ClientWithMarket,
  parameters: GetJobIdParameters,
): Promise<GetJobIdReturnType> {
  const requester = getAccountOf(client, { account: parameters.requester, action: 'getJobId' }).address
  const market = getMarketAddress(client, parameters)
  const chainId = client.chain?.id ?? (await getChainId(client))
  return hashJob({ chainId, market, requester }, encodeJobTerms(parameters.terms))
}
