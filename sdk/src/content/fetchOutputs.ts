import type { Hex } from 'viem'
import { ContentMismatchError, ContentTooLargeError } from '../errors/content.ts'
import { Sealer, sealBytes } from '../private/aead.ts'
import { sameHash } from '../trees/bytes.ts'
import { ContentHasher, maxContentLength } from '../trees/contentTree.ts'
import type { LeafRow, TaskStatus } from '../trees/result.ts'
import type { StoreResponse, TransferOptions } from './exchange.ts'
import { openResults } from './results.ts'
import { resultUrl } from './url.ts'

export type FetchOutputsParameters = TransferOptions & {
  /** Base URL of the provider that submitted. */
  endpoint: string
  jobId: Hex
  /** From `fetchLeaves`: verified against the chain. */
  leaves: readonly LeafRow[]
  /**
   * Bytes of one output: a leaf that claims more is refused before anything is downloaded.
   * @default 1 GiB
   */
  maxOutput?: number | undefined
  /**
   * The first task wanted: to go on after a connection broke.
   * @default 0
   */
  from?: number | undefined
  /** The key of a private job, whose outputs are sealed with it. They still begin with their random words. */
  jobKey?: Uint8Array | undefined
}

export type TaskOutput = {
  index: number
  status: TaskStatus
  exitCode: number
  /** Empty unless the task halted. */
  bytes: Uint8Array
}

/**
 * Downloads the outputs of a job's tasks in order. Each is verified against its leaf before it is handed out, and
 * only one is in memory at a time. The next is awaited when it is asked for; whoever stops asking closes the
 * connection.
 *
 * @throws {StoreUnreachableError | StoreTimeoutError | ResultNotPublishedError} retryable: with `from`, where it broke
 * @throws {ContentMismatchError} with the index of the task
 * @throws {ContentTooLargeError} if a leaf exceeds `maxOutput`
 * @throws {StoreResponseError | InvalidStoreUrlError | InvalidHashError}
 */
export async function* fetchOutputs(
  params: FetchOutputsParameters,
): AsyncGenerator<TaskOutput, void, undefined> {
  const { endpoint, jobId, leaves, from = 0, maxOutput = maxContentLength, jobKey } = params
  const url = resultUrl(endpoint, jobId, 'outputs')
  const longest = leaves.slice(from).reduce((max, { outputLength }) => Math.max(max, outputLength), 0)
  if (longest > maxOutput)
    throw new ContentTooLargeError({ url, got: `an output of ${longest} bytes`, maxLength: maxOutput })
  const sealer = jobKey === undefined ? undefined : await Sealer.create(jobKey, 'outputs')
  const overhead = sealer === undefined ? 0 : sealBytes
  const skipped = sumLengths(leaves.slice(0, from), overhead)
  const total = skipped + sumLengths(leaves.slice(from), overhead)
  const source = total > skipped ? await openAt(url, skipped, params) : undefined
  try {
    for (const [offset, leaf] of leaves.slice(from).entries()) {
      const index = from + offset
      const arrived = new Uint8Array(leaf.outputLength + overhead)
      const hasher = new ContentHasher()
      const received = (await source?.fill(arrived, sealer === undefined ? hasher : undefined)) ?? 0
      const expected = `${leaf.outputLength} bytes with root ${leaf.outputRoot}`
      const mismatch = (got: string, cause?: unknown) =>
        new ContentMismatchError({ url, taskIndex: index, expected, got, cause })
      if (received < arrived.length) throw mismatch(`${received} bytes, then the end`)
      const bytes = sealer === undefined ? arrived : await open(sealer, arrived, index, mismatch)
      if (sealer !== undefined) hasher.update(bytes)
      const { root } = hasher.finish()
      if (!sameHash(root, leaf.outputRoot)) throw mismatch(`root ${root}`)
      yield { index, status: leaf.status, exitCode: leaf.exitCode, bytes }
    }
    if (source !== undefined && (await source.fill(new Uint8Array(1))) > 0)
      throw new ContentMismatchError({ url, expected: `${total} bytes in all`, got: 'more than that' })
  } finally {
    source?.close()
  }
}

async function open(
  sealer: Sealer,
  sealed: Uint8Array,
  index: number,
  mismatch: (got: string, cause: unknown) => ContentMismatchError,
): Promise<Uint8Array> {
  return sealer.open(sealed, `the output of task ${index}`, index).catch((cause: unknown) => {
    throw mismatch(`${sealed.length} bytes that the job's key does not open`, cause)
  })
}

/** A stream from which pieces of given lengths are taken. */
type Source = {
  /** Fills `target` from the stream, hashing as it comes, and returns how many bytes there were. */
  fill: (target: Uint8Array, hasher?: ContentHasher) => Promise<number>
  close: () => void
}

/** Opens the outputs at an offset, also where the server knows no ranges and sends everything. */
async function openAt(url: string, start: number, params: FetchOutputsParameters): Promise<Source> {
  const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {}
  const response = await openResults(url, params.jobId, headers, params)
  const source = sourceOf(response)
  if (response.status === 200) await source.skip(start)
  return source
}

function sourceOf(response: StoreResponse): Source & { skip: (count: number) => Promise<void> } {
  const chunks = response.chunks()
  let rest = new Uint8Array()
  let ended = false

  /** The next bytes of the stream, at most `count`; none at its end. */
  async function take(count: number): Promise<Uint8Array> {
    while (rest.length === 0 && !ended) {
      const { done, value } = await chunks.next()
      ended = done === true
      if (value !== undefined) rest = value as Uint8Array<ArrayBuffer>
    }
    const taken = rest.subarray(0, count)
    rest = rest.subarray(taken.length)
    return taken
  }

  return {
    async fill(target, hasher) {
      let at = 0
      while (at < target.length) {
        const taken = await take(target.length - at)
        if (taken.length === 0) break
        target.set(taken, at)
        hasher?.update(taken)
        at += taken.length
      }
      return at
    },
    async skip(count) {
      for (let left = count; left > 0; ) {
        const taken = await take(left)
        if (taken.length === 0) return
        left -= taken.length
      }
    },
    close: response.cancel,
  }
}

function sumLengths(leaves: readonly LeafRow[], overhead: number): number {
  return leaves.reduce((sum, { outputLength }) => sum + outputLength + overhead, 0)
}
