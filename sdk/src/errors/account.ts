import { formatAmount } from '../utils/format.ts'
import { ContractError, type ContractErrorContext } from './contractError.ts'

/** The caller's balance in the market is too small. */
export class AccountInsufficientBalanceError extends ContractError {
  readonly available: bigint
  readonly required: bigint

  constructor(parameters: { available: bigint; required: bigint } & ContractErrorContext) {
    const { available, required, ...context } = parameters
    const missing = formatAmount(required - available)
    super('Balance in the market is too small.', {
      ...context,
      name: 'AccountInsufficientBalanceError',
      facts: { Balance: formatAmount(available), Required: formatAmount(required) },
      remedy:
        context.functionName === 'withdraw'
          ? `Withdraw at most ${formatAmount(available)}; stake must be unstaked first.`
          : `Deposit at least ${missing} with \`deposit\`.`,
    })
    this.available = available
    this.required = required
  }
}

/** The stake that no claim has locked is too small. */
export class AccountInsufficientStakeError extends ContractError {
  readonly available: bigint
  readonly required: bigint

  constructor(parameters: { available: bigint; required: bigint } & ContractErrorContext) {
    const { available, required, ...context } = parameters
    const missing = formatAmount(required - available)
    super('Free stake is too small.', {
      ...context,
      name: 'AccountInsufficientStakeError',
      facts: { 'Free stake': formatAmount(available), Required: formatAmount(required) },
      remedy:
        context.functionName === 'unstake'
          ? `Unstake at most ${formatAmount(available)}; the rest stands behind claims until their jobs are final.`
          : `Stake at least ${missing} more with \`stake\`, or claim a cheaper job.`,
    })
    this.available = available
    this.required = required
  }
}

/** A sum would not fit into an account's 80 bits. */
export class AccountOverflowError extends ContractError {
  readonly value: bigint

  constructor(parameters: { value: bigint } & ContractErrorContext) {
    const { value, ...context } = parameters
    super('Account cannot hold this amount.', {
      ...context,
      name: 'AccountOverflowError',
      facts: { Sum: formatAmount(value), Limit: formatAmount((1n << 80n) - 1n) },
      remedy: 'Use a smaller amount.',
    })
    this.value = value
  }
}
