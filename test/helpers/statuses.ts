import { ethers } from './chain.ts'
import { busyMarket, type World } from './fixtures.ts'
import { seatedGroup } from './groups.ts'
import {
  awaitingKey,
  claimed,
  disputed,
  type Job,
  type JobOptions,
  keyBy,
  post,
  settled,
  submitted,
} from './jobs.ts'
import { now, pass, travelTo } from './time.ts'

/** In the order of the contract's enum. */
export const STATUSES = [
  'None',
  'Open',
  'AwaitingKey',
  'Claimed',
  'Seated',
  'Submitted',
  'Settled',
  'Released',
  'Failed',
  'Rejected',
  'Cancelled',
  'Expired',
  'Keyless',
  'Overdue',
  'Disputed',
  'Settleable',
] as const
export type Status = (typeof STATUSES)[number]
export const statusNumber = (status: Status) => BigInt(STATUSES.indexOf(status))

/** The status that the words hold: six of the sixteen are derived from the time. */
export const STORED: Record<Status, Status> = {
  None: 'None',
  Open: 'Open',
  AwaitingKey: 'AwaitingKey',
  Claimed: 'Claimed',
  Seated: 'Seated',
  Submitted: 'Submitted',
  Settled: 'Settled',
  Released: 'Released',
  Failed: 'Failed',
  Rejected: 'Rejected',
  Cancelled: 'Cancelled',
  Expired: 'Open',
  Keyless: 'AwaitingKey',
  Overdue: 'Claimed',
  Disputed: 'Submitted',
  Settleable: 'Submitted',
}

export type JobPerStatus = World & { jobs: Record<Status, Job> }

/**
 * Brings one job of a requester and a provider, the default ones where nobody is named, into each status; all hold at the
 * same moment.
 */
export async function reachEveryStatus(
  world: World,
  parties: Pick<JobOptions, 'requester' | 'provider'> = {},
): Promise<JobPerStatus> {
  const { keeper, hook } = world.actors
  const { requester = world.actors.requester, provider = world.actors.provider } = parties
  const { market } = world
  const quick = { ...parties, claimAfter: 1n, terms: { run: 2n, window: 2n } }
  const soon = { ...parties, claimAfter: 1n }

  const rejected = await disputed(world, parties)
  await market.connect(hook).reject(rejected.jobId, 0n)
  const failed = await claimed(world, quick)
  await pass(3n)
  await market.connect(keeper).fail(failed.jobId)
  const released = await claimed(world, parties)
  await market.connect(provider).release(released.jobId)
  const cancelled = await post(world, parties)
  await market.connect(requester).cancel(cancelled.jobId)

  const keyless = await awaitingKey(world, soon)
  await travelTo(keyBy(world, keyless))
  const past = {
    Keyless: keyless,
    Settled: await settled(world, parties),
    Released: released,
    Failed: failed,
    Rejected: rejected,
    Cancelled: cancelled,
    Expired: await post(world, { ...parties, terms: { claimBy: (await now()) + 2n } }),
    Overdue: await claimed(world, quick),
    Settleable: await submitted(world, quick),
  }
  await pass(10n)
  const unknown = { ...cancelled, jobId: ethers.ZeroHash.replace(/0$/, '1') }
  const jobs = {
    ...past,
    None: unknown,
    Disputed: await disputed(world, soon),
    Submitted: await submitted(world, soon),
    Seated: (await seatedGroup(world, [provider], {}, parties)).jobs[0] as Job,
    AwaitingKey: await awaitingKey(world, soon),
    Claimed: await claimed(world, soon),
    Open: await post(world, parties),
  }
  return { ...world, jobs }
}

/** {@link reachEveryStatus} in a funded market, for `loadFixture`. */
export async function jobPerStatus(): Promise<JobPerStatus> {
  return reachEveryStatus(await busyMarket())
}
