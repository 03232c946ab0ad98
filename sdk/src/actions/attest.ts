import { type Address, type Hash, type Hex, isAddressEqual, type Log, type TransactionReceipt } from 'viem'
import { attestationAbi } from '../abis.ts'
import { AttestationUnknownAttesterError } from '../errors/attestation.ts'
import type { EventMismatchError, EventNotFoundError } from '../errors/events.ts'
import type { UnknownJobError, WrongLevelError } from '../errors/jobs.ts'
import type { SignedAttestation } from '../types/attestation.ts'
import type { ClientWithMarket, WriteParameters, WriteSyncParameters } from '../types/client.ts'
import type { WriteMarketErrorType, WriteMarketSyncErrorType } from '../types/errorType.ts'
import type { EncodedJobTerms } from '../types/terms.ts'
import { extractContractEvent } from '../utils/contractEvents.ts'
import { jobAtLevel } from '../utils/levels.ts'
import { findPostedTerms } from '../utils/postedTerms.ts'
import { withMarket, writeCall, writeCallSync } from '../utils/writeMarket.ts'

export type AttestArgs = Pick<SignedAttestation, 'jobId' | 'attester' | 'signature'> & {
  /** All attesters that the job's terms name, in their order. */
  attesters: readonly Address[]
}

export type AttestParameters = WriteParameters & AttestArgs
export type AttestSyncParameters = WriteSyncParameters & AttestArgs

export type AttestReturnType = Hash
export type AttestSyncReturnType = {
  jobId: Hex
  attester: Address
  resultCommitment: Hex
  receipt: TransactionReceipt
}

type JobErrors = UnknownJobError | WrongLevelError | EventNotFoundError | EventMismatchError
export type AttestErrorType = WriteMarketErrorType | JobErrors | AttestationUnknownAttesterError
export type AttestSyncErrorType = WriteMarketSyncErrorType | JobErrors | AttestationUnknownAttesterError

/**
 * Hands in an attester's signature, which ends the job's challenge window; anyone may do it. The job's terms are looked up
 * in the event of its posting.
 *
 * @example
 * const hash = await client.attest({ ...attestation, attesters })
 *
 * @throws {AttestationWrongListError | AttestationNoResultError | AttestationWrongSignatureError}
 */
export async function attest(
  client: ClientWithMarket,
  parameters: AttestParameters,
): Promise<AttestReturnType> {
  return writeCall(client, await prepare(client, parameters), parameters)
}

/** The call of the level's contract alone, for simulating and batching. */
attest.call = (parameters: {
  attestation: Address
  market: Address
  requester: Address
  terms: EncodedJobTerms
  attesters: readonly Address[]
  index: number
  signature: Hex
}) => {
  const { attestation, market, requester, terms, attesters, index, signature } = parameters
  return {
    abi: attestationAbi,
    address: attestation,
    functionName: 'attest' as const,
    args: [market, requester, terms, attesters, BigInt(index), signature] as const,
  }
}

/** The event among a receipt's logs. */
attest.extractEvent = (logs: readonly Log[]) => extractContractEvent(attestationAbi, 'ResultAttested', logs)

/**
 * {@link attest}, then waits for the receipt.
 *
 * @example
 * const { resultCommitment } = await client.attestSync({ ...attestation, attesters })
 */
export async function attestSync(
  client: ClientWithMarket,
  parameters: AttestSyncParameters,
): Promise<AttestSyncReturnType> {
  const receipt = await writeCallSync(client, await prepare(client, parameters), parameters)
  const { jobId, attester, resultCommitment } = attest.extractEvent(receipt.logs)
  return { jobId, attester, resultCommitment, receipt }
}

async function prepare(client: ClientWithMarket, parameters: AttestParameters) {
  const { jobId, attester, attesters, signature } = parameters
  const { market } = withMarket(client, parameters)
  const index = attesters.findIndex((one) => isAddressEqual(one, attester))
  if (index < 0) throw new AttestationUnknownAttesterError({ jobId, index, count: attesters.length })
  const { hook: attestation } = await jobAtLevel(client, 'attested', { jobId, market })
  const posted = await findPostedTerms(client, { jobId, market })
  return attest.call({ attestation, market, ...posted, attesters, index, signature })
}
