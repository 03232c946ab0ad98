/** How a job goes at some moment; times in seconds. */
export type Pace = {
  tasks: number
  /** Tasks that were finished, and when the first of them could begin. */
  done: number
  startedAt: number
  now: number
  /** The last second to submit in. */
  until: number
}

/**
 * Whether a job will be finished in time if its remaining tasks take as long as those before. Nothing finished is no pace.
 */
export function isOnPace({ tasks, done, startedAt, now, until }: Pace): boolean {
  if (done >= tasks) return true
  if (done === 0) return false
  return now + ((now - startedAt) * (tasks - done)) / done <= until
}

/** Shorter runs have no room for a look, a release and its block. */
const SHORTEST_RUN = 40

/**
 * The moment to ask {@link isOnPace}: late enough to know something, early enough for a release to be mined before its
 * deadline, the end of the run time's first quarter. Never for short runs.
 */
export function lastLook(runBy: number, run: number): number {
  if (run < SHORTEST_RUN) return Number.POSITIVE_INFINITY
  return runBy - run + Math.floor(run / 4) - Math.ceil(run / 20)
}
