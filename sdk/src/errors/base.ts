import { BaseError } from 'viem'

export type AssayErrorParameters = {
  /** Class name, given literally: minifiers rename classes, and `name` must stay stable. */
  name: string
  /** Lines of `label: value`, what was found and what was expected. */
  facts?: readonly string[] | undefined
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

  constructor(shortMessage: string, { name, facts = [], remedy, cause }: AssayErrorParameters) {
    const metaMessages = remedy === undefined ? [...facts] : [...facts, remedy]
    const docsPath = `docs/errors.md#${errorSlug(name)}`
    super(shortMessage, {
      docsPath,
      metaMessages,
      name,
      ...(cause instanceof Error ? { cause } : {}),
    })
    this.name = name
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
