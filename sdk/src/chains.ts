import { type Chain, defineChain, getAddress } from 'viem'
import deployments from './deployments.json' with { type: 'json' }
import type { MarketDeployment } from './types/client.ts'

/** Markets by chain id, as scripts/deploy.ts recorded them. */
export const marketDeployments: Readonly<Record<number, MarketDeployment>> = Object.fromEntries(
  Object.entries(deployments).map(([chainId, { market, token, fromBlock }]) => [
    chainId,
    { market: getAddress(market), token: getAddress(token), fromBlock: BigInt(fromBlock) },
  ]),
)

/** The chain of `assay up`: a Hardhat node on this machine. */
export const local: Chain = defineChain({
  id: 31_337,
  name: 'Assay local',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: ['http://127.0.0.1:8545'] } },
  blockTime: 1_000,
  testnet: true,
})

/** Chains that have a market. */
export const marketChains: { readonly local: Chain } = { local }
