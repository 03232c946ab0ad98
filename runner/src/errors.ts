import { AssayError } from 'assay'

/** What happened, in a line. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return (error as { shortMessage?: string }).shortMessage ?? error.message
}

/** An error as fields of a log line: its name, and what happened with the facts that matter most. */
export function factsOf(error: unknown): { error: string; reason: string } {
  if (!(error instanceof Error)) return { error: 'Error', reason: messageOf(error) }
  // viem's errors have them as well.
  const { metaMessages = [] } = error as { metaMessages?: readonly string[] }
  const facts = metaMessages
    .filter((fact) => /^(Reason|URL|Got|Details):/.test(fact))
    .map((fact) => fact.trim())
  return { error: error.name, reason: [messageOf(error), ...facts].join(' ') }
}

/** The node at the configured URL now serves another chain than the one the journal belongs to. */
export class ChainReplacedError extends AssayError {
  constructor(parameters: { expected: string; actual: string; journal: string }) {
    super('The node serves another chain than the one this journal belongs to.', {
      name: 'ChainReplacedError',
      facts: {
        'Genesis in the journal': parameters.expected,
        'Genesis at the node': parameters.actual,
        'Journal (kept)': parameters.journal,
      },
      remedy: 'Point the runner at the old chain again, or start it with another --data folder.',
    })
  }
}

/** The journal is that of another chain, market or provider account than the one configured. */
export class JournalMismatchError extends AssayError {
  constructor(parameters: { field: string; expected: string; actual: string; path: string }) {
    super(`The journal belongs to another ${parameters.field}.`, {
      name: 'JournalMismatchError',
      facts: {
        'In the journal': parameters.expected,
        Configured: parameters.actual,
        Journal: parameters.path,
      },
      remedy: 'Use the data folder of that provider, or another one with --data.',
    })
  }
}

/** The journal is no database, or a damaged one. It is left as it is. */
export class JournalCorruptError extends AssayError {
  constructor(parameters: { path: string; cause: unknown }) {
    const { path, cause } = parameters
    super('The journal cannot be read.', {
      name: 'JournalCorruptError',
      facts: { Journal: path, Reason: cause instanceof Error ? cause.message : String(cause) },
      remedy:
        'Restore it from a backup, or move it away: the runner then finds its open claims on the chain and starts over with them.',
    })
  }
}

/** The journal was written by a newer version of the runner. */
export class JournalVersionError extends AssayError {
  constructor(parameters: { path: string; expected: number; actual: number }) {
    super('The journal has another format.', {
      name: 'JournalVersionError',
      facts: {
        Journal: parameters.path,
        Expected: `format ${parameters.expected}`,
        Got: `format ${parameters.actual}`,
      },
      remedy: 'Start the version of the runner that wrote it, or use another --data folder.',
    })
  }
}

/** Another process has this data folder open. */
export class JournalLockedError extends AssayError {
  constructor(parameters: { path: string }) {
    super('Another provider process uses this data folder.', {
      name: 'JournalLockedError',
      facts: { Journal: parameters.path },
      remedy: 'Stop that process, or start this one with another --data folder.',
    })
  }
}

/** A provider was started without any stake. */
export class NotAProviderError extends AssayError {
  constructor(parameters: { address: string }) {
    super('This account has no free stake to claim jobs with.', {
      name: 'NotAProviderError',
      facts: { Account: parameters.address },
      remedy: 'Add stake with `assay provider stake AMOUNT`, or start with `assay provide --stake AMOUNT`.',
    })
  }
}

/** The command needs an account and was given no key. */
export class KeyMissingError extends AssayError {
  constructor() {
    super('This command signs transactions and needs a key.', {
      name: 'KeyMissingError',
      facts: { 'Looked at': '--key-file, ASSAY_PRIVATE_KEY, --demo-account' },
      remedy:
        'Set ASSAY_PRIVATE_KEY to a 32-byte hex key, pass --key-file, or on a local network --demo-account 0…9.',
    })
  }
}

/** A key was given that is none, cannot be read, or must not be used on this chain. */
export class KeyInvalidError extends AssayError {
  constructor(parameters: { source: string; reason: string }) {
    super('The key cannot be used.', {
      name: 'KeyInvalidError',
      facts: { Source: parameters.source, Reason: parameters.reason },
      remedy: 'A key is 32 bytes in hex, with or without 0x.',
    })
  }
}

