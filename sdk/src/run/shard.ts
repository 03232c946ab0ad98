import { ShardFailedError } from '../errors/run.ts'
import type { RunContext } from './context.ts'
import { totalCost } from './cost.ts'
import type { Kind } from './kind.ts'
import type { Shard } from './plan.ts'
import type { RunJob } from './types.ts'

/**
 * Follows a part of a run until its outputs are verified, and final if that is asked for, posting it again after a refund.
 *
 * @param posted the jobs of its first attempt
 * @returns the jobs that brought the outputs; null where the run was halted before
 * @throws ShardFailedError, OutputsWithheldError, errors of the node, the signal's reason
 */
export async function followShard(
  context: RunContext,
  kind: Kind,
  shard: Shard,
  posted: readonly RunJob[],
): Promise<readonly RunJob[] | null> {
  const { attempts, collector, halted } = context
  const { first, tasks, maxPrice } = shard
  const reasons: string[] = []
  let spent = 0n
  for (let current = posted; ; ) {
    const reason = await kind.follow(context, shard, current)
    if (reason === null) {
      collector.finalize()
      return current
    }
    reasons.push(reason)
    // Of a result that was proven wrong some may have been collected before the rest was withheld.
    for (const { jobId } of current) collector.withdraw(jobId)
    if (halted.aborted) return null
    spent += totalCost(current)
    const isAffordable = maxPrice - spent >= BigInt(tasks * kind.jobsPerShard)
    if (reasons.length >= attempts || !isAffordable) {
      throw new ShardFailedError({ first, tasks, attempts, reasons })
    }
    current = await context.repost(shard, reasons.length + 1, spent)
  }
}
