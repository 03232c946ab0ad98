import type { Address } from 'viem'
import { formatAmount } from '../utils/format.ts'
import { ContractError, type ContractErrorContext } from './contractError.ts'

/** The token moved another amount than it was asked to. */
export class LedgerReceivedWrongAmountError extends ContractError {
  /** In token base units. */
  readonly received: bigint
  readonly expected: bigint

  constructor(parameters: { received: bigint; expected: bigint } & ContractErrorContext) {
    const { received, expected, ...context } = parameters
    super('Token did not move the exact amount.', {
      ...context,
      name: 'LedgerReceivedWrongAmountError',
      facts: {
        Received: `${received} token base units`,
        Expected: `${expected} token base units`,
      },
      remedy: 'Use a market whose token takes no fee on transfers.',
    })
    this.received = received
    this.expected = expected
  }
}

/** The market holds as much as it can count. */
export class LedgerCapacityExceededError extends ContractError {
  readonly held: bigint
  readonly amount: bigint
  readonly capacity: bigint

  constructor(parameters: { held: bigint; amount: bigint; capacity: bigint } & ContractErrorContext) {
    const { held, amount, capacity, ...context } = parameters
    super('Deposit is larger than what the market can still hold.', {
      ...context,
      name: 'LedgerCapacityExceededError',
      facts: {
        Held: formatAmount(held),
        Amount: formatAmount(amount),
        Capacity: formatAmount(capacity),
      },
      remedy: `Deposit at most ${formatAmount(capacity - held)}.`,
    })
    this.held = held
    this.amount = amount
    this.capacity = capacity
  }
}

/** Nothing is to be moved. */
export class LedgerZeroAmountError extends ContractError {
  constructor(context: ContractErrorContext = {}) {
    super('Amount is zero.', {
      ...context,
      name: 'LedgerZeroAmountError',
      remedy: 'Pass an amount of at least 1 unit (0.000001 ASSAY).',
    })
  }
}

/** Nothing can be sent there. */
export class LedgerInvalidRecipientError extends ContractError {
  readonly to: Address

  constructor(parameters: { to: Address } & ContractErrorContext) {
    const { to, ...context } = parameters
    super('Recipient cannot receive.', {
      ...context,
      name: 'LedgerInvalidRecipientError',
      facts: { Recipient: to },
      remedy:
        context.functionName === 'transfer'
          ? 'Name an account other than the zero address.'
          : 'Name an account other than the zero address and the market itself.',
    })
    this.to = to
  }
}

/** The recipient of a transfer with data did not take it, and gave no reason. */
export class LedgerTransferRefusedError extends ContractError {
  readonly to: Address

  constructor(parameters: { to: Address } & ContractErrorContext) {
    const { to, ...context } = parameters
    super('Recipient did not take the transfer.', {
      ...context,
      name: 'LedgerTransferRefusedError',
      facts: { Recipient: to },
      remedy: 'Send `data` only to contracts that answer `ledgerTransferReceived`; leave it out for others.',
    })
    this.to = to
  }
}

/** None of the named providers owes a fee. */
export class LedgerNothingToCollectError extends ContractError {
  constructor(context: ContractErrorContext = {}) {
    super('No fee is owed.', {
      ...context,
      name: 'LedgerNothingToCollectError',
      remedy: 'Name a provider whose `feeOwed` (`getProvider`) is not zero.',
    })
  }
}
