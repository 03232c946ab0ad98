/** A market whose level 0 is the dispute game, jobs that were submitted there, games about them, and both sides' moves. */
import { expect } from 'chai'
import {
  type ContractTransactionReceipt,
  type ContractTransactionResponse,
  type LogDescription,
  ParamType,
} from 'ethers'
import { contentHash, contentRef } from '../../sdk/src/trees/index.ts'
import type { DisputeGame, OneStepVM } from '../../types/ethers-contracts/index.ts'
import type { Signer } from './actors.ts'
import { ethers, networkHelpers } from './chain.ts'
import {
  inputOf,
  inputsOf,
  LIMITS,
  type Limits,
  machineTask,
  PROGRAM_ID,
  PROGRAM_PARTS,
  SHARED,
} from './disputeProgram.ts'
import {
  levelBelow,
  type NodeView,
  packRow,
  postingOf,
  type Row,
  segmentsOf,
  segmentTree,
  splitPoint,
  type Truth,
  truthOf,
  type Version,
} from './disputeVersions.ts'
import { openMarket, type World, type WorldOptions } from './fixtures.ts'
import { claimed, type Job, type JobOptions, submit } from './jobs.ts'
import { max } from './reference.ts'
import type { TermsFields } from './terms.ts'

/** The rules of the game under test; a turn grows by a second for 16 steps, so that tests can see it. */
export const RULES = { moveFee: 5_000n, turnFloor: 100n, stepsPerSecond: 16n } as const

export interface DisputeWorld extends World {
  game: DisputeGame
  vm: OneStepVM
}

/** In the order of the contract. */
export const REASONS = {
  ProviderLate: 0n,
  WrongSum: 1n,
  WrongPadding: 2n,
  WrongTask: 3n,
  WrongRow: 4n,
  WrongStep: 5n,
  RightStep: 6n,
  ChallengerLate: 7n,
} as const
export type Reason = keyof typeof REASONS

export interface ClaimView {
  market: string
  jobId: string
  provider: string
  tasks: bigint
  termsHash: string
}

export interface PositionView {
  claim: ClaimView
  node: NodeView
  arrivedAt: bigint
  stretch: bigint
  moves: bigint
}

export interface PostingView {
  root: string
  postedAt: bigint
}

export const NOTHING: PostingView = { root: ethers.ZeroHash, postedAt: 0n }

export async function deployDisputeGame(rules: Partial<Record<keyof typeof RULES, bigint>> = {}) {
  const float = await ethers.deployContract('OneStepFloat')
  const vm = await ethers.deployContract('OneStepVM', [float])
  const { moveFee, turnFloor, stepsPerSecond } = { ...RULES, ...rules }
  const game = await ethers.deployContract('DisputeGame', [vm, moveFee, turnFloor, stepsPerSecond])
  return { vm, game }
}

/** Everybody funded, two providers staked; the actors hook, keeper, eve and rival may challenge. */
export async function openDisputes(options: WorldOptions = {}): Promise<DisputeWorld> {
  const { vm, game } = await deployDisputeGame()
  const world = await openMarket({ ...options, optimistic: () => game.getAddress() })
  return { ...world, vm, game }
}

/** For `loadFixture`. */
export async function disputeMarket(): Promise<DisputeWorld> {
  return openDisputes()
}

/** Accounts without a name, each with that much in the market, out of the requester's balance. */
export async function crowdOf(world: World, count: number, units = 2_000_000n): Promise<Signer[]> {
  const crowd: Signer[] = []
  for (let i = 0; i < count; i++) {
    const address = ethers.getAddress(ethers.dataSlice(ethers.id(`crowd ${i}`), 12))
    await networkHelpers.impersonateAccount(address)
    await networkHelpers.setBalance(address, 10n ** 18n)
    await world.market.connect(world.actors.requester).transfer(address, units, '0x')
    crowd.push(await ethers.getSigner(address))
  }
  return crowd
}

/** A job with its result, what is true about it and what its provider says. */
export interface Submission extends Job {
  truth: Truth
  said: Version
  limits: Limits
  /** What was posted about its nodes, by their id. */
  postings: Map<string, PostingView & { data: string }>
  inputs: ReturnType<typeof inputsOf>
  claimTerms: Record<string, string | bigint | number>
}

export interface SubmissionOptions {
  /** How many tasks, or their inputs; by default five. */
  tasks?: number | readonly Uint8Array<ArrayBuffer>[]
  lie?: (truth: Truth) => Version
  limits?: Partial<Limits>
  shared?: Uint8Array
  terms?: Partial<TermsFields>
  provider?: Signer
  /** How it comes to a claim; posted and claimed, unless said otherwise. */
  begin?: (world: DisputeWorld, options: JobOptions) => Promise<Job>
}

