import type { JobStatus } from '../types/job.ts'

const steps: Record<JobStatus, string> = {
  none: 'Check the job id, the market and the chain.',
  open: 'A provider may `claim` it; its requester may `cancel` it.',
  awaitingKey: 'Its requester may `deliverKey` until `keyBy`.',
  claimed: 'Its provider may `submit` a result before `runBy`.',
  seated:
    'The contract behind its assurance level ends it: its provider commits and reveals a result there, anyone may `resolveGroup` once that is over.',
  submitted: 'Its requester may `accept` the result; anyone may `settle` it after the challenge window.',
  settled: 'Nothing is left to do: the provider was paid.',
  released: 'Post the terms again with another nonce: the claim was given back, the requester was refunded.',
  failed: 'Post the terms again with another nonce: the provider was late, the requester was refunded.',
  rejected:
    'Post the terms again with another nonce: the result was proven wrong or outvoted, the requester was refunded.',
  cancelled: 'Post the terms again with another nonce: the job was cancelled, the requester was refunded.',
  expired: 'Anyone may `cancel` it, which refunds the requester.',
  keyless: 'Anyone may `release` it, which refunds the requester and costs the provider nothing.',
  overdue: 'Anyone may `fail` it, which refunds the requester.',
  disputed: 'Wait until every challenge is decided.',
  settleable: 'Anyone may `settle` it, which pays the provider.',
}

/** Who may do what next with a job of this status, one sentence. */
export function nextStep(status: JobStatus): string {
  return steps[status]
}
