import type { Address } from 'viem'
import { ContractError, type ContractErrorContext } from './contractError.ts'

/** Only the market's owner may do this. */
export class OwnableUnauthorizedAccountError extends ContractError {
  readonly account: Address

  constructor(parameters: { account: Address } & ContractErrorContext) {
    const { account, ...context } = parameters
    super("Caller is not the market's owner.", {
      ...context,
      name: 'OwnableUnauthorizedAccountError',
      facts: { Caller: account },
      remedy: "Use the owner's account.",
    })
    this.account = account
  }
}

/** This address cannot own the market. */
export class OwnableInvalidOwnerError extends ContractError {
  readonly owner: Address

  constructor(parameters: { owner: Address } & ContractErrorContext) {
    const { owner, ...context } = parameters
    super('Owner is not valid.', {
      ...context,
      name: 'OwnableInvalidOwnerError',
      facts: { Owner: owner },
      remedy: 'Name an owner other than the zero address.',
    })
    this.owner = owner
  }
}

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
