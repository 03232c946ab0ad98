import type { Account, Address, Hex } from 'viem'
import { getChainId, signTypedData } from 'viem/actions'
import type { AccountRequiredError } from '../errors/client.ts'
import { decodeContractError } from '../errors/decode.ts'
import { ResultNotSubmittedError, type UnknownJobError, type WrongLevelError } from '../errors/jobs.ts'
import type { TransactionRejectedError } from '../errors/rpc.ts'
import type { SignedAttestation } from '../types/attestation.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { ReadMarketErrorType } from '../types/errorType.ts'
import { jobAtLevel } from '../utils/levels.ts'
import { getAccountOf, getMarketAddress } from '../utils/market.ts'

export type SignAttestationParameters = MarketParameter & {
  jobId: Hex
  /**
   * The result that was found right, `keccak(resultRoot ‖ totalSteps u128)`.
   * @default what the provider submitted
   */
  resultCommitment?: Hex | undefined
  /**
   * Who signs.
   * @default client.account
   */
  account?: Account | Address | undefined
  /**
   * In whose name, where that is a contract (ERC-1271) for which the account signs.
   * @default the account
   */
  attester?: Address | undefined
}

export type SignAttestationReturnType = SignedAttestation

export type SignAttestationErrorType =
  | AccountRequiredError
  | UnknownJobError
  | WrongLevelError
  | ResultNotSubmittedError
  | TransactionRejectedError
  | ReadMarketErrorType

// contracts/verification/Attestation.sol
const types = {
  Attestation: [
    { name: 'market', type: 'address' },
    { name: 'jobId', type: 'bytes32' },
    { name: 'resultCommitment', type: 'bytes32' },
  ],
} as const

/**
 * Signs the result of a job of the level `attested`. Nothing is sent: anyone may hand it in with `attest`.
 *
 * @example
 * const attestation = await client.signAttestation({ jobId })
 *
 * @throws {WrongLevelError | ResultNotSubmittedError | UnknownJobError}
 */
export async function signAttestation(
  client: ClientWithMarket,
  parameters: SignAttestationParameters,
): Promise<SignAttestationReturnType> {
  const { jobId } = parameters
  const account = getAccountOf(client, { account: parameters.account, action: 'signAttestation' })
  const { job, hook: verifyingContract } = await jobAtLevel(client, 'attested', parameters)
  const resultCommitment = parameters.resultCommitment ?? job.resultCommitment
  if (resultCommitment === null) throw new ResultNotSubmittedError({ jobId, status: job.status })
  const market = getMarketAddress(client, parameters)
  const chainId = client.chain?.id ?? (await getChainId(client))
  try {
    const signature = await signTypedData(client, {
      account,
      domain: { name: 'Assay Attestation', version: '1', chainId, verifyingContract },
      types,
      primaryType: 'Attestation',
      message: { market, jobId, resultCommitment },
    })
    return { jobId, attester: parameters.attester ?? account.address, resultCommitment, signature }
  } catch (error) {
    throw decodeContractError(error, { functionName: 'signAttestation' })
  }
}
