import type { Address } from 'viem'
import { timelockAbi } from '../abis.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { readMarket } from '../utils/market.ts'
import { readCall } from '../utils/readCall.ts'

export type GetGovernanceParameters = MarketParameter

export type GetGovernanceReturnType = {
  /** OpenZeppelin's TimelockController that may add parameter sets and name fee recipient and guardian, for ever. */
  timelock: Address
  /** Seconds that a scheduled call waits at least. */
  minDelay: bigint
  /** Who may pause posting; the zero address for nobody. */
  guardian: Address
  feeRecipient: Address
}

export type GetGovernanceErrorType = ReadMarketErrorType

/**
 * Reads who governs the market.
 *
 * @example
 * const { timelock, minDelay, guardian } = await client.getGovernance()
 */
export async function getGovernance(
  client: ClientWithMarket,
  parameters: GetGovernanceParameters = {},
): Promise<GetGovernanceReturnType> {
  const [timelock, guardian, feeRecipient] = await Promise.all([
    readMarket(client, parameters, 'timelock', []),
    readMarket(client, parameters, 'guardian', []),
    readMarket(client, parameters, 'feeRecipient', []),
  ])
  const minDelay = await readCall(client, { abi: timelockAbi, address: timelock }, 'getMinDelay', [])
  return { timelock, minDelay, guardian, feeRecipient }
}
