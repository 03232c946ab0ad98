import type { Hex } from 'viem'
import { StoreResponseError, UploadRefusedError } from '../errors/content.ts'
import { exchange, type TransferOptions } from './exchange.ts'
import { type ContentKind, contentKey } from './key.ts'
import { contentUrl } from './url.ts'

export type PutParameters = TransferOptions & {
  /** Base URL of the store. */
  url: string
  /** The program's file, the pack that `packInputs` makes, or any bytes. */
  bytes: Uint8Array
}

/**
 * Puts a program into a store.
 *
 * @returns the program's id
 * @throws {StoreUnreachableError | StoreTimeoutError} retryable
 * @throws {ProgramError} if the module is refused
 * @throws {UploadRefusedError | StoreResponseError | InvalidStoreUrlError}
 */
export function putProgram(params: PutParameters): Promise<Hex> {
  return put('programs', params)
}

/**
 * Puts all inputs of a job into a store.
 *
 * @returns the inputs root
 * @throws {MalformedInputPackError | ContentLengthError} and what {@link putProgram} throws of stores
 */
export function putInputs(params: PutParameters): Promise<Hex> {
  return put('inputs', params)
}

/**
 * Puts any bytes, like a shared input, into a store.
 *
 * @returns their content hash
 * @throws {ContentLengthError} and what {@link putProgram} throws of stores
 */
export function putContent(params: PutParameters): Promise<Hex> {
  return put('content', params)
}

async function put(kind: ContentKind, { bytes, url: storeUrl, ...options }: PutParameters): Promise<Hex> {
  const key = await contentKey(kind, bytes)
  const url = contentUrl(storeUrl, kind, key)
  const headers = { 'content-type': 'application/octet-stream' }
  const response = await exchange(url, { method: 'PUT', headers, body: bytes }, options)
  const answer = await response.answer()
  const { status } = response
  if (status === 201) return key
  throw status === 405 || status === 413 || status === 422
    ? new UploadRefusedError({ url, status, length: bytes.length, answer })
    : new StoreResponseError({ url, status, expected: 201, answer })
}
