import type { Account, Address, Chain, Client, PublicActions, Transport, WalletActions } from 'viem'
import { createClient, getAddress, publicActions, walletActions } from 'viem'
import { marketDeployments } from './chains.ts'
import { type AuditorActions, auditorActions } from './decorators/auditor.ts'
import { type DisputeActions, disputeActions } from './decorators/dispute.ts'
import { type GovernorActions, governorActions } from './decorators/governor.ts'
import { type ProviderActions, providerActions } from './decorators/provider.ts'
import { type RequesterActions, requesterActions } from './decorators/requester.ts'
import { MarketUnknownError } from './errors/client.ts'
import type { MarketDeployment } from './types/client.ts'

export type MarketClientConfig = {
  /** How the node is reached: viem's `http(url)`, `webSocket(url)`, `custom(provider)`. */
  transport: Transport
  /** Who sends transactions; none is needed for reading. */
  account?: Account | Address | undefined
  /** Guards against sending to another chain; finds the market where `market` is not given. */
  chain?: Chain | undefined
  /** @default the market of `chain` */
  market?: Address | undefined
  /** @default the token of the chain's market, else asked from the market */
  token?: Address | undefined
  /**
   * Block from which the market's events are searched.
   * @default that of the chain's market, else 0
   */
  fromBlock?: bigint | undefined
  /**
   * Milliseconds.
   * @default half the chain's block time, at least 500 and at most 4_000
   */
  pollingInterval?: number | undefined
}

export type MarketActions = AuditorActions &
  RequesterActions &
  ProviderActions &
  GovernorActions &
  DisputeActions

/** A viem client with public and wallet actions and those of every role, bound to one market. */
export type MarketClient = Client<
  Transport,
  Chain | undefined,
  Account | undefined,
  undefined,
  PublicActions<Transport, Chain | undefined, Account | undefined> &
    WalletActions<Chain | undefined, Account | undefined> &
    MarketActions & { market: Address; deployment: MarketDeployment }
>

/**
 * Creates a client for one market. Nothing is asked from the node until the client is used.
 *
 * @example
 * const client = createMarketClient({ transport: http(), chain: local, account: privateKeyToAccount(key) })
 *
 * @throws {MarketUnknownError} without `market` and without a chain that has one
 */
export function createMarketClient(config: MarketClientConfig): MarketClient {
  const { transport, account, chain, pollingInterval } = config
  const deployment = chooseDeployment(config)
  return createClient({
    transport,
    chain,
    key: 'market',
    name: 'Market Client',
    type: 'marketClient',
    ...(account === undefined ? {} : { account }),
    ...(pollingInterval === undefined ? {} : { pollingInterval }),
  })
    .extend(publicActions)
    .extend(walletActions)
    .extend(() => ({ market: deployment.market, deployment }))
    .extend(auditorActions())
    .extend(requesterActions())
    .extend(providerActions())
    .extend(governorActions())
    .extend(disputeActions()) as unknown as MarketClient
}

function chooseDeployment({ chain, market, token, fromBlock }: MarketClientConfig): MarketDeployment {
  const ofChain = marketDeployments[chain?.id ?? 0]
  const address = market === undefined ? ofChain?.market : getAddress(market)
  if (address === undefined) throw new MarketUnknownError({ chainId: chain?.id })
  const known = ofChain?.market === address ? ofChain : undefined
  return {
    market: address,
    token: token ?? known?.token,
    fromBlock: fromBlock ?? known?.fromBlock ?? 0n,
  }
}
