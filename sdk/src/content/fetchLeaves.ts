import type { Hex } from 'viem'
import { ResultMismatchError } from '../errors/content.ts'
import { MalformedLeavesError, MalformedResultError } from '../errors/trees.ts'
import { Sealer, sealBytes } from '../private/aead.ts'
import { sameHash } from '../trees/bytes.ts'
import { decodeLeaves, type LeafRow, leafRowSize, type ResultLimits, resultFault } from '../trees/result.ts'
import { resultCommitment, resultTree } from '../trees/resultTree.ts'
import { ByteBuffer } from '../utils/byteBuffer.ts'
import type { TransferOptions } from './exchange.ts'
import { openResults } from './results.ts'
import { resultUrl } from './url.ts'

/** What the chain says of a result: what was submitted, or only the word that a job stores of it. */
export type SubmittedResult =
  | { resultRoot: Hex; totalSteps: bigint; resultCommitment?: undefined }
  | { resultCommitment: Hex; resultRoot?: undefined; totalSteps?: undefined }

export type FetchLeavesParameters = TransferOptions &
  SubmittedResult & {
    /** Base URL of the provider that submitted. */
    endpoint: string
    jobId: Hex
    tasks: number
    /** The job's bounds: a result beyond them is refused although it was submitted. */
    limits?: ResultLimits | undefined
    /** The key of a private job, whose results are sealed with it. */
    jobKey?: Uint8Array | undefined
  }

/**
 * Downloads the results of a job's tasks and verifies them against what was submitted on-chain.
 *
 * @throws {StoreUnreachableError | StoreTimeoutError | ResultNotPublishedError} retryable
 * @throws {ResultMismatchError} if they are not what was submitted
 * @throws {MalformedResultError} if they are, but exceed the job's bounds: the claim is fraudulent
 * @throws {StoreResponseError | InvalidStoreUrlError | InvalidHashError}
 */
export async function fetchLeaves(params: FetchLeavesParameters): Promise<LeafRow[]> {
  const { endpoint, jobId, tasks, limits, jobKey } = params
  const url = resultUrl(endpoint, jobId, 'leaves')
  const expected = params.resultCommitment ?? commitmentOf(params)
  const mismatch = (got: string, cause?: unknown) =>
    new ResultMismatchError({ url, expected: `commitment ${expected}`, got, cause })

  const size = tasks * leafRowSize + (jobKey === undefined ? 0 : sealBytes)
  const response = await openResults(url, jobId, {}, params)
  const buffer = new ByteBuffer(0)
  for await (const chunk of response.chunks()) {
    buffer.append(chunk)
    if (buffer.length > size) throw mismatch(`more than the ${size} bytes of ${tasks} results`)
  }

  const file = jobKey === undefined ? buffer.take() : await open(buffer.take(), jobKey, mismatch)
  const leaves = decode(file, tasks, mismatch)
  const got = commitmentOf(treeOf(leaves))
  if (!sameHash(got, expected)) throw mismatch(`commitment ${got}`)
  for (const [taskIndex, leaf] of leaves.entries()) {
    const reason = resultFault(leaf, limits)
    if (reason !== undefined) throw new MalformedResultError({ taskIndex, reason })
  }
  return leaves
}

type Mismatch = (got: string, cause?: unknown) => ResultMismatchError

async function open(sealed: Uint8Array, jobKey: Uint8Array, mismatch: Mismatch): Promise<Uint8Array> {
  const sealer = await Sealer.create(jobKey, 'leaves')
  return sealer.open(sealed, 'the results').catch((cause: unknown) => {
    throw mismatch(`${sealed.length} bytes that the job's key does not open`, cause)
  })
}

function decode(file: Uint8Array, tasks: number, mismatch: Mismatch): LeafRow[] {
  try {
    return decodeLeaves(file, { tasks })
  } catch (cause) {
    if (cause instanceof MalformedLeavesError)
      throw mismatch(`${file.length} bytes for ${tasks} results`, cause)
    if (cause instanceof MalformedResultError) throw mismatch('a result that no program can have', cause)
    throw cause
  }
}

function treeOf(leaves: readonly LeafRow[]): { resultRoot: Hex; totalSteps: bigint } {
  const { root, totalSteps } = resultTree(leaves)
  return { resultRoot: root, totalSteps }
}

function commitmentOf({ resultRoot, totalSteps }: { resultRoot: Hex; totalSteps: bigint }): Hex {
  return resultCommitment({ root: resultRoot, totalSteps })
}
