import type { Address } from 'viem'
import { AssayError } from './base.ts'

/** No market is known for the client's chain. */
export class MarketUnknownError extends AssayError {
  readonly chainId: number | undefined

  constructor({ chainId }: { chainId: number | undefined }) {
    super('No market is known for this chain.', {
      name: 'MarketUnknownError',
      facts: { Chain: chainId ?? 'none' },
      remedy: "Pass the market's address as `market`, or a `chain` that has a market.",
    })
    this.chainId = chainId
  }
}

/** The node belongs to another chain than the client. */
export class WrongChainError extends AssayError {
  readonly expected: number
  readonly actual: number

  constructor({ expected, actual, cause }: { expected: number; actual: number; cause?: unknown }) {
    super('Node belongs to another chain.', {
      name: 'WrongChainError',
      facts: { 'Chain of the node': actual, Expected: expected },
      remedy: "Use the RPC URL of the expected chain, or that chain's `chain`.",
    })
    this.expected = expected
    this.actual = actual
    if (cause !== undefined) this.cause = cause
  }
}

/** There is no market at the address. */
export class MarketNotDeployedError extends AssayError {
  readonly market: Address

  constructor({ market, cause }: { market: Address; cause?: unknown }) {
    super('No market is deployed at this address.', {
      name: 'MarketNotDeployedError',
      facts: { Address: market },
      remedy: 'Check the address and the chain; on a fresh local chain deploy the contracts first.',
    })
    this.market = market
    if (cause !== undefined) this.cause = cause
  }
}

/** A transaction or a question about oneself needs an account. */
export class AccountRequiredError extends AssayError {
  constructor({ action }: { action: string }) {
    super('An account is needed.', {
      name: 'AccountRequiredError',
      facts: { Action: action },
      remedy: 'Create the client with an `account`, or pass one to the action.',
    })
  }
}
