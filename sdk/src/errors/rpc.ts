import type { Hash, Hex } from 'viem'
import { AssayError } from './base.ts'

type RpcErrorParameters = { functionName?: string | undefined; cause?: unknown }

/** The node did not answer, or could not for now. */
export class RpcUnavailableError extends AssayError {
  override readonly retryable = true

  constructor({ functionName, cause }: RpcErrorParameters) {
    super('Node did not answer.', {
      name: 'RpcUnavailableError',
      facts: { Call: functionName },
      remedy: 'Check the RPC URL and the connection, then call again; `assay up` starts a local network.',
      cause,
    })
  }
}

/** The node refused the request. */
export class RpcRequestFailedError extends AssayError {
  constructor({ functionName, cause }: RpcErrorParameters) {
    super('Node refused the request.', {
      name: 'RpcRequestFailedError',
      facts: { Call: functionName },
      remedy: 'Read the details; another node may accept the request.',
      cause,
    })
  }
}

/** The account cannot pay for gas. */
export class InsufficientGasFundsError extends AssayError {
  constructor({ functionName, cause }: RpcErrorParameters) {
    super('Account cannot pay for the gas.', {
      name: 'InsufficientGasFundsError',
      facts: { Call: functionName },
      remedy: "Send some of the chain's native coin to the account.",
      cause,
    })
  }
}

/** Another transaction of the account has the nonce: other processes send from it, too. Nothing was sent. */
export class NonceTakenError extends AssayError {
  override readonly retryable: boolean
  readonly nonce: number

  constructor({
    nonce,
    isGiven,
    functionName,
    cause,
  }: RpcErrorParameters & { nonce: number; isGiven: boolean }) {
    super('Nonce is taken by another transaction of the account.', {
      name: 'NonceTakenError',
      facts: { Call: functionName, Nonce: nonce },
      remedy: isGiven
        ? "Leave the nonce out to get the account's next one."
        : 'Call again; send from one process at a time to avoid it.',
      cause,
    })
    this.retryable = !isGiven
    this.nonce = nonce
  }
}

/** The owner of the account said no in the wallet. */
export class TransactionRejectedError extends AssayError {
  constructor({ functionName, cause }: RpcErrorParameters) {
    super('Transaction was rejected in the wallet.', {
      name: 'TransactionRejectedError',
      facts: { Call: functionName },
      remedy: 'Confirm the transaction in the wallet.',
      cause,
    })
  }
}

/** The contract reverted with something that is not an error of the market or its token. */
export class ContractRevertedError extends AssayError {
  /** Returned bytes, `0x` where there were none. */
  readonly data: Hex

  constructor({
    data,
    reason,
    functionName,
    cause,
  }: RpcErrorParameters & { data: Hex; reason?: string | undefined }) {
    super('Contract reverted.', {
      name: 'ContractRevertedError',
      facts: { Call: functionName, Reason: reason, Data: data },
      remedy: 'Check that the address is a market of this version, and its token an ERC-20.',
    })
    this.data = data
    if (cause !== undefined) this.cause = cause
  }
}

/** The transaction was mined and reverted. Its `cause` is the contract's error, where it could be found out. */
export class TransactionRevertedError extends AssayError {
  readonly hash: Hash
  readonly blockNumber: bigint
  readonly functionName: string

  constructor(parameters: {
    hash: Hash
    blockNumber: bigint
    functionName: string
    cause?: AssayError | undefined
  }) {
    const { hash, blockNumber, functionName, cause } = parameters
    super('Transaction reverted.', {
      name: 'TransactionRevertedError',
      facts: {
        Call: functionName,
        Transaction: hash,
        Block: blockNumber,
        Reason: cause?.shortMessage,
      },
      remedy: 'The state changed between the check and the block: read it again, then decide anew.',
    })
    this.hash = hash
    this.blockNumber = blockNumber
    this.functionName = functionName
    if (cause !== undefined) this.cause = cause
  }
}

/** The transaction was sent and its receipt did not come in time. */
export class ReceiptTimeoutError extends AssayError {
  override readonly retryable = true
  readonly hash: Hash
  readonly functionName: string

  constructor({ hash, functionName, cause }: { hash: Hash; functionName: string; cause?: unknown }) {
    super('Transaction was not confirmed in time.', {
      name: 'ReceiptTimeoutError',
      facts: { Call: functionName, Transaction: hash },
      remedy: 'Ask for its receipt later: it may still be mined.',
      cause,
    })
    this.hash = hash
    this.functionName = functionName
  }
}
