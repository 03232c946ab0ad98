import type { Hex } from 'viem'
import { StoreResponseError, UploadRefusedError } from '../errors/content.ts'
import { exchange, type TransferOptions } from './exchange.ts'
import { type ContentKind, contentKey } from './key.ts'
import { contentUrl } from './url.ts'

export type PutOptions = TransferOptions & {
  /** Base URL of the store. */
  url: string
}

export type PutProgramParameters = PutOptions & { program: Uint8Array }
export type PutInputsParameters = PutOptions & {
  /** What `packInputs` makes of the inputs. */
  pack: Uint8Array
}
export type PutContentParameters = PutOptions & { bytes: Uint8Array }

/**
 * Puts a program into a store.
 *
 * @returns the program's id
 * @throws {StoreUnreachableError | StoreTimeoutError} retryable
 * @throws {UploadRefusedError | StoreResponseError | InvalidStoreUrlError | ContentLengthError}
 */
export function putProgram({ program, ...options }: PutProgramParameters): Promise<Hex> {
  return put('programs', program, options)
}

/**
 * Puts all inputs of a job into a store.
 *
 * @returns the inputs root
 * @throws {MalformedInputPackError} and what {@link putProgram} throws
 */
export function putInputs({ pack, ...options }: PutInputsParameters): Promise<Hex> {
  return put('inputs', pack, options)
}

/**
 * Puts any bytes, like a shared input, into a store.
 *
 * @returns their content hash
 * @throws what {@link putProgram} throws
 */
export function putContent({ bytes, ...options }: PutContentParameters): Promise<Hex> {
  return put('content', bytes, options)
}

async function put(kind: ContentKind, bytes: Uint8Array, options: PutOptions): Promise<Hex> {
  const key = await contentKey(kind, bytes)
  const url = contentUrl(options.url, kind, key)
  const headers = { 'content-type': 'application/octet-stream' }
  const response = await exchange(url, { method: 'PUT', headers, body: bytes }, options)
  const answer = await response.answer()
  const { status } = response
  if (status === 201) return key
  throw status === 405 || status === 413 || status === 422
    ? new UploadRefusedError({ url, status, length: bytes.length, answer })
    : new StoreResponseError({ url, status, expected: 201, answer })
}
