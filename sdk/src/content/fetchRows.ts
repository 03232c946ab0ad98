import type { Hex } from 'viem'
import { resultNodes } from '../dispute/results.ts'
import { ResultMismatchError } from '../errors/content.ts'
import { sameHash } from '../trees/bytes.ts'
import { leafRowSize } from '../trees/result.ts'
import { ByteBuffer } from '../utils/byteBuffer.ts'
import type { TransferOptions } from './exchange.ts'
import { openResults } from './results.ts'
import { resultUrl } from './url.ts'

export type FetchRowsParameters = TransferOptions & {
  /** Base URL of the provider that submitted. */
  endpoint: string
  jobId: Hex
  tasks: number
  /** What was submitted. */
  resultRoot: Hex
  totalSteps: bigint
}

/**
 * Downloads the leaves file behind a submitted result: 53 bytes for each task, verified against the root and the sum, and
 * against nothing else. A row may be one that no program can have; `fetchLeaves` refuses such a file, a challenger wants it.
 *
 * @throws {StoreUnreachableError | StoreTimeoutError | ResultNotPublishedError} retryable
 * @throws {ResultMismatchError} if it is not what was submitted
 * @throws {StoreResponseError | InvalidStoreUrlError | InvalidHashError}
 */
export async function fetchRows(params: FetchRowsParameters): Promise<Uint8Array> {
  const { endpoint, jobId, tasks, resultRoot, totalSteps } = params
  const url = resultUrl(endpoint, jobId, 'leaves')
  const size = tasks * leafRowSize
  const expected = `${size} bytes with root ${resultRoot} and ${totalSteps} steps`
  const response = await openResults(url, jobId, {}, params)
  const buffer = new ByteBuffer(0)
  for await (const chunk of response.chunks()) {
    buffer.append(chunk)
    if (buffer.length > size) throw new ResultMismatchError({ url, expected, got: 'more than that' })
  }
  const rows = buffer.take()
  if (rows.length < size) throw new ResultMismatchError({ url, expected, got: `${rows.length} bytes` })
  const { hash, steps } = resultNodes(rows).top
  if (steps !== totalSteps || !sameHash(hash, resultRoot))
    throw new ResultMismatchError({ url, expected, got: `root ${hash} and ${steps} steps` })
  return rows
}
