import { type JobStatus, jobStatuses } from '../types/job.ts'

const finalStatuses: ReadonlySet<JobStatus> = new Set([
  'settled',
  'released',
  'failed',
  'rejected',
  'cancelled',
])

/** Whether nothing can move the job any more. */
export function isFinalStatus(status: JobStatus): boolean {
  return finalStatuses.has(status)
}

/** The name of a number of the contract's enum; `none` for numbers that it does not have. */
export function decodeJobStatus(status: number): JobStatus {
  return jobStatuses[status] ?? 'none'
}
