/** What a dispute makes of everybody: each party's gain, to the unit, against the rules written down a second time. */
import { expect } from 'chai'
import type { ContractTransactionResponse, TransactionRequest } from 'ethers'
import type { Signer } from '../helpers/actors.ts'
import { ethers } from '../helpers/chain.ts'
import {
  awaitsPosting,
  bondOf,
  challenge,
  collect,
  type DisputeWorld,
  disputeMarket,
  type Game,
  move,
  type OpeningOptions,
  openGame,
  post,
  RULES,
  type Submission,
  type SubmissionOptions,
  submission,
  track,
} from '../helpers/disputes.ts'
import type { Version } from '../helpers/disputeVersions.ts'
import { windowEnd } from '../helpers/jobs.ts'
import { expectSolvent, known } from '../helpers/money.ts'
import { feeOf, max, meteredPay, min, splitFraud } from '../helpers/reference.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { at, nextBlockAt, now } from '../helpers/time.ts'

type Amounts = Record<string, bigint>

/** A job with its result, what everybody had before it was posted, and the games about it in the order they began. */
export interface Stage {
  world: DisputeWorld
  job: Submission
  price: bigint
  bond: bigint
  before: Amounts
  games: Game[]
}

export async function stageOf(world: DisputeWorld, options: SubmissionOptions = {}): Promise<Stage> {
  const before = await holdings(world, (await known(world)).addresses)
  const job = await submission(world, options)
  const { price, bond } = await world.market.getJob(job.jobId)
  return { world, job, price, bond, before, games: [] }
}

/** For `loadFixture`: signers who do not ask first how much gas a transaction takes, which in a block after others is another. */
export async function disputes(): Promise<DisputeWorld> {
  const world = await disputeMarket()
  const actors = Object.entries(world.actors).map(([role, signer]) => [role, hasty(signer)])
  return { ...world, actors: Object.fromEntries(actors) }
}

export const hasty = (signer: Signer, gasLimit = 4_000_000n): Signer =>
  Object.create(signer, {
    sendTransaction: {
      value: (transaction: TransactionRequest) => signer.sendTransaction({ gasLimit, ...transaction }),
    },
    signTypedData: { value: signer.signTypedData.bind(signer) },
  })

/** A game about the stage's job. */
export async function dispute(stage: Stage, challenger?: Signer, options?: OpeningOptions): Promise<Game> {
  const game = await openGame(stage.world, stage.job, challenger, options)
  stage.games.push(game)
  return game
}

/** Games that begin in one block, in that order, each with the least bond there. */
export async function disputeAtOnce(
  stage: Stage,
  challengers: readonly Signer[],
  options: (index: number) => OpeningOptions = () => ({}),
): Promise<Game[]> {
  const { world, job } = stage
  const open = (await world.market.getJob(job.jobId)).openChallenges
  const games: Game[] = []
  const calls: (() => Promise<ContractTransactionResponse>)[] = []
  for (const [i, challenger] of challengers.entries()) {
    const gameId = await world.game.gameIdOf(world.address, job.jobId, challenger.address)
    const gas = { provider: 0n, challenger: 0n, moves: [] }
    games.push({ world, job, challenger, gameId, bond: 0n, position: undefined as never, gas })
    const bond = await bondOf(world, job, open + BigInt(i))
    calls.push(() => challenge(world, job, challenger, { bond, ...options(i) }))
  }
  const sent = await inOneBlock((await now()) + 5n, calls)
  for (const [i, game] of games.entries()) await track(game, sent[i] as (typeof sent)[number])
  stage.games.push(...games)
  return games
}

/**
 * Plays several games on, a block for a move of each, in that order; the challengers with what each of them holds. Until one is
 * won, or none goes on; moves that come too late in their block, as another one has decided there, fail.
 */
