import type { Address, Hex } from 'viem'
import { captureSeedSync } from '../actions/captureSeed.ts'
import { resolveGroupSync } from '../actions/resolveGroup.ts'
import type { ReplicationGroup } from '../types/replication.ts'
import { getBlockTime, getNewestBlockNumber } from '../utils/blocks.ts'
import { canResolve, canReveal } from '../utils/seatTimes.ts'
import type { RunContext } from './context.ts'
import { attempt, COURTESY, MAX_REFUSALS, reading } from './retry.ts'

/** Blocks after which a seed is captured before a group escalates: the chain forgets it after 256. */
const SEED_AGE = 128n

/**
 * What brings a group on when that is due. Its providers do so in their own interest; where nobody does, this does.
 *
 * @returns to be called with every look at the group; throws what refuses to resolve it again and again
 */
export function groupMover(
  { client, halted, pollingInterval }: RunContext,
  named: { groupId: Hex; replication: Address },
): (group: ReplicationGroup) => Promise<void> {
  const reads = { pollingInterval, signal: new AbortController().signal }
  let left = 0
  /** The block that a seed was last asked of: one that is missed twice never comes. */
  let drawn: bigint | null = null

  async function isUndrawn(group: ReplicationGroup, time: number): Promise<boolean> {
    const { phase, seed, targetBlock, terms } = group
    if (terms.spares === 0 || seed !== null || targetBlock === null || targetBlock === drawn) return false
    const isEscalated = phase === 'escalated'
    if (!isEscalated && !canReveal(group, time)) return false
    const newest = await reading(reads, () => getNewestBlockNumber(client))
    return newest > targetBlock + (isEscalated ? 0n : SEED_AGE)
  }

  return async (group) => {
    const time = await reading(reads, () => getBlockTime(client))
    const isOver = canResolve(group, time)
    const isDue = isOver || (await isUndrawn(group, time))
    left = isDue ? left + 1 : 0
    // Nobody else has anything to gain from a group that has no providers.
    const hasOthers = group.phase === 'escalated' || group.claimed > 0
    if (!isDue || (hasOthers && !halted.aborted && left <= COURTESY)) return
    if (isOver) {
      const refusal = await attempt(() => resolveGroupSync(client, named))
      if (refusal !== undefined && left > COURTESY + MAX_REFUSALS) throw refusal
    } else if ((await attempt(() => captureSeedSync(client, named))) === undefined) drawn = group.targetBlock
  }
}