export async function submission(
  world: DisputeWorld,
  {
    tasks = 5,
    lie,
    limits: given,
    shared = SHARED,
    terms,
    provider,
    begin = claimed,
  }: SubmissionOptions = {},
): Promise<Submission> {
  const limits = { ...LIMITS, ...given }
  const bytes = typeof tasks === 'number' ? Array.from({ length: tasks }, (_, i) => inputOf(i)) : tasks
  const truth = truthOf(bytes.map((input) => machineTask(input, limits, shared)))
  const said = lie?.(truth) ?? truth
  const inputs = inputsOf(bytes)
  const fields = {
    ...{ programId: PROGRAM_ID, inputsRoot: inputs.root, sharedInput: contentHash(contentRef(shared)) },
    ...{ tasks: BigInt(bytes.length), ...limits, maxOutput: BigInt(limits.maxOutput), ...terms },
  }
  const claim = await begin(world, { terms: fields, ...(provider ? { provider } : {}) })
  const job = await submit(world, claim, said.root, said.totalSteps)
  const { programId, inputsRoot, sharedInput, stepLimit, maxOutput, maxPages } = job.fields
  const claimTerms = { programId, inputsRoot, sharedInput, stepLimit, maxOutput, maxPages }
  return { ...job, truth, said, limits, inputs, claimTerms, postings: new Map() }
}

/** A game as its events tell it. */
export interface Game {
  world: DisputeWorld
  job: Submission
  challenger: Signer
  gameId: string
  bond: bigint
  position: PositionView
  /** How it ended. */
  end?: { reason: Reason; won: boolean; paid?: bigint; toProvider?: bigint; toReserve?: bigint }
  gas: { provider: bigint; challenger: bigint; moves: { move: string; gas: bigint }[] }
}

const plain = (value: { toObject(deep: boolean): unknown }) => value.toObject(true)

const reasonOf = (number: bigint) =>
  Object.entries(REASONS).find(([, each]) => each === number)?.[0] as Reason

/** The game's events in a transaction. */
async function eventsOf({ game }: DisputeWorld, { logs }: ContractTransactionReceipt) {
  const address = await game.getAddress()
  return logs.flatMap((log) => (log.address === address ? (game.interface.parseLog(log) ?? []) : []))
}

/** Takes in an event; whether it is the game's own. */
export function takeIn(game: Game, event: LogDescription): boolean {
  if (event.name === 'NodePosted') {
    const { nodeId, postedAt, data } = event.args
    const isTrace = game.position.node.isTrace
    const root = isTrace ? segmentTree(game.position.node, data).root : ethers.ZeroHash
    game.job.postings.set(nodeId, { root, postedAt, data })
  }
  if (event.args.gameId !== game.gameId) return false
  if (event.name === 'GameOpened' || event.name === 'GameMoved')
    game.position = plain(event.args.position) as PositionView
  if (event.name === 'GameOpened') game.bond = event.args.bond
  const { reason, paid, toProvider, toReserve } = event.args
  if (event.name === 'GameWon') game.end = { reason: reasonOf(reason), won: true, paid }
  if (event.name === 'GameLost') game.end = { reason: reasonOf(reason), won: false, toProvider, toReserve }
  return true
}

/** Takes in what a transaction did to a game. */
export async function track(
  game: Game,
  sending: Promise<ContractTransactionResponse>,
  side: 'provider' | 'challenger' = 'challenger',
) {
  const receipt = await (await sending).wait()
  if (receipt === null) throw new RangeError('no receipt')
  const moves: string[] = []
  for (const event of await eventsOf(game.world, receipt)) if (takeIn(game, event)) moves.push(event.name)
  game.gas[side] += receipt.gasUsed
  game.gas.moves.push({ move: moves.join('+'), gas: receipt.gasUsed })
  return receipt
}

/** Asserts that a call reverts with that error of the game and exactly these values. */
export async function refuses(
  world: DisputeWorld,
  sending: Promise<unknown>,
  error: string,
  values: readonly unknown[],
): Promise<void> {
  await expect(sending)
    .to.be.revertedWithCustomError(world.game, error)
    .withArgs(...values)
}

/** A position as events carry it. */
export const wordsOf = ({ claim, node, arrivedAt, stretch, moves }: PositionView) => [
  Object.values(claim),
  Object.values(node),
  arrivedAt,
  stretch,
  moves,
]

// Opening

export interface DescentView {
  level: number
  index: number
  hash: string
  sum: bigint
  proof: string
}

/** With what is wrong for the contract, too: anything may be sent. */
type Anything = never

export interface OpeningOptions {
  bond?: bigint
  descents?: readonly DescentView[]
  entries?: readonly ReturnType<typeof entryOf>[]
  root?: string
  totalSteps?: bigint
  terms?: Job['terms']
  requester?: string
}

