import type { Job } from 'assay'
import type { Hex } from 'viem'

/** Seconds after which a job is looked at again whose data could not be had, or whose claim did not go through. */
const FIRST_DELAY = 2
const LONGEST_DELAY = 120

export type OpenJob = {
  jobId: Hex
  /** As read once; null before that. */
  job: Job | null
  /** Chain time before which it is not looked at again. */
  notBefore: number
  failures: number
  /** How often it was looked at. */
  looks: number
  /** What was last said about it. */
  said: string | null
}

/** Jobs that are posted and not claimed, as far as the events tell, in the order of their posting. */
export class OpenJobs {
  readonly #jobs = new Map<Hex, OpenJob>()

  get size(): number {
    return this.#jobs.size
  }

  add(jobId: Hex): void {
    if (this.#jobs.has(jobId)) return
    this.#jobs.set(jobId, { jobId, job: null, notBefore: 0, failures: 0, looks: 0, said: null })
  }

  has(jobId: Hex): boolean {
    return this.#jobs.has(jobId)
  }

  remove(jobId: Hex): void {
    this.#jobs.delete(jobId)
  }

  /**
   * Those whose time has come, the least looked at first: jobs that can never be claimed, like seats of groups that are not
   * complete, must not keep others from being seen, however many there are.
   */
  due(time: number): OpenJob[] {
    const due = [...this.#jobs.values()].filter(({ notBefore }) => notBefore <= time)
    return due.sort((a, b) => a.looks - b.looks)
  }

  /** Puts a job off, for longer each time. */
  postpone(open: OpenJob, time: number): void {
    open.notBefore = time + Math.min(FIRST_DELAY * 2 ** open.failures, LONGEST_DELAY)
    open.failures++
  }
}
