import { BaseError } from 'viem'
import { formatFacts } from '../utils/format.ts'

/** Labels and values; what is undefined is left out. */
export type ErrorFacts = Readonly<Record<string, string | number | bigint | undefined>>

export type AssayErrorParameters = {
  /** Class name, given literally: minifiers rename classes, and `name` must stay stable. */
  name: string
  /** What was found and what was expected. */
  facts?: ErrorFacts | undefined
  /** What the reader can do about it, one sentence. */
  remedy?: string | undefined
  cause?: unknown
}

/**
 * Parent of every error of this package.
 *
 * The message is a short first line, the facts, the remedy, and the place in the documentation. viem's own
 * version line and a cause's documentation are left out: they would send the reader to the wrong project.
 */
export class AssayError extends BaseError {
  override name = 'AssayError'
  /** True where the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean = false

  /** What the message says was found and expected, by label. */
  readonly facts: ErrorFacts

  constructor(shortMessage: string, { name, facts = {}, remedy, cause }: AssayErrorParameters) {
    const metaMessages = [...formatFacts(facts), ...(remedy === undefined ? [] : [remedy])]
    const docsPath = `docs/errors.md#${errorSlug(name)}`
    super(shortMessage, {
      docsPath,
      metaMessages,
      name,
      ...(cause instanceof Error ? { cause } : {}),
    })
    this.name = name
    this.facts = facts
    this.docsPath = docsPath
    this.message = [
      shortMessage,
      '',
      ...(metaMessages.length > 0 ? [...metaMessages, ''] : []),
      `Docs: ${docsPath}`,
      ...(this.details ? [`Details: ${this.details}`] : []),
    ].join('\n')
    // V8 froze the old message into the stack; other engines keep them apart.
    Error.captureStackTrace?.(this, new.target)
  }
}

/**
 * Anchor of an error in docs/errors.md: `StoreTimeoutError` → `store-timeout`.
 */
export function errorSlug(name: string): string {
  return name
    .replace(/Error$/, '')
    .replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-')
    .toLowerCase()
}
