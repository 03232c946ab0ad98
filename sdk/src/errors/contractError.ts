import { AssayError, type ErrorFacts } from './base.ts'

/** What the decoder knows about the call that reverted. */
export type ContractErrorContext = {
  /** The contract function that was called. */
  functionName?: string | undefined
  cause?: unknown
}

type ContractErrorParameters = ContractErrorContext & {
  name: string
  facts?: ErrorFacts | undefined
  remedy: string
}

/** Parent of every error that a contract raised: the class `XError` stands for the contract's `error X`. */
export class ContractError extends AssayError {
  /** The contract function that reverted, where known. */
  readonly functionName: string | undefined

  constructor(shortMessage: string, { name, facts, remedy, functionName, cause }: ContractErrorParameters) {
    super(shortMessage, { name, facts: { ...facts, Call: functionName }, remedy })
    this.functionName = functionName
    // Not through the parent: the node's text would repeat the revert in the message.
    if (cause !== undefined)
      Object.defineProperty(this, 'cause', {
        value: cause,
        enumerable: false,
        writable: true,
        configurable: true,
      })
  }
}
