import type { Hex } from 'viem'
import { sealBytes } from '../private/aead.ts'
import { parsePrivateDataUri } from '../private/dataUri.ts'
import { getCached } from './cached.ts'
import { fetchContent, fetchProgram } from './fetchContent.ts'
import { type FetchJobDataParameters, withDefaults } from './fetchJobData.ts'

export type FetchSealedDataParameters = Pick<
  FetchJobDataParameters,
  'dataUri' | 'programId' | 'limits' | 'cache' | 'signal' | 'timeout' | 'stallTimeout'
>

export type SealedData = {
  program: Uint8Array
  /** For `openInputs`, once the key is there. */
  sealed: Uint8Array
}

/** Of the length that stands before the shared input. */
const overhead = 8 + sealBytes

/**
 * Gets what there is to get of a private job before its key is delivered: the program, which is public, and the sealed
 * inputs, both verified by their hashes.
 *
 * @throws {PrivateDataUriError} and what `fetchJobData` throws
 */
export async function fetchSealedData(params: FetchSealedDataParameters): Promise<SealedData> {
  const { dataUri, programId, limits, ...transfer } = params
  const { maxProgram, maxShared, maxInputs } = withDefaults(limits)
  const { store: url, sealedHash } = parsePrivateDataUri(dataUri)
  const get = (kind: 'programs' | 'content', key: Hex, maxLength: number) =>
    getCached({ url, ...transfer }, { kind, key, maxLength }, (options) =>
      kind === 'programs'
        ? fetchProgram({ ...options, programId: key })
        : fetchContent({ ...options, contentHash: key }),
    )
  const program = await get('programs', programId, maxProgram)
  return { program, sealed: await get('content', sealedHash, maxShared + maxInputs + overhead) }
}
