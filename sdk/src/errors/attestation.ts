import type { Address, Hex } from 'viem'
import type { JobStatus } from '../types/job.ts'
import { nextStep } from '../utils/nextStep.ts'
import { ContractError, type ContractErrorContext } from './contractError.ts'

/** The list of attesters is not the one that the job's terms name. */
export class AttestationWrongListError extends ContractError {
  readonly jobId: Hex
  readonly actual: Hex
  readonly expected: Hex

  constructor(parameters: { jobId: Hex; actual: Hex; expected: Hex } & ContractErrorContext) {
    const { jobId, actual, expected, ...context } = parameters
    super("Attesters are not the job's.", {
      ...context,
      name: 'AttestationWrongListError',
      facts: { Job: jobId, 'Hash of the list': actual, Expected: expected },
      remedy: 'Pass all attesters in the order in which the requester named them.',
    })
    this.jobId = jobId
    this.actual = actual
    this.expected = expected
  }
}

/** The list has no attester of this index. */
export class AttestationUnknownAttesterError extends ContractError {
  readonly jobId: Hex
  readonly index: number
  readonly count: number

  constructor(parameters: { jobId: Hex; index: number; count: number } & ContractErrorContext) {
    const { jobId, index, count, ...context } = parameters
    super('Attester is not in the list.', {
      ...context,
      name: 'AttestationUnknownAttesterError',
      facts: { Job: jobId, Index: index, Attesters: count },
      remedy: 'Pass the index of the signer, from 0 on.',
    })
    this.jobId = jobId
    this.index = index
    this.count = count
  }
}

/** The job has no result that could be attested. */
export class AttestationNoResultError extends ContractError {
  readonly jobId: Hex
  readonly status: JobStatus

  constructor(parameters: { jobId: Hex; status: JobStatus } & ContractErrorContext) {
    const { jobId, status, ...context } = parameters
    super('Job has no result to attest.', {
      ...context,
      name: 'AttestationNoResultError',
      facts: { Job: jobId, Status: status },
      remedy: nextStep(status),
    })
    this.jobId = jobId
    this.status = status
  }
}

/** The signature is not the named attester's over this result. */
export class AttestationWrongSignatureError extends ContractError {
  readonly jobId: Hex
  readonly attester: Address
  readonly digest: Hex

  constructor(parameters: { jobId: Hex; attester: Address; digest: Hex } & ContractErrorContext) {
    const { jobId, attester, digest, ...context } = parameters
    super('Attestation was not signed so.', {
      ...context,
      name: 'AttestationWrongSignatureError',
      facts: { Job: jobId, Attester: attester, Digest: digest },
      remedy: 'Have the attester sign this result of this job with `signAttestation`.',
    })
    this.jobId = jobId
    this.attester = attester
    this.digest = digest
  }
}
