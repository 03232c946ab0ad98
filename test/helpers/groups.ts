import type { Signer } from './actors.ts'
import { chainId, ethers, networkHelpers } from './chain.ts'
import { FUNDS } from './defaults.ts'
import { enlist, fund, REPLICATED, type World } from './fixtures.ts'
import { draft, type Job, type JobOptions, RESULT_ROOT, TOTAL_STEPS } from './jobs.ts'
import { jobIdOf, packTerms, packWord, type TermsFields, word } from './terms.ts'
import { HOUR, now } from './time.ts'

/** The `assurance` of a seat, one field each. */
export interface SeatFields {
  index: bigint
  seats: bigint
  spares: bigint
  drawBits: bigint
  baseBps: bigint
  commitTime: bigint
  revealTime: bigint
  drawTime: bigint
  /** Tells groups apart that are otherwise equal. */
  salt: bigint
}

/** Three seats without an escalation. */
export const defaultGroup: Omit<SeatFields, 'index' | 'salt'> = {
  seats: 3n,
  spares: 0n,
  drawBits: 0n,
  baseBps: 1_000n,
  commitTime: HOUR,
  revealTime: HOUR,
  drawTime: HOUR,
}

export function packSeat(f: SeatFields): string {
  const packed = packWord([
    [f.index, 8],
    [f.seats, 8],
    [f.spares, 8],
    [f.drawBits, 8],
    [f.baseBps, 16],
    [f.commitTime, 24],
    [f.revealTime, 24],
    [f.drawTime, 24],
    [f.salt, 136],
  ])
  return ethers.toBeHex(packed, 32)
}

export interface GroupTimes {
  /** Last seconds of claiming, committing and revealing of the first round. */
  claimBy: bigint
  commitBy: bigint
  revealBy: bigint
  /** Last seconds of claiming, committing and revealing of the spares. */
  drawBy: bigint
  spareCommitBy: bigint
  spareRevealBy: bigint
}

type Shape = Omit<SeatFields, 'index'>

export function groupTimes(claimBy: bigint, { commitTime, revealTime, drawTime }: Shape): GroupTimes {
  const commitBy = claimBy + commitTime
  const revealBy = commitBy + revealTime
  const drawBy = revealBy + drawTime
  const spareCommitBy = drawBy + commitTime
  const spareRevealBy = spareCommitBy + revealTime
  return { claimBy, commitBy, revealBy, drawBy, spareCommitBy, spareRevealBy }
}

/** The fields of every sibling by index, spares last; these are claimed when the first round is over. */
export function groupFields(first: TermsFields, shape: Shape): TermsFields[] {
  const { claimBy, drawBy } = groupTimes(first.claimBy, shape)
  return Array.from({ length: Number(shape.seats + shape.spares) }, (_, i) => {
    const index = BigInt(i)
    const isSpare = index >= shape.seats
    return { ...first, claimBy: isSpare ? drawBy : claimBy, assurance: packSeat({ ...shape, index }) }
  })
}

export interface Group extends GroupTimes {
  groupId: string
  /** The seats by index, then the spares. */
  jobs: Job[]
  shape: Shape
}

let salt = 0n

/** The terms of a whole group, by index. Nothing is posted. */
export async function draftGroup(shape: Partial<SeatFields> = {}, terms: JobOptions['terms'] = {}) {
  salt += 1n
  const whole = { ...defaultGroup, salt, ...shape }
  return { whole, drafts: groupFields(await draft({ level: REPLICATED, ...terms }), whole) }
}

/** Posts a whole group of the level Replicated. */
export async function postGroup(
  world: World,
  shape: Partial<SeatFields> = {},
  options: JobOptions = {},
): Promise<Group> {
  const { market, address, actors, replication } = world
  const requester = options.requester ?? actors.requester
  const provider = options.provider ?? actors.provider
  const { whole, drafts } = await draftGroup(shape, options.terms)
  const jobs: Job[] = []
  for (const fields of drafts) {
    const terms = packTerms(fields)
    await market.connect(requester).post(terms)
    const jobId = jobIdOf(chainId, address, requester.address, terms)
    const times = { postedAt: await now(), claimedAt: 0n, keyedAt: 0n, submittedAt: 0n }
    jobs.push({ jobId, terms, fields, requester, provider, ...times })
  }
  const first = jobs[0] as Job
  const { groupId } = await replication.seatOf(address, first.jobId)
  return { groupId, jobs, shape: whole, ...groupTimes(first.fields.claimBy, whole) }
}

