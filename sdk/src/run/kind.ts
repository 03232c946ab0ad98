import type { Hex } from 'viem'
import type { NamedJobTerms } from '../types/terms.ts'
import type { RunContext } from './context.ts'
import type { Shard } from './plan.ts'
import type { PostingContext } from './posting.ts'
import type { RunJob } from './types.ts'

/** How the parts of a run become jobs, and how those are followed: one way for each kind of job. */
export type Kind = {
  /** How many jobs one attempt at a part is: together they cost what the part may. */
  jobsPerShard: number
  /** Whether jobs of several parts can be posted in one transaction, and all taken back where one of them is refused. */
  isRevocable: boolean
  /** The terms of the jobs that one attempt at a part posts together, from those of the part. */
  jobsOf: (terms: NamedJobTerms) => readonly NamedJobTerms[]
  /** Takes back what was posted of jobs that were to be posted together; what a provider has claimed goes on. */
  takeBack: (context: PostingContext, jobIds: readonly Hex[]) => Promise<void>
  /**
   * Follows the jobs of one attempt until the part's outputs are verified, moving them on where a deadline passed. Once the
   * run is halted, it takes back what can be.
   *
   * @returns null once the outputs are in, else why the requester got its money back
   */
  follow: (context: RunContext, shard: Shard, jobs: readonly RunJob[]) => Promise<string | null>
  /**
   * Waits until the jobs of an attempt whose outputs are in have reached their end on the chain.
   * @throws ResultRefutedError where that end is not that they are paid
   */
  settle: (context: RunContext, jobs: readonly RunJob[]) => Promise<void>
}