export async function playAtOnce(
  games: readonly Game[],
  owns: (index: number) => Version,
  stops: (game: Game, index: number) => boolean = () => false,
): Promise<void> {
  for (let round = 0; ; round++) {
    if (round > 30) throw new RangeError('the games do not end')
    const going = games.filter((game, i) => game.end === undefined && !stops(game, i))
    if (going.length === 0 || games.some(({ end }) => end?.won)) return
    for (const game of going) if (await awaitsPosting(game)) await track(game, post(game), 'provider')
    const calls = going.map((game) => () => move(game, owns(games.indexOf(game))))
    const sent = await inOneBlock((await now()) + 5n, calls)
    for (const [i, game] of going.entries())
      await track(game, sent[i] as (typeof sent)[number]).catch(() => {})
  }
}

/** Units by address, with what is nobody's under names. */
async function holdings(world: DisputeWorld, addresses: readonly string[]): Promise<Amounts> {
  const { market, token, unit } = world
  const amounts: Amounts = { reserve: await market.reserve(), fees: 0n }
  for (const address of addresses) {
    // what it holds is what the others have in it
    if (address === world.address) continue
    const { balance, stake } = await market.accountOf(address)
    amounts[address] = balance + stake + (await token.balanceOf(address)) / unit
    amounts.fees = (amounts.fees ?? 0n) + (await market.providerOf(address)).feeOwed
  }
  return amounts
}

async function gainsOf({ world, before }: Stage, addresses: readonly string[]): Promise<Amounts> {
  const after = await holdings(world, addresses)
  return changed(
    Object.fromEntries(Object.entries(after).map(([who, has]) => [who, has - (before[who] ?? 0n)])),
  )
}

const changed = (amounts: Amounts): Amounts =>
  Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== 0n))

// The rules, a second time

export const DECIDING_MOVES = ['WrongSum', 'WrongPadding', 'WrongTask', 'WrongRow', 'WrongStep']

const count = (game: Game, event: string) =>
  BigInt(game.gas.moves.flatMap(({ move }) => move.split('+')).filter((each) => each === event).length)

/** The opening, each move down, and the one that decided. */
export const movesOf = (game: Game): bigint =>
  1n + count(game, 'GameMoved') + (DECIDING_MOVES.includes(game.end?.reason ?? '') ? 1n : 0n)

/** How many postings a game's bond answers for. */
export const postsOf = (game: Game): bigint => count(game, 'NodePosted')

/** What the requester pays for a result that stands, and the fee of it. */
function payOf({ world, job, price }: Stage): { due: bigint; fee: bigint } {
  const { meteredBps, stepLimit, tasks } = job.fields
  const due =
    meteredBps === 0n ? price : meteredPay(price, meteredBps, tasks * stepLimit, job.said.totalSteps)
  return { due, fee: feeOf(due, world.parameters.feeBps) }
}

/** What everybody gains where games ended as they did, and those that were not over when one was won are collected in order. */
function expectedGains(stage: Stage): Amounts {
  const { job, price, bond, games } = stage
  const gains: Amounts = {}
  const add = (who: string, amount: bigint) => {
    gains[who] = (gains[who] ?? 0n) + amount
  }
  const [provider, requester] = [job.provider.address, job.requester.address]
  for (const game of games) {
    if (game.end?.won !== false) continue
    const posts = min(game.bond, postsOf(game) * RULES.moveFee)
    const toReserve = (game.bond - posts + 1n) / 2n
    add(game.challenger.address, -game.bond)
    add(provider, game.bond - toReserve)
    add('reserve', toReserve)
  }

  const decided = games.find(({ end }) => end?.won)
  if (decided === undefined) {
    const { due, fee } = payOf(stage)
    add(requester, -due)
    add(provider, due - fee)
    add('fees', fee)
    return changed(gains)
  }

  const moves = movesOf(decided)
  const { toRequester, toHook, toReserve } = splitFraud(bond, price, moves * RULES.moveFee)
  add(provider, -bond)
  add(requester, toRequester)
  add('reserve', toReserve)
  const others = games.filter(({ end }) => end === undefined)
  let movesLeft = others.reduce((sum, game) => sum + movesOf(game), 0n)
  let left = toHook
  const reward = max(min(toHook, moves * RULES.moveFee), (toHook * moves) / (moves + movesLeft))
  add(decided.challenger.address, reward)
  left -= reward
  for (const game of others) {
    const part = (left * movesOf(game)) / movesLeft
    add(game.challenger.address, part)
    left -= part
    movesLeft -= movesOf(game)
  }
  expect(left, 'left of the reward').to.equal(0n)
  return changed(gains)
}