/** Who takes the seats of a group, and who its spares; {@link crew} lets them. */
export const seatsOf = ({ actors }: World): Signer[] => [actors.provider, actors.rival, actors.eve]
export const sparesOf = ({ actors }: World): Signer[] => [actors.keeper, actors.hook, actors.treasury]

/** Registers and stakes for whoever of them is not a provider yet. */
export async function crew(world: World): Promise<void> {
  for (const worker of [...seatsOf(world), ...sparesOf(world)]) {
    if ((await world.market.registeredAt(worker)) !== 0n) continue
    await fund(world, worker, FUNDS.stake)
    await enlist(world, worker)
  }
}

/**
 * Posts a group, of a seat per worker if they are three or more and odd, and lets them take their seats; the jobs that
 * come back know who.
 */
export async function seatedGroup(
  world: World,
  workers: readonly Signer[],
  shape: Partial<SeatFields> = {},
  options: JobOptions = {},
): Promise<Group> {
  const seats = BigInt(Math.max(workers.length, 3))
  const group = await postGroup(world, { seats, ...shape }, options)
  const jobs: Job[] = []
  for (const [i, job] of group.jobs.entries()) {
    const provider = workers[i]
    jobs.push(provider === undefined ? job : await sit(world, job, provider))
  }
  return { ...group, jobs }
}

/** Claims a seat. */
export async function sit(world: World, job: Job, provider: Signer): Promise<Job> {
  await world.market.connect(provider).claim(job.jobId)
  return { ...job, provider, claimedAt: await now() }
}

const SALT = word('salt')

/** Commits to a result in the name of the seat's provider. */
export async function commitTo(world: World, job: Job, root = RESULT_ROOT, steps = TOTAL_STEPS) {
  const { replication, address } = world
  const { jobId, provider } = job
  const commitment = await replication.commitmentOf(address, jobId, provider.address, root, steps, SALT)
  return replication.connect(provider).commit(address, jobId, commitment)
}

/** Reveals what {@link commitTo} committed to. */
export async function reveal(world: World, job: Job, root = RESULT_ROOT, steps = TOTAL_STEPS) {
  const { replication, address } = world
  return replication.connect(job.provider).reveal(address, job.jobId, root, steps, SALT)
}

/** Lets each of `jobs` commit to the root at its place, then reveal it. */
export async function vote(world: World, jobs: readonly Job[], roots: readonly string[]): Promise<void> {
  for (const [i, job] of jobs.entries()) await commitTo(world, job, roots[i])
  for (const [i, job] of jobs.entries()) await reveal(world, job, roots[i])
}

/** What three seats say that have no majority. */
export const SPLIT = [RESULT_ROOT, word('another result root'), word('a third result root')]

/** A group whose seats said {@link SPLIT}, of a {@link crew}. Its spares are open for claims. */
export async function escalatedGroup(world: World, shape: Partial<SeatFields> = {}): Promise<Group> {
  await crew(world)
  const group = await seatedGroup(world, seatsOf(world), { spares: 3n, ...shape })
  await vote(world, group.jobs.slice(0, 3), SPLIT)
  await networkHelpers.mine(5)
  await world.replication.resolve(group.groupId)
  return group
}

/** Lets the spares be taken and say that root. */
export async function spareVotes(world: World, { jobs }: Group, root = RESULT_ROOT): Promise<void> {
  const seated: Job[] = []
  for (const [i, worker] of sparesOf(world).entries())
    seated.push(await sit(world, jobs[3 + i] as Job, worker))
  await vote(
    world,
    seated,
    seated.map(() => root),
  )
}
