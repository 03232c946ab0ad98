import type { NamedJobTerms } from '../types/terms.ts'
import type { RunContext } from './context.ts'
import type { Shard } from './plan.ts'
import type { RunJob } from './types.ts'

/** How the parts of a run become jobs, and how those are followed: one way for each kind of job. */
export type Kind = {
  /** The terms of the jobs that one attempt at a part posts together, from those of the part. */
  jobsOf: (terms: NamedJobTerms) => readonly NamedJobTerms[]
  /**
   * Follows the jobs of one attempt until the part's outputs are verified, moving them on where a deadline passed. Once the
   * run is halted, it takes back what can be.
   *
   * @returns null once the outputs are in, else why the requester got its money back
   */
  follow: (context: RunContext, shard: Shard, jobs: readonly RunJob[]) => Promise<string | null>
  /** Waits until the jobs of an attempt whose outputs are in have reached their end on the chain. */
  settle: (context: RunContext, jobs: readonly RunJob[]) => Promise<void>
}
