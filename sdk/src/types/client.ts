import type { Account, Address, Chain, Client, Transport } from 'viem'

/** Where a market lives. */
export type MarketDeployment = {
  market: Address
  /** The market's token; asked from the market where it is not known. */
  token?: Address | undefined
  /** Block from which the market's events are searched. */
  fromBlock: bigint
}

/** Any viem client. The market is the call's `market`, else the client's own, else that of its chain. */
export type ClientWithMarket = Client<Transport, Chain | undefined, Account | undefined> & {
  deployment?: MarketDeployment | undefined
}

export type MarketParameter = {
  /**
   * Address of the market.
   * @default the client's market, else that of the client's chain
   */
  market?: Address | undefined
}

/** Options of every transaction. */
export type WriteParameters = MarketParameter & {
  /**
   * Who sends.
   * @default client.account
   */
  account?: Account | Address | undefined
  /**
   * Gas limit.
   * @default an estimate with room for two new storage words; a wallet's own estimate for accounts that it holds
   */
  gas?: bigint | undefined
  gasPrice?: bigint | undefined
  maxFeePerGas?: bigint | undefined
  maxPriorityFeePerGas?: bigint | undefined
  /**
   * Transaction nonce.
   * @default the account's next one
   */
  nonce?: number | undefined
}

/** Options of waiting for a transaction's receipt. */
export type ReceiptParameters = {
  /** @default 1 */
  confirmations?: number | undefined
  /**
   * Milliseconds.
   * @default client.pollingInterval
   */
  pollingInterval?: number | undefined
  /**
   * Milliseconds.
   * @default 180_000
   */
  timeout?: number | undefined
}

export type WriteSyncParameters = WriteParameters & ReceiptParameters
