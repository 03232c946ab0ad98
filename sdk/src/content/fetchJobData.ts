import type { Hex } from 'viem'
import { JobDataMismatchError } from '../errors/content.ts'
import { sameHash } from '../trees/bytes.ts'
import { emptyContentHash } from '../trees/contentTree.ts'
import { unpackInputs } from '../trees/inputPack.ts'
import { type ContentCache, getCached } from './cached.ts'
import type { TransferOptions } from './exchange.ts'
import { type FetchOptions, fetchContent, fetchInputs, fetchProgram } from './fetchContent.ts'
import { type ContentKind, maxProgramLength } from './key.ts'
import { contentUrl } from './url.ts'

/** The most bytes that are downloaded of each part of a job's data. */
export type JobDataLimits = {
  /** @default 32 MiB, the longest program there is */
  maxProgram?: number | undefined
  /** @default 256 MiB */
  maxShared?: number | undefined
  /** Of all inputs together. @default 256 MiB */
  maxInputs?: number | undefined
}

export type FetchJobDataParameters = TransferOptions & {
  /** Base URL of the requester's store, from the job's terms. */
  dataUri: string
  /** What the job's terms name. */
  programId: Hex
  inputsRoot: Hex
  sharedInput: Hex
  tasks: number
  limits?: JobDataLimits | undefined
  /** Asked before the store, and given what was downloaded. */
  cache?: ContentCache | undefined
}

export type JobData = {
  program: Uint8Array
  /** Empty where the job has no shared input. */
  shared: Uint8Array
  /** One for each task: views into one buffer. */
  inputs: readonly Uint8Array[]
}

const mebibyte = 2 ** 20

/** Limits with their defaults. */
export function withDefaults(limits: JobDataLimits = {}): { [K in keyof JobDataLimits]-?: number } {
  const { maxProgram = maxProgramLength, maxShared = 256 * mebibyte, maxInputs = 256 * mebibyte } = limits
  return { maxProgram, maxShared, maxInputs }
}

/**
 * Gets everything that the tasks of a job read, verified against the job's terms.
 *
 * @throws {StoreUnreachableError | StoreTimeoutError} retryable
 * @throws {JobDataMismatchError} if there is not one input for each task
 * @throws {ContentNotFoundError | ContentTooLargeError | ContentMismatchError | StoreResponseError}
 * @throws {InvalidStoreUrlError | InvalidHashError}
 */
export async function fetchJobData(params: FetchJobDataParameters): Promise<JobData> {
  const { dataUri: url, programId, inputsRoot, sharedInput, tasks, limits, cache, ...transfer } = params
  const { maxProgram, maxShared, maxInputs } = withDefaults(limits)

  const get = (
    kind: ContentKind,
    key: Hex,
    maxLength: number,
    download: (options: FetchOptions & { maxLength: number }) => Promise<Uint8Array>,
  ) => getCached({ url, cache, ...transfer }, { kind, key, maxLength }, download)

  const program = await get('programs', programId, maxProgram, (options) =>
    fetchProgram({ ...options, programId }),
  )
  const shared = sameHash(sharedInput, emptyContentHash)
    ? new Uint8Array()
    : await get('content', sharedInput, maxShared, (options) =>
        fetchContent({ ...options, contentHash: sharedInput }),
      )
  const pack = await get('inputs', inputsRoot, maxInputs, async (options) => {
    const { bytes } = await fetchInputs({ ...options, inputsRoot, tasks })
    return bytes
  })
  const inputs = [...unpackInputs(pack)]
  if (inputs.length !== tasks)
    throw new JobDataMismatchError({
      url: contentUrl(url, 'inputs', inputsRoot),
      tasks,
      inputs: inputs.length,
    })
  return { program, shared, inputs }
}