/** The data that opens a game, for `transfer`. */
export function openingOf(world: DisputeWorld, job: Submission, options: OpeningOptions = {}): string {
  const opening = {
    requester: options.requester ?? job.requester.address,
    terms: options.terms ?? job.terms,
    resultRoot: options.root ?? job.said.root,
    totalSteps: options.totalSteps ?? job.said.totalSteps,
    descents: options.descents ?? [],
    entries: options.entries ?? [],
  }
  return ethers.AbiCoder.defaultAbiCoder().encode([typeOfOpening(world)], [opening])
}

/** The type of `Opening`, which no function of the ABI names: written down a second time. */
function openingType(world: DisputeWorld): ParamType {
  const typeOf = (name: string, input: string) =>
    world.game.interface
      .getFunction(name as 'descend')
      .inputs.find((each) => each.name === input)
      ?.format('full')
      .replace(/ \w+$/, '')
  const terms = world.market.interface.getFunction('post').inputs[0]?.format('full')
  const descent = typeOf('descend', 'to')
  const entry = typeOf('enter', 'entry')
  return ParamType.from(
    `tuple(address requester, ${terms}, bytes32 resultRoot, uint128 totalSteps, ${descent}[] descents, ${entry}[] entries)`,
  )
}

let known: ParamType | undefined
const typeOfOpening = (world: DisputeWorld): ParamType => {
  known ??= openingType(world)
  return known
}

/** Sends a challenge: the least bond for as many as are open, unless said otherwise. */
export async function challenge(
  world: DisputeWorld,
  job: Submission,
  challenger: Signer,
  options: OpeningOptions = {},
) {
  const { openChallenges } = await world.market.getJob(job.jobId)
  const bond = options.bond ?? (await bondOf(world, job, openChallenges))
  return world.market.connect(challenger).transfer(world.game, bond, openingOf(world, job, options))
}

export const bondOf = (world: DisputeWorld, job: Submission, open = 0n) =>
  world.game.bondFor(job.fields.tasks, job.fields.stepLimit, open)

export async function openGame(
  world: DisputeWorld,
  job: Submission,
  challenger: Signer = world.actors.keeper,
  options: OpeningOptions = {},
): Promise<Game> {
  const gameId = await world.game.gameIdOf(world.address, job.jobId, challenger.address)
  const game: Game = {
    ...{ world, job, challenger, gameId, bond: 0n, position: undefined as unknown as PositionView },
    gas: { provider: 0n, challenger: 0n, moves: [] },
  }
  await track(game, challenge(world, job, challenger, options))
  return game
}

// Moves: each sends what it is given, or what follows from what the provider said

export const post = (game: Game, data?: string, by: Signer = game.job.provider) =>
  game.world.game
    .connect(by)
    .post(game.gameId, game.position, data ?? postingOf(game.job.said, game.position.node))

export const descentOf = (
  version: Version,
  from: Pick<NodeView, 'level'>,
  level: number,
  index: number,
): DescentView => ({
  ...{ level, index, ...version.node(level, index) },
  proof: version.proof(level, index, Number(from.level)),
})

export async function descend(game: Game, to: DescentView, by: Signer = game.challenger) {
  return game.world.game.connect(by).descend(game.position, await postingAt(game), to)
}

export function entryOf(job: Submission, task: number, change: Record<string, unknown> = {}) {
  return {
    row: packRow(job.said.rows[task] as Row),
    leafIndex: task,
    terms: job.claimTerms,
    program: PROGRAM_PARTS,
    ...job.inputs.parts(task),
    ...change,
  }
}

export async function enter(game: Game, change: Record<string, unknown> = {}, by: Signer = game.challenger) {
  const entry = entryOf(game.job, Number(game.position.node.index), change)
  return game.world.game.connect(by).enter(game.position, await postingAt(game), entry as Anything)
}

/** Picks a segment of what was posted. */
export function pickOf(game: Game, data: string, segment: number) {
  const tree = segmentTree(game.position.node, data)
  return {
    segment,
    start: tree.states[segment] as string,
    end: tree.states[segment + 1] as string,
    proof: tree.proof(segment),
  }
}

export async function pick(game: Game, segment: number, by: Signer = game.challenger) {
  const posting = await postingAt(game)
  return game.world.game
    .connect(by)
    .pick(game.position, posting, pickOf(game, posting.data, segment) as Anything)
}

export async function prove(game: Game, witness?: string, by: Signer = game.challenger) {
  const { index, from } = game.position.node
  return game.world.game
    .connect(by)
    .prove(game.gameId, game.position, witness ?? game.job.truth.trace(Number(index)).witnessAt(from))
}

export async function timeOut(game: Game, by: Signer = game.world.actors.eve) {
  return game.world.game.connect(by).timeOut(game.gameId, game.position, await postingAt(game))
}

