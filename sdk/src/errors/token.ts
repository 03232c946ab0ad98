import type { Address, Hex } from 'viem'
import { formatTime } from '../utils/format.ts'
import { ContractError, type ContractErrorContext } from './contractError.ts'

// Amounts are in token base units here: the token knows nothing of the market's units.
const baseUnits = (amount: bigint): string => `${amount} token base units`

/** The account holds too few tokens outside of the market. */
export class ERC20InsufficientBalanceError extends ContractError {
  readonly sender: Address
  readonly balance: bigint
  readonly needed: bigint

  constructor(parameters: { sender: Address; balance: bigint; needed: bigint } & ContractErrorContext) {
    const { sender, balance, needed, ...context } = parameters
    super('Account holds too few tokens.', {
      ...context,
      name: 'ERC20InsufficientBalanceError',
      facts: { Account: sender, Balance: baseUnits(balance), Needed: baseUnits(needed) },
      remedy: `Send at least ${baseUnits(needed - balance)} to the account, or use a smaller amount.`,
    })
    this.sender = sender
    this.balance = balance
    this.needed = needed
  }
}

/** The market may not take so many tokens. */
export class ERC20InsufficientAllowanceError extends ContractError {
  readonly spender: Address
  readonly allowance: bigint
  readonly needed: bigint

  constructor(parameters: { spender: Address; allowance: bigint; needed: bigint } & ContractErrorContext) {
    const { spender, allowance, needed, ...context } = parameters
    super('Token allowance is too small.', {
      ...context,
      name: 'ERC20InsufficientAllowanceError',
      facts: { Spender: spender, Allowance: baseUnits(allowance), Needed: baseUnits(needed) },
      remedy: 'Approve the market first; `deposit` does so by itself.',
    })
    this.spender = spender
    this.allowance = allowance
    this.needed = needed
  }
}

/** Tokens cannot come from this address. */
export class ERC20InvalidSenderError extends ContractError {
  readonly sender: Address

  constructor(parameters: { sender: Address } & ContractErrorContext) {
    const { sender, ...context } = parameters
    super('Tokens cannot be sent from this address.', {
      ...context,
      name: 'ERC20InvalidSenderError',
      facts: { Sender: sender },
      remedy: 'Use another account.',
    })
    this.sender = sender
  }
}

/** Tokens cannot go to this address. */
export class ERC20InvalidReceiverError extends ContractError {
  readonly receiver: Address

  constructor(parameters: { receiver: Address } & ContractErrorContext) {
    const { receiver, ...context } = parameters
    super('Tokens cannot be sent to this address.', {
      ...context,
      name: 'ERC20InvalidReceiverError',
      facts: { Receiver: receiver },
      remedy: 'Name another receiver.',
    })
    this.receiver = receiver
  }
}

/** This address cannot allow others to spend. */
export class ERC20InvalidApproverError extends ContractError {
  readonly approver: Address

  constructor(parameters: { approver: Address } & ContractErrorContext) {
    const { approver, ...context } = parameters
    super('This address cannot approve.', {
      ...context,
      name: 'ERC20InvalidApproverError',
      facts: { Approver: approver },
      remedy: 'Use another account.',
    })
    this.approver = approver
  }
}

/** This address cannot be allowed to spend. */
export class ERC20InvalidSpenderError extends ContractError {
  readonly spender: Address

  constructor(parameters: { spender: Address } & ContractErrorContext) {
    const { spender, ...context } = parameters
    super('This address cannot be approved.', {
      ...context,
      name: 'ERC20InvalidSpenderError',
      facts: { Spender: spender },
      remedy: 'Approve another spender.',
    })
    this.spender = spender
  }
}

/** The permit's deadline has passed. */
export class ERC2612ExpiredSignatureError extends ContractError {
  readonly deadline: number

  constructor(parameters: { deadline: number } & ContractErrorContext) {
    const { deadline, ...context } = parameters
    super('Permit has expired.', {
      ...context,
      name: 'ERC2612ExpiredSignatureError',
      facts: { Deadline: formatTime(deadline) },
      remedy: 'Sign a permit with a later deadline.',
    })
    this.deadline = deadline
  }
}

/** The permit was signed by somebody else. */
export class ERC2612InvalidSignerError extends ContractError {
  readonly signer: Address
  readonly owner: Address

  constructor(parameters: { signer: Address; owner: Address } & ContractErrorContext) {
    const { signer, owner, ...context } = parameters
    super("Permit was not signed by the tokens' owner.", {
      ...context,
      name: 'ERC2612InvalidSignerError',
      facts: { Signer: signer, Owner: owner },
      remedy: "Sign with the owner's key, for this token, chain, amount and nonce.",
    })
    this.signer = signer
    this.owner = owner
  }
}

/** The permit's nonce was used or is not due yet. */
export class InvalidAccountNonceError extends ContractError {
  readonly account: Address
  readonly currentNonce: bigint

  constructor(parameters: { account: Address; currentNonce: bigint } & ContractErrorContext) {
    const { account, currentNonce, ...context } = parameters
    super("Nonce is not the account's next one.", {
      ...context,
      name: 'InvalidAccountNonceError',
      facts: { Account: account, 'Next nonce': currentNonce },
      remedy: 'Sign again with the next nonce.',
    })
    this.account = account
    this.currentNonce = currentNonce
  }
}

/** The signature recovers to nobody. */
export class ECDSAInvalidSignatureError extends ContractError {
  constructor(context: ContractErrorContext = {}) {
    super('Signature is not valid.', {
      ...context,
      name: 'ECDSAInvalidSignatureError',
      remedy: 'Sign again.',
    })
  }
}

/** The signature has not 65 bytes. */
export class ECDSAInvalidSignatureLengthError extends ContractError {
  readonly length: bigint

  constructor(parameters: { length: bigint } & ContractErrorContext) {
    const { length, ...context } = parameters
    super('Signature has the wrong length.', {
      ...context,
      name: 'ECDSAInvalidSignatureLengthError',
      facts: { Length: `${length} bytes`, Expected: '65 bytes' },
      remedy: 'Pass r, s and v of a signature.',
    })
    this.length = length
  }
}

/** The signature is in its malleable form. */
export class ECDSAInvalidSignatureSError extends ContractError {
  readonly s: Hex

  constructor(parameters: { s: Hex } & ContractErrorContext) {
    const { s, ...context } = parameters
    super('Signature is not in its canonical form.', {
      ...context,
      name: 'ECDSAInvalidSignatureSError',
      facts: { S: s },
      remedy: 'Sign with a wallet that produces the lower s.',
    })
    this.s = s
  }
}

/** A short string of the token's domain is damaged. */
export class InvalidShortStringError extends ContractError {
  constructor(context: ContractErrorContext = {}) {
    super('Token holds a damaged short string.', {
      ...context,
      name: 'InvalidShortStringError',
      remedy: 'Check the address of the token.',
    })
  }
}

/** A string does not fit into one word. */
export class StringTooLongError extends ContractError {
  readonly value: string

  constructor(parameters: { value: string } & ContractErrorContext) {
    const { value, ...context } = parameters
    super('String is too long.', {
      ...context,
      name: 'StringTooLongError',
      facts: { Value: JSON.stringify(value.slice(0, 64)) },
      remedy: 'Use at most 31 bytes.',
    })
    this.value = value
  }
}
