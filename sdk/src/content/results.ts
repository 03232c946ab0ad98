import type { Hex } from 'viem'
import { ResultNotPublishedError, StoreResponseError } from '../errors/content.ts'
import { exchange, type StoreResponse, type TransferOptions } from './exchange.ts'

/**
 * Asks a provider for the results of a job.
 * @throws {StoreUnreachableError | StoreTimeoutError | ResultNotPublishedError | StoreResponseError}
 */
export async function openResults(
  url: string,
  jobId: Hex,
  headers: Record<string, string>,
  options: TransferOptions,
): Promise<StoreResponse> {
  const response = await exchange(url, { headers }, options)
  const { status } = response
  if (status === 200 || status === 206) return response
  const answer = await response.answer()
  throw status === 404
    ? new ResultNotPublishedError({ url, jobId })
    : new StoreResponseError({ url, status, expected: 200, answer })
}
