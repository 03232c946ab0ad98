import type { Address } from 'viem'
import { ContractError, type ContractErrorContext } from './contractError.ts'

/** The token called back into the market. */
export class ReentrancyGuardReentrantCallError extends ContractError {
  constructor(context: ContractErrorContext = {}) {
    super('Market was called while it moved tokens.', {
      ...context,
      name: 'ReentrancyGuardReentrantCallError',
      remedy: 'Call the market in a transaction of its own.',
    })
  }
}

/** The token refused a transfer without saying why. */
export class SafeERC20FailedOperationError extends ContractError {
  readonly token: Address

  constructor(parameters: { token: Address } & ContractErrorContext) {
    const { token, ...context } = parameters
    super('Token refused the transfer.', {
      ...context,
      name: 'SafeERC20FailedOperationError',
      facts: { Token: token },
      remedy: "Check the token's balance, allowance and rules for this account.",
    })
    this.token = token
  }
}
