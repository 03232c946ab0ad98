import type { Address, Hex } from 'viem'
import { AssayError } from './base.ts'

/** Parent of every reason for which an audit ends without a report. */
export class AuditError extends AssayError {}

/** The logs read do not begin with the market's deployment, so nothing can be recomputed from them. */
export class AuditHistoryError extends AuditError {
  constructor({
    market,
    fromBlock,
    first,
  }: { market: Address; fromBlock: bigint; first: string | undefined }) {
    super("Market's history is incomplete.", {
      name: 'AuditHistoryError',
      facts: {
        Market: market,
        'From block': fromBlock,
        'First log': first ?? 'none',
        Expected: 'fee recipient, guardian and the first set of parameters',
      },
      remedy:
        'Pass `fromBlock` at or before the deployment, the address of a JobMarket, and a node that keeps old logs.',
    })
  }
}

/** The chain was reorganised, or nodes behind the URL disagree, while the audit was reading. */
export class AuditChainChangedError extends AuditError {
  override readonly retryable: boolean = true

  constructor({ block, expected, actual }: { block: bigint; expected: Hex; actual: Hex | undefined }) {
    super('Chain changed while it was audited.', {
      name: 'AuditChainChangedError',
      facts: { Block: block, Expected: expected, Actual: actual ?? 'no such block' },
      remedy: 'Audit again, or pass a `blockNumber` some blocks behind the newest.',
    })
  }
}

/** The node's answer cannot be what was asked for. */
export class AuditNodeAnswerError extends AuditError {
  constructor({ method, reason }: { method: string; reason: string }) {
    super('Node gave an impossible answer.', {
      name: 'AuditNodeAnswerError',
      facts: { Method: method, Reason: reason },
      remedy: 'Use another node.',
    })
  }
}

/** The market does not tell its token or timelock, or its token does not answer like an ERC-20. */
export class AuditTokenError extends AuditError {
  constructor({ market, token, cause }: { market: Address; token: Address | undefined; cause?: unknown }) {
    super("Market's token cannot be read.", {
      name: 'AuditTokenError',
      facts: { Market: market, Token: token ?? 'unknown' },
      remedy: 'Pass the address of a JobMarket, and a block whose state the node still has.',
      cause,
    })
  }
}

/** A parameter of an audit makes no sense. */
export class AuditParameterError extends AuditError {
  constructor({ name, value, expected }: { name: string; value: unknown; expected: string }) {
    super('Parameter of the audit is not usable.', {
      name: 'AuditParameterError',
      facts: { Parameter: name, Value: String(value), Expected: expected },
      remedy: 'Correct the parameter, or leave it out.',
    })
  }
}
