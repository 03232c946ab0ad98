import type { Job } from './job.ts'

/**
 * Jobs in the order in which they came, where what comes back goes to the front. Jobs that are no longer queued
 * (settled, or taken by who had them before) are passed over.
 */
export class JobQueue {
  /** Last first. */
  #front: Job[] = []
  #back: Job[] = []
  #at = 0

  put(job: Job): void {
    this.#back.push(job)
  }

  putBack(jobs: readonly Job[]): void {
    for (const job of jobs) {
      job.state = 'queued'
      job.slot = undefined
    }
    this.#front.push(...jobs.toReversed())
  }

  /** The job whose turn it is, without taking it. */
  first(): Job | undefined {
    while (this.#front.length > 0) {
      const job = this.#front.at(-1)!
      if (job.state === 'queued') return job
      this.#front.pop()
    }
    for (; this.#at < this.#back.length; this.#at++) {
      const job = this.#back[this.#at]!
      if (job.state === 'queued') return job
    }
    this.#back = []
    this.#at = 0
    return undefined
  }

  /** Removes what `first` returned. */
  take(): void {
    if (this.#front.length > 0) this.#front.pop()
    else if (++this.#at > 1_024 && 2 * this.#at > this.#back.length) {
      this.#back = this.#back.slice(this.#at)
      this.#at = 0
    }
  }

  /** At most how many wait. */
  get size(): number {
    return this.#front.length + this.#back.length - this.#at
  }
}
