import type { Hex } from 'viem'
import {
  ContentMismatchError,
  ContentNotFoundError,
  ContentTooLargeError,
  JobDataMismatchError,
  StoreResponseError,
} from '../errors/content.ts'
import { ProgramError } from '../errors/program.ts'
import { ContentLengthError, MalformedInputPackError } from '../errors/trees.ts'
import { sameHash } from '../trees/bytes.ts'
import { emptyContentHash, maxContentLength } from '../trees/contentTree.ts'
import { type InputPack, unpackInputs } from '../trees/inputPack.ts'
import { ByteBuffer } from '../utils/byteBuffer.ts'
import { exchange, type StoreResponse, type TransferOptions } from './exchange.ts'
import { type ContentKind, createKeyHasher, maxProgramLength } from './key.ts'
import { contentUrl } from './url.ts'

export type FetchOptions = TransferOptions & {
  /** Base URL of the store: a job's `dataUri`, or a provider's endpoint for outputs. */
  url: string
  /**
   * Bytes after which the download is broken off.
   * @default 1 GiB, the longest content there is; of a program 32 MiB
   */
  maxLength?: number | undefined
}

export type FetchProgramParameters = FetchOptions & { programId: Hex }
export type FetchInputsParameters = FetchOptions & { inputsRoot: Hex; tasks: number }
export type FetchContentParameters = FetchOptions & { contentHash: Hex }

/**
 * Downloads a program and verifies that it translates to the one that its id names. A module that is refused is wrong
 * content.
 *
 * @throws {StoreUnreachableError | StoreTimeoutError} retryable
 * @throws {ContentNotFoundError | ContentTooLargeError | ContentMismatchError | StoreResponseError}
 * @throws {InvalidStoreUrlError | InvalidHashError}
 */
export function fetchProgram({ programId, ...options }: FetchProgramParameters): Promise<Uint8Array> {
  return fetchVerified('programs', programId, options)
}

/**
 * Downloads the inputs of a job and verifies them against its inputs root while they arrive.
 *
 * @throws {JobDataMismatchError} if they are what the root names, but not one for each task
 * @throws what {@link fetchProgram} throws
 */
export async function fetchInputs({
  inputsRoot,
  tasks,
  ...options
}: FetchInputsParameters): Promise<InputPack> {
  const pack = unpackInputs(await fetchVerified('inputs', inputsRoot, options))
  const url = contentUrl(options.url, 'inputs', inputsRoot)
  if (pack.count !== tasks) throw new JobDataMismatchError({ url, tasks, inputs: pack.count })
  return pack
}

/**
 * Downloads any bytes, like a shared input or an output, and verifies them against their content hash while they
 * arrive. The empty content is known without asking.
 *
 * @throws what {@link fetchProgram} throws
 */
export async function fetchContent({ contentHash, ...options }: FetchContentParameters): Promise<Uint8Array> {
  if (sameHash(contentHash, emptyContentHash)) return new Uint8Array()
  return fetchVerified('content', contentHash, options)
}

async function fetchVerified(kind: ContentKind, key: Hex, options: FetchOptions): Promise<Uint8Array> {
  const { maxLength = kind === 'programs' ? maxProgramLength : maxContentLength } = options
  const url = contentUrl(options.url, kind, key)
  const response = await exchange(url, {}, options)
  await expectContent(url, response)
  const announced = announcedLength(response.headers)
  if (announced !== undefined && announced > maxLength) {
    response.cancel()
    throw new ContentTooLargeError({ url, got: `${announced} bytes`, maxLength })
  }

  const hasher = createKeyHasher(kind)
  const buffer = new ByteBuffer(announced ?? 0)
  const found = hashing(url, key)
  for await (const chunk of response.chunks()) {
    buffer.append(chunk)
    if (buffer.length > maxLength) throw new ContentTooLargeError({ url, got: 'more than that', maxLength })
    found(() => hasher.update(chunk))
  }
  const got = found(() => hasher.finish())
  if (!sameHash(got, key))
    throw new ContentMismatchError({ url, expected: key, got: `${got}, of ${buffer.length} bytes` })
  return buffer.take()
}

const keyless = [MalformedInputPackError, ContentLengthError, ProgramError]

/** Bytes that cannot be what was asked for at all are wrong bytes like any other. */
function hashing(url: string, key: Hex) {
  return <result>(hash: () => result): result => {
    try {
      return hash()
    } catch (cause) {
      if (!keyless.some((refusal) => cause instanceof refusal)) throw cause
      const got = 'bytes that cannot have this key'
      throw new ContentMismatchError({ url, expected: key, got, cause })
    }
  }
}

async function expectContent(url: string, response: StoreResponse): Promise<void> {
  const { status } = response
  if (status === 200) return
  const answer = await response.answer()
  throw status === 404
    ? new ContentNotFoundError({ url })
    : new StoreResponseError({ url, status, expected: 200, answer })
}

/** How long the body is, where the store says so and fetch does not change it. */
function announcedLength(headers: Headers): number | undefined {
  const length = headers.get('content-length')
  if (length === null || headers.has('content-encoding')) return undefined
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined
}