/** Collects for every game that was open at the rejection, or settles; all by somebody who has no part in it. */
async function finish({ world, job, games }: Stage): Promise<void> {
  const stranger = world.actors.owner
  if (games.some(({ end }) => end?.won)) {
    for (const game of games.filter(({ end }) => end === undefined))
      await track(game, collect(game, stranger))
    return
  }
  const time = max(windowEnd(job), await now()) + 1n
  await at(time, () => world.market.connect(stranger).settle(job.jobId))
}

export interface Conclusion {
  /** Challengers who must not have less than before. */
  honest?: readonly Signer[]
  /**
   * Looks at the parties only: where one game after the other is played from the same state, it is enough to look at all
   * accounts once.
   */
  isQuick?: boolean
}

/**
 * Brings the job to its end, and asserts that it is the one named, that the market is solvent to the unit, that the game keeps
 * nothing, that everybody's gain is what the rules say, and that nobody who cheated has more, alone or with others.
 */
export async function conclude(
  stage: Stage,
  outcome: 'Rejected' | 'Settled',
  { honest = [], isQuick = false }: Conclusion = {},
): Promise<Amounts> {
  const { world, job, games, bond } = stage
  await finish(stage)
  expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber(outcome))
  if (!isQuick) await expectSolvent(world)
  const parties = [job.provider, job.requester, ...games.map(({ challenger }) => challenger)]
  const names = isQuick ? parties.map(({ address }) => address) : (await known(world)).addresses
  const gains = await gainsOf(stage, [...new Set([...names, await world.game.getAddress()])])
  expect(gains).to.deep.equal(expectedGains(stage))

  const gain = (...who: string[]) => [...new Set(who)].reduce((sum, each) => sum + (gains[each] ?? 0n), 0n)
  const provider = job.provider.address
  const losers = games.filter(({ end }) => end?.won === false)
  const lost = losers.map(({ challenger }) => challenger.address)
  if (outcome === 'Settled') {
    const { due, fee } = payOf(stage)
    const posts = losers.reduce((sum, game) => sum + postsOf(game), 0n) * RULES.moveFee
    for (const loser of lost) {
      if (loser === provider) continue
      expect(gain(loser) + (loser === job.requester.address ? due : 0n) < 0n, 'a loser has less').to.equal(
        true,
      )
    }
    if (!lost.includes(provider))
      expect(gain(provider) >= due - fee + posts, 'the provider is paid, its moves too').to.equal(true)
    if (lost.length > 0)
      expect(gain(provider, ...lost) < due - fee, 'provider and losers have less together').to.equal(true)
    return gains
  }

  // the dearest coalition: with the liar is who lost for it, and everybody who has more
  const most = Object.keys(gains)
    .filter((who) => who !== 'reserve' && who !== 'fees' && who !== provider && !lost.includes(who))
    .reduce((sum, who) => sum + max(0n, gain(who)), 0n)
  const isHalf = 2n * (gain(provider, ...lost) + most) <= -bond
  expect(isHalf, 'half of the bond is lost to all').to.equal(true)
  for (const game of games.filter(({ challenger }) => honest.includes(challenger))) {
    const least = game.end?.won ? movesOf(game) * RULES.moveFee : 0n
    expect(gain(game.challenger.address) >= least, 'who is honest has its bond back').to.equal(true)
  }
  return gains
}

/** Sends transactions in that order in one block, of that time; what comes of each is a promise of its own. */
export async function inOneBlock<const T extends readonly (() => Promise<ContractTransactionResponse>)[]>(
  time: bigint,
  calls: T,
): Promise<{ -readonly [K in keyof T]: Promise<ContractTransactionResponse> }> {
  await ethers.provider.send('evm_setAutomine', [false])
  try {
    const sent: ContractTransactionResponse[] = []
    for (const call of calls) sent.push(await call())
    await nextBlockAt(time)
    await ethers.provider.send('evm_mine', [])
    return sent.map((each) => Promise.resolve(each)) as never
  } finally {
    await ethers.provider.send('evm_setAutomine', [true])
  }
}
