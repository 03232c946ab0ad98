import type {
  Account,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
} from 'viem'
import { parseAccount } from 'viem/accounts'
import { readContract } from 'viem/actions'
import { jobMarketAbi } from '../abis.ts'
import { marketDeployments } from '../chains.ts'
import { AccountRequiredError, MarketUnknownError } from '../errors/client.ts'
import { decodeContractError } from '../errors/decode.ts'
import type { ClientWithMarket, MarketDeployment, MarketParameter } from '../types/client.ts'

type Abi = typeof jobMarketAbi
type ViewName = ContractFunctionName<Abi, 'pure' | 'view'>
type ViewArgs<name extends ViewName> = ContractFunctionArgs<Abi, 'pure' | 'view', name>

/**
 * The market of a call: the one named, else the client's, else that of the client's chain.
 * @throws {MarketUnknownError}
 */
export function getDeployment(client: ClientWithMarket, { market }: MarketParameter = {}): MarketDeployment {
  const known = client.deployment ?? marketDeployments[client.chain?.id ?? 0]
  if (market === undefined) {
    if (known === undefined) throw new MarketUnknownError({ chainId: client.chain?.id })
    return known
  }
  const isKnown = known?.market.toLowerCase() === market.toLowerCase()
  return isKnown ? known : { market, fromBlock: 0n }
}

/**
 * Address of the market of a call.
 * @throws {MarketUnknownError}
 */
export function getMarketAddress(client: ClientWithMarket, parameters: MarketParameter = {}): Address {
  return getDeployment(client, parameters).market
}

/**
 * The account of a call: the one named, else the client's.
 * @throws {AccountRequiredError}
 */
export function getAccountOf(
  client: ClientWithMarket,
  { account, action }: { account?: Account | Address | undefined; action: string },
): Account {
  const found = account ?? client.account
  if (!found) throw new AccountRequiredError({ action })
  return parseAccount(found)
}

/** Calls a view function of the market; what fails arrives as an error of this package. */
export async function readMarket<const name extends ViewName>(
  client: ClientWithMarket,
  parameters: MarketParameter & { blockNumber?: bigint | undefined },
  functionName: name,
  args: ViewArgs<name>,
): Promise<ContractFunctionReturnType<Abi, 'pure' | 'view', name, ViewArgs<name>>> {
  const address = getMarketAddress(client, parameters)
  const { blockNumber } = parameters
  try {
    return (await readContract(client, {
      abi: jobMarketAbi,
      address,
      functionName,
      args,
      ...(blockNumber === undefined ? {} : { blockNumber }),
    } as never)) as never
  } catch (error) {
    throw decodeContractError(error, { functionName, address })
  }
}
