import type { Address, Hex } from 'viem'
import type { JobStatus } from '../types/job.ts'
import { AssayError } from './base.ts'
import { ProgramError } from './program.ts'

/** A program that cannot run on private inputs. */
export class PrivateProgramError extends ProgramError {
  readonly reason: string
  constructor({ reason }: { reason: string }) {
    super('Program cannot run on private inputs.', {
      name: 'PrivateProgramError',
      facts: { Reason: reason },
      remedy:
        'Run it in public, or let it read its inputs with `input_read` into a memory of at least one page.',
    })
    this.reason = reason
  }
}

/** The key that the provider of a private job has registered is none that data could be encrypted for. */
export class EncryptionKeyError extends AssayError {
  readonly jobId: Hex
  readonly provider: Address
  constructor(parameters: { jobId: Hex; provider: Address; found: Hex; cause?: unknown }) {
    const { jobId, provider, found, cause } = parameters
    super('The provider has registered no key that a job key can be wrapped for.', {
      name: 'EncryptionKeyError',
      facts: { Job: jobId, Provider: provider, Found: found },
      remedy:
        'Deliver no key: after `keyBy` anyone may `release` the claim, and the job can be posted again.',
      cause,
    })
    this.jobId = jobId
    this.provider = provider
  }
}

/** A job that waits for no key. */
export class KeyNotAwaitedError extends AssayError {
  readonly jobId: Hex
  readonly status: JobStatus
  constructor({ jobId, status }: { jobId: Hex; status: JobStatus }) {
    super('Job does not wait for a key.', {
      name: 'KeyNotAwaitedError',
      facts: { Job: jobId, Status: status },
      remedy: 'A key is delivered once, to a private job, after its claim and until `keyBy`.',
    })
    this.jobId = jobId
    this.status = status
  }
}

/** A wrapped key that cannot be unwrapped for this job and provider. */
export class KeyUnwrapError extends AssayError {
  readonly jobId: Hex
  readonly provider: Address
  constructor({ jobId, provider, cause }: { jobId: Hex; provider: Address; cause: unknown }) {
    super('The delivered key cannot be unwrapped.', {
      name: 'KeyUnwrapError',
      facts: { Job: jobId, Provider: provider },
      remedy: 'It was not wrapped for this job, this provider and its registered key; nobody can use it.',
      cause,
    })
    this.jobId = jobId
    this.provider = provider
  }
}

/** Encrypted bytes that a job's key does not open. */
export class SealBrokenError extends AssayError {
  constructor({ what, length, cause }: { what: string; length: number; cause?: unknown }) {
    super('Encrypted data does not open with the key of the job.', {
      name: 'SealBrokenError',
      facts: { Data: what, Length: `${length} bytes` },
      remedy: 'The data was changed, or belongs to another key.',
      cause,
    })
  }
}

/** Private data that opens, but is not what the job's terms name. */
export class PrivateDataMismatchError extends AssayError {
  constructor({
    what,
    expected,
    got,
    cause,
  }: { what: string; expected: string; got: string; cause?: unknown }) {
    super('Decrypted data is not what the job is about.', {
      name: 'PrivateDataMismatchError',
      facts: { Data: what, Expected: expected, Got: got },
      remedy: 'Whoever sealed it made a mistake, or cheats: a provider gives the job back.',
      cause,
    })
  }
}

/** The `dataUri` of a private job that does not name encrypted data. */
export class PrivateDataUriError extends AssayError {
  constructor({ dataUri, reason }: { dataUri: string; reason: string }) {
    super('Data URI does not name the encrypted data of a private job.', {
      name: 'PrivateDataUriError',
      facts: { 'Data URI': dataUri, Reason: reason },
      remedy: 'It is the base URL of a store, `#`, and the content hash of the encrypted data.',
    })
  }
}
