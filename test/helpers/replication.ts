import { expect } from 'chai'
import type { Signer } from './actors.ts'
import { chainId, ethers, networkHelpers } from './chain.ts'
import { FUNDS } from './defaults.ts'
import { busyMarket, enlist, fund, REPLICATED, type World } from './fixtures.ts'
import {
  crew,
  type GroupTimes,
  groupFields,
  groupTimes,
  packSeat,
  type SeatFields,
  seatsOf,
} from './groups.ts'
import { draft } from './jobs.ts'
import { type Status, statusNumber } from './statuses.ts'
import { jobIdOf, packTerms, type Terms, type TermsFields, word } from './terms.ts'
import { at, DAY, now } from './time.ts'

export { seatsOf, sparesOf } from './groups.ts'

export const PHASES = { None: 0n, First: 1n, Escalated: 2n, Closed: 3n } as const

/** Three seats, three spares that everybody may take, 15 % of base fee. */
export const defaultGroup: SeatFields = {
  index: 0n,
  seats: 3n,
  spares: 3n,
  drawBits: 0n,
  baseBps: 1_500n,
  commitTime: 600n,
  revealTime: 300n,
  drawTime: 900n,
  salt: 0n,
}

/** From posting to the end of claiming. */
const GROUP_CLAIM_PERIOD = DAY

/** Every seat's price: that of the default job, but fixed. */
export const SEAT_PRICE = 7_000_003n
export const SEAT_FEE = 70_000n
export const SEAT_PAY = 6_930_003n
/** 200 % of the price, rounded up to 13 bits. */
export const SEAT_BOND = 14_000_128n
/** 15 % of the price, 1,050,000: the fee on it, and what the provider gets. */
export const BASE_FEE = 10_500n
export const BASE_PAY = 1_039_500n
/** A tenth of the bond, rounded up to 13 bits. */
export const FROZEN_BOND = 1_400_064n

/** What the end of a seat changes of its provider's account. */
export const freed = { locked: -SEAT_BOND, active: -1n }
export const paid = { ...freed, balance: SEAT_PAY, feeOwed: SEAT_FEE }
export const based = { ...freed, balance: BASE_PAY, feeOwed: BASE_FEE }
export const slashed = { ...freed, stake: -SEAT_PRICE }

export interface Group extends GroupTimes {
  groupId: string
  /** Seats, then spares. */
  jobIds: string[]
  terms: Terms[]
  shared: SeatFields
  fields: TermsFields
}

export interface GroupOptions {
  shared?: Partial<SeatFields>
  terms?: Partial<TermsFields>
}

/** A group as it will be posted: its terms in the order of the indices, its times, its id. */
export async function draftGroup(world: World, options: GroupOptions = {}): Promise<Group> {
  const shared = { ...defaultGroup, ...options.shared, index: 0n }
  const claimBy = options.terms?.claimBy ?? (await now()) + GROUP_CLAIM_PERIOD
  const level = REPLICATED
  const fields = await draft({ minBps: 10_000n, level, claimBy, ...options.terms })
  const requester = world.actors.requester.address
  const idOf = (terms: Terms) => jobIdOf(chainId, world.address, requester, terms)
  const terms = groupFields(fields, shared).map(packTerms)
  return {
    groupId: idOf(packTerms({ ...fields, claimBy, assurance: packSeat(shared) })),
    jobIds: terms.map(idOf),
    terms,
    shared,
    fields,
    ...groupTimes(claimBy, shared),
  }
}

export async function postGroup(world: World, options: GroupOptions = {}): Promise<Group> {
  const group = await draftGroup(world, options)
  await world.market.connect(world.actors.requester).postMany(group.terms)
  return group
}

/** A market in which everybody of {@link seatsOf} and {@link sparesOf} is registered and has staked. */
export async function replicationMarket(): Promise<World> {
  const world = await busyMarket()
  await crew(world)
  return world
}

/** Whoever has that address, registered and staked for one claim of a seat, without a key of its own. */
export async function newcomer(world: World, address: string, stake = FUNDS.stake): Promise<Signer> {
  await networkHelpers.setBalance(address, 10n ** 18n)
  const signer = await ethers.getImpersonatedSigner(address)
  await fund(world, signer, stake)
  await enlist(world, signer, stake)
  return signer
}

/** Asserts where the first jobs of a group stand. */
export async function expectStatuses(
  { market }: World,
  { jobIds }: Group,
  statuses: readonly Status[],
): Promise<void> {
  for (const [i, status] of statuses.entries()) {
    expect(await market.statusOf(jobIds[i] as string), `job ${i}`).to.equal(statusNumber(status))
  }
}

