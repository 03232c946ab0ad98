import type { Hex } from 'viem'
import { AssayError } from './base.ts'

/** A URL that cannot lead to a content store. */
export class InvalidStoreUrlError extends AssayError {
  constructor({ url, reason }: { url: string; reason: string }) {
    super('URL does not lead to a content store.', {
      name: 'InvalidStoreUrlError',
      facts: { URL: url, Reason: reason },
      remedy: 'Give the base URL of the store: http(s)://host[:port][/path].',
    })
  }
}

/** No connection, or the connection broke. */
export class StoreUnreachableError extends AssayError {
  override readonly retryable = true
  readonly url: string

  constructor({ url, received, cause }: { url: string; received: number; cause?: unknown }) {
    super(received > 0 ? 'Connection to the store broke.' : 'Store is unreachable.', {
      name: 'StoreUnreachableError',
      facts: { URL: url, Expected: 'a complete answer', Got: `${reasonOf(cause)}, after ${received} bytes` },
      remedy: 'Check that the store is running and reachable from here, then try again.',
      cause,
    })
    this.url = url
  }
}

/** The store kept silent for too long, or sends so slowly that it would not finish. */
export class StoreTimeoutError extends AssayError {
  override readonly retryable = true
  readonly url: string
  /** True when no byte came for `stallTimeout`, false when all of it took too long. */
  readonly stalled: boolean

  constructor(args: { url: string; waitedMs: number; stalled: boolean; received: number }) {
    const { url, waitedMs, stalled, received } = args
    const waited = `${Math.round(waitedMs)} ms`
    super(stalled ? 'Store stopped sending.' : 'Store is too slow.', {
      name: 'StoreTimeoutError',
      facts: {
        URL: url,
        Expected: stalled ? `a byte within ${waited}` : `all bytes within ${waited} of waiting`,
        Got: `${received} bytes in all`,
      },
      remedy: `Try again, or allow more time with \`${stalled ? 'stallTimeout' : 'timeout'}\`.`,
    })
    this.url = url
    this.stalled = stalled
  }
}

/** The store answered with a status that says neither yes nor no. */
export class StoreResponseError extends AssayError {
  override readonly retryable: boolean
  readonly url: string
  readonly status: number

  constructor(args: { url: string; status: number; expected: number; answer?: string | undefined }) {
    const { url, status, expected, answer } = args
    const failed = status >= 500
    super(failed ? 'Store failed.' : 'Store refused the request.', {
      name: 'StoreResponseError',
      facts: {
        URL: url,
        Expected: `HTTP status ${expected}`,
        Got: `HTTP status ${status}${answer ? `: ${answer}` : ''}`,
      },
      remedy: failed
        ? 'Look into the log of the store, then try again.'
        : 'Check that the URL is that of a content store, and what it allows.',
    })
    this.url = url
    this.status = status
    this.retryable = failed || status === 408 || status === 429
  }
}

/** The store does not want to keep these bytes. */
export class UploadRefusedError extends AssayError {
  readonly url: string
  readonly status: number

  constructor(args: { url: string; status: number; length: number; answer?: string | undefined }) {
    const { url, status, length, answer } = args
    super('Store refused the upload.', {
      name: 'UploadRefusedError',
      facts: {
        URL: url,
        Expected: `HTTP status 201 for ${length} bytes`,
        Got: `HTTP status ${status}${answer ? `: ${answer}` : ''}`,
      },
      remedy: uploadRemedies[status] ?? 'Check that the URL is that of a content store.',
    })
    this.url = url
    this.status = status
  }
}

const uploadRemedies: Record<number, string> = {
  405: 'Use a store that takes uploads.',
  413: 'Use a store with a higher upload limit, or split the data.',
  422: 'The bytes changed on the way: use a connection that does not alter them.',
}

/** The store does not have this content. */
export class ContentNotFoundError extends AssayError {
  readonly url: string

  constructor({ url }: { url: string }) {
    super('Store does not have this content.', {
      name: 'ContentNotFoundError',
      facts: { URL: url, Expected: 'HTTP status 200', Got: 'HTTP status 404' },
      remedy: 'Put the content into this store, or fetch it from another one.',
    })
    this.url = url
  }
}

/** The bytes are not the content that was asked for. They were thrown away. */
export class ContentMismatchError extends AssayError {
  readonly url: string
  /** The task whose output it was, where it was one. */
  readonly taskIndex: number | undefined

  constructor(args: {
    url: string
    expected: string
    got: string
    taskIndex?: number | undefined
    cause?: unknown
  }) {
    const { url, expected, got, taskIndex, cause } = args
    super('Store served wrong bytes.', {
      name: 'ContentMismatchError',
      facts: { URL: url, Task: taskIndex, Expected: expected, Got: got },
      remedy: 'Fetch the content from another store.',
      cause,
    })
    this.url = url
    this.taskIndex = taskIndex
  }
}

/** A content is longer than the caller allows. The download was broken off. */
export class ContentTooLargeError extends AssayError {
  readonly url: string
  readonly maxLength: number

  constructor({ url, got, maxLength }: { url: string; got: string; maxLength: number }) {
    super('Content is larger than allowed.', {
      name: 'ContentTooLargeError',
      facts: { URL: url, Expected: `at most ${maxLength} bytes`, Got: got },
      remedy: 'Allow a greater length, or leave the content alone.',
    })
    this.url = url
    this.maxLength = maxLength
  }
}

/** The inputs of a job are those it names, but not as many as it says. */
export class JobDataMismatchError extends AssayError {
  readonly url: string

  constructor({ url, tasks, inputs }: { url: string; tasks: number; inputs: number }) {
    super('Number of inputs differs from the number of tasks.', {
      name: 'JobDataMismatchError',
      facts: { URL: url, Expected: `${tasks} inputs, one for each task`, Got: `${inputs} inputs` },
      remedy: 'Do not claim this job: no result of it could be verified. The requester has to post it anew.',
    })
    this.url = url
  }
}

/** A provider does not serve the results of this job, or not yet. */
export class ResultNotPublishedError extends AssayError {
  override readonly retryable = true
  readonly url: string

  constructor({ url, jobId }: { url: string; jobId: Hex }) {
    super('Provider does not serve the results of this job.', {
      name: 'ResultNotPublishedError',
      facts: { URL: url, Job: jobId, Expected: 'HTTP status 200', Got: 'HTTP status 404' },
      remedy: 'Results are served once they are submitted: wait for that, then try again.',
    })
    this.url = url
  }
}

/** The results that a provider serves are not those it submitted. */
export class ResultMismatchError extends AssayError {
  readonly url: string

  constructor(args: { url: string; expected: string; got: string; cause?: unknown }) {
    const { url, expected, got, cause } = args
    super('Provider serves other results than it submitted.', {
      name: 'ResultMismatchError',
      facts: { URL: url, Expected: `${expected} (on-chain)`, Got: got },
      remedy: 'Do not use these results: fetch them from another place, or compute the tasks again.',
      cause,
    })
    this.url = url
  }
}

/** fetch says "fetch failed" and hides the reason (refused, reset, …) one level down. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'no answer'
  return cause.cause instanceof Error && cause.cause.message ? cause.cause.message : cause.message
}