/** The command was called in a way that makes no sense; the message says what is missing. */
export class UsageError extends AssayError {
  constructor(parameters: { message: string; remedy?: string | undefined }) {
    super(parameters.message, { name: 'UsageError', remedy: parameters.remedy })
  }
}

/** The node does not take a transaction that the contract would accept. */
export class TransactionRefusedError extends AssayError {
  override readonly retryable = true

  constructor(parameters: { call: string; cause: unknown }) {
    super('The node refused a transaction.', {
      name: 'TransactionRefusedError',
      facts: { Call: parameters.call },
      remedy: 'It is sent again; if this goes on, look at the fees and the limits of the node.',
      cause: parameters.cause,
    })
  }
}

/** A job that this provider will not claim, whatever happens. */
export class JobRefusedError extends AssayError {
  constructor(parameters: { jobId: string; reason: string }) {
    super(`Job refused: ${parameters.reason}.`, {
      name: 'JobRefusedError',
      facts: { Job: parameters.jobId },
      remedy: 'Nothing to do here: the job stays open for other providers.',
    })
  }
}

/** A claimed job would not be done in time, so it is given back while that costs little. */
export class JobTooSlowError extends AssayError {
  constructor(parameters: { jobId: string; tasks: number; done: number; now: number; until: number }) {
    const { jobId, tasks, done, now, until } = parameters
    super('This job would not be finished in time.', {
      name: 'JobTooSlowError',
      facts: { Job: jobId, Finished: `${done} of ${tasks} tasks`, 'Time left': `${until - now} s` },
      remedy: 'Offer more slots, or fewer jobs at once; ask for longer runs with --min-run.',
    })
  }
}

/** The file of the provider's encryption key cannot be used. It is left as it is. */
export class EncryptionKeyFileError extends AssayError {
  constructor(parameters: { path: string; reason: string }) {
    super('The encryption key cannot be read.', {
      name: 'EncryptionKeyFileError',
      facts: { File: parameters.path, Reason: parameters.reason },
      remedy:
        'Restore it from a backup. Without it, private jobs that wait for their results cannot be finished; moved away, a new key is made and registered.',
    })
  }
}

/** The key of a private job was delivered, and the node does not know of it yet. */
export class KeyNotSeenError extends AssayError {
  override readonly retryable = true

  constructor(parameters: { jobId: string; cause: unknown }) {
    super('The node does not know the key of this job yet.', {
      name: 'KeyNotSeenError',
      facts: { Job: parameters.jobId },
      remedy: 'It is looked for again; a node that keeps no logs will never find it.',
      cause: parameters.cause,
    })
  }
}

/** The key of a private job cannot be kept, or read again. */
export class JobKeyError extends AssayError {
  constructor(parameters: { jobId: string; path: string; reason: string }) {
    super('The key of a private job cannot be used.', {
      name: 'JobKeyError',
      facts: { Job: parameters.jobId, File: parameters.path, Reason: parameters.reason },
      remedy:
        'Name the folder with --keys that `assay run --private` kept it in; without it nobody but the provider can read the job.',
    })
  }
}

/** A signal ended `assay run`. */
export class RunInterruptedError extends AssayError {
  constructor() {
    super('The run was interrupted.', {
      name: 'RunInterruptedError',
      remedy:
        'Jobs that were claimed go on: `assay job outputs ID --out FOLDER` gets their outputs once submitted.',
    })
  }
}

/** `assay up` could not bring up its chain. */
export class LocalNetworkError extends AssayError {
  constructor(parameters: { reason: string; host?: string; port?: number }) {
    const { reason, host, port } = parameters
    const inUse = /EADDRINUSE/.test(reason)
    super(inUse ? `Port ${port} is in use.` : 'The local network did not start.', {
      name: 'LocalNetworkError',
      facts: { Address: host && `${host}:${port}`, Reason: firstError(reason) },
      remedy: inUse
        ? 'Stop what listens there, or choose another with --port.'
        : 'Run it inside a checkout of Assay, after `npm run build`.',
    })
  }
}

/** The line of a process's last words that says what happened: a crash begins with where it was. */
function firstError(words: string): string {
  const lines = words.split('\n')
  return (lines.find((line) => /error/i.test(line)) ?? lines[0] ?? '').trim()
}