export const collect = (game: Game, by: Signer = game.world.actors.eve) =>
  game.world.game.connect(by).collect(game.gameId, game.position)

// Where a game stands

/** Computed here: asking the chain takes as long as a move. */
export const nodeIdOf = ({ world, position }: Game) => {
  const { inputs } = world.game.interface.getFunction('nodeIdOf')
  const { market, jobId } = position.claim
  return ethers.keccak256(
    ethers.AbiCoder.defaultAbiCoder().encode(inputs, [market, jobId, Object.values(position.node)]),
  )
}

/** What was posted about the node where a game stands. */
export async function postingAt(game: Game): Promise<PostingView & { data: string }> {
  return game.job.postings.get(nodeIdOf(game)) ?? { ...NOTHING, data: '0x' }
}

export const turnOf = ({ position }: Game) => RULES.turnFloor + position.node.steps / RULES.stepsPerSecond

/** The last second in which the provider may post. */
export const providersEnd = (game: Game) => game.position.arrivedAt + turnOf(game) * game.position.stretch

/** The last second in which the challenger may move. */
export async function challengersEnd(game: Game): Promise<bigint> {
  const { postedAt } = await postingAt(game)
  const { arrivedAt } = game.position
  return max(postedAt, arrivedAt) + turnOf(game)
}

export const isStep = ({ node }: PositionView) => node.isTrace && node.to - node.from === 1n

// Whole games

/** The first node below, as far as a posting shows, of which two versions say different things. */
export function firstDifference(said: Version, own: Version, node: NodeView): number | undefined {
  const below = levelBelow(Number(node.level))
  const width = 2 ** (Number(node.level) - below)
  const first = Number(node.index) * width
  for (let i = first; i < first + width; i++) {
    const [a, b] = [said.node(below, i), own.node(below, i)]
    if (a.hash !== b.hash || a.sum !== b.sum) return i
  }
  return undefined
}

/** The first segment of a stretch whose end is another one in the challenger's own trace. */
export function firstWrongSegment(game: Game, data: string, own: Version): number | undefined {
  const { node } = game.position
  const { states } = segmentTree(node, data)
  const trace = own.trace(Number(node.index))
  for (let j = 0; j < segmentsOf(node); j++) {
    if (states[j + 1] !== trace.hashAt(splitPoint(node.from, node.to, j + 1))) return j
  }
  return undefined
}

/** The segment of a stretch in which the step after `step` ones is. */
export function segmentAt({ position: { node } }: Game, step: bigint): number {
  return Array.from({ length: segmentsOf(node) }, (_, j) => j).findLast(
    (j) => splitPoint(node.from, node.to, j) <= step,
  ) as number
}

/** Sides of a game; each says what its version holds. */
export interface Sides {
  provider?: Version
  challenger?: Version
  /** Stops before the move of that name at the earliest. */
  until?: (game: Game) => boolean
}

/** The challenger's next move, once the provider has posted where it had to. */
export async function move(game: Game, own: Version): Promise<ContractTransactionResponse> {
  const { node } = game.position
  const { said } = game.job
  if (isStep(game.position)) return prove(game)
  if (node.isTrace) {
    const { data } = await postingAt(game)
    return pick(game, firstWrongSegment(game, data, own) ?? 0)
  }
  if (node.level === 0n) return enter(game)
  const below = levelBelow(Number(node.level))
  const index = firstDifference(said, own, node) ?? Number(node.index) * 2 ** (Number(node.level) - below)
  return descend(game, descentOf(said, node, below, index))
}

/** Whether the provider has to post before the challenger can go on: at a leaf its row is known from above. */
export async function awaitsPosting(game: Game): Promise<boolean> {
  const { node } = game.position
  if (isStep(game.position) || (!node.isTrace && node.level === 0n)) return false
  return (await postingAt(game)).postedAt === 0n
}

/** Plays on until a game ends, or `until` says so. The challenger has the truth unless it is given something else. */
export async function play(game: Game, { provider, challenger, until }: Sides = {}): Promise<Game> {
  const said = provider ?? game.job.said
  for (let i = 0; game.end === undefined && until?.(game) !== true; i++) {
    if (i > 60) throw new RangeError('the game does not end')
    if (await awaitsPosting(game))
      await track(game, post(game, postingOf(said, game.position.node)), 'provider')
    else await track(game, move(game, challenger ?? game.job.truth))
  }
  return game
}

/** Plays until the game stands at a node of which that holds. */
export const playTo = (game: Game, where: (position: PositionView) => boolean, sides: Sides = {}) =>
  play(game, { ...sides, until: ({ position }) => where(position) })

export const atLeaf = ({ node }: PositionView) => !node.isTrace && node.level === 0n
export const inTrace = ({ node }: PositionView) => node.isTrace
export { isStep as atStep }