export const claimSeat = (world: World, group: Group, index: number, who: Signer) =>
  world.market.connect(who).claim(group.jobIds[index] as string)

export const stepsOf = (vote: string) => BigInt(vote.charCodeAt(0)) * 1_000n
export const rootOf = (vote: string) => word(`root ${vote}`)
export const saltOf = (jobId: string) => word(`salt ${jobId}`)

/** What the market stores of a vote. */
export const resultOf = (vote: string) =>
  ethers.solidityPackedKeccak256(['bytes32', 'uint128'], [rootOf(vote), stepsOf(vote)])

/** A seat's commitment by its definition. */
export function commitmentTo(world: World, jobId: string, provider: string, vote: string): string {
  const types = ['uint256', 'address', 'bytes32', 'address', 'bytes32', 'uint128', 'bytes32']
  const values = [chainId, world.address, jobId, provider, rootOf(vote), stepsOf(vote), saltOf(jobId)]
  return ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(types, values))
}

export function commitVote(world: World, group: Group, index: number, who: Signer, vote: string) {
  const jobId = group.jobIds[index] as string
  const commitment = commitmentTo(world, jobId, who.address, vote)
  return world.replication.connect(who).commit(world.address, jobId, commitment)
}

export function revealVote(world: World, group: Group, index: number, who: Signer, vote: string) {
  const jobId = group.jobIds[index] as string
  return world.replication
    .connect(who)
    .reveal(world.address, jobId, rootOf(vote), stepsOf(vote), saltOf(jobId))
}

/** A vote, a vote that was committed and is never revealed, or nothing at all. */
export type Ballot = string | `${string}!` | null

const isKept = (ballot: Ballot) => ballot?.endsWith('!') === true
const voteIn = (ballot: Ballot) => ballot?.replace('!', '') ?? ''

/** The seats `from` on are claimed by these people. */
export async function fill(world: World, group: Group, from: number, people: readonly Signer[]) {
  for (const [i, who] of people.entries()) await claimSeat(world, group, from + i, who)
}

/** Commits and reveals what each of these people votes; travels past `commitBy` where somebody committed nothing. */
export async function vote(
  world: World,
  group: Group,
  from: number,
  people: readonly Signer[],
  ballots: readonly Ballot[],
) {
  const cast = ballots.map((ballot, i) => ({ ballot, index: from + i, who: people[i] as Signer }))
  for (const { ballot, index, who } of cast) {
    if (ballot !== null) await commitVote(world, group, index, who, voteIn(ballot))
  }
  if (ballots.includes(null)) {
    const end = from === 0 ? group.commitBy : group.spareCommitBy
    if ((await now()) <= end) await networkHelpers.time.increaseTo(end + 1n)
  }
  for (const { ballot, index, who } of cast) {
    if (ballot !== null && !isKept(ballot)) await revealVote(world, group, index, who, voteIn(ballot))
  }
}

/** A group whose first round was voted so; nothing is resolved yet. */
export async function votedGroup(world: World, ballots: readonly Ballot[], options: GroupOptions = {}) {
  const group = await postGroup(world, options)
  const people = seatsOf(world).slice(0, ballots.length)
  await fill(world, group, 0, people)
  await vote(world, group, 0, people, ballots)
  return group
}

/** A group whose first round found no majority, with its seed. */
export async function escalatedGroup(
  world: World,
  ballots: readonly Ballot[] = ['A', 'B', 'C'],
  options: GroupOptions = {},
): Promise<Group> {
  const group = await votedGroup(world, ballots, options)
  const silent = ballots.some((ballot) => ballot === null || isKept(ballot))
  const send = () => world.replication.connect(world.actors.owner).resolve(group.groupId)
  await (silent ? at(group.revealBy + 1n, send) : send())
  await drawnSeed(world, group)
  return group
}

/** Mines to behind the target block and captures the seed, if no reveal did. */
export async function drawnSeed({ replication }: World, { groupId }: Group): Promise<string> {
  const { seed, targetBlock } = await replication.groupOf(groupId)
  if (seed !== ethers.ZeroHash) return seed
  const latest = BigInt(await networkHelpers.time.latestBlock())
  if (latest <= targetBlock) await networkHelpers.mine(targetBlock - latest + 1n)
  await replication.captureSeed(groupId)
  return (await replication.groupOf(groupId)).seed
}

/** Whether the draw takes that address, by its definition. */
export function isDrawnBy(seed: string, address: string, drawBits: bigint): boolean {
  const lot = BigInt(ethers.solidityPackedKeccak256(['bytes32', 'address'], [seed, address]))
  return lot < 2n ** (256n - drawBits)
}
