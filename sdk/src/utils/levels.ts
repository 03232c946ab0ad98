import { type Address, type Hex, zeroAddress } from 'viem'
import { getJob } from '../actions/getJob.ts'
import { getLevel } from '../actions/getLevel.ts'
import { WrongLevelError } from '../errors/jobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { Job } from '../types/job.ts'

type Kind = 'attested' | 'replicated'

/**
 * A job of a level, and the contract behind it.
 * @throws {WrongLevelError | UnknownJobError}
 */
export async function jobAtLevel(
  client: ClientWithMarket,
  kind: Kind,
  { jobId, market }: MarketParameter & { jobId: Hex },
): Promise<{ job: Job; hook: Address }> {
  const job = await getJob(client, { jobId, market })
  const { level, parametersId } = job
  if (level !== kind) throw new WrongLevelError({ jobId, level, expected: kind })
  const { hook } = await getLevel(client, { level, parametersId, market })
  return { job, hook }
}

/**
 * The contract behind the level `replicated`, where no job says which.
 * @throws {WrongLevelError} where the current parameters do not offer it
 */
export async function replicationOf(
  client: ClientWithMarket,
  { replication, market }: MarketParameter & { replication?: Address | undefined },
): Promise<Address> {
  if (replication !== undefined) return replication
  const { hook } = await getLevel(client, { level: 'replicated', market })
  if (hook === zeroAddress) throw new WrongLevelError({ level: 'not offered', expected: 'replicated' })
  return hook
}
