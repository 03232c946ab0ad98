/** What a dispute makes of everybody: each party's gain, to the unit, against the rules written down a second time. */
import { expect } from 'chai'
import type { ContractTransactionResponse, TransactionRequest } from 'ethers'
import type { Signer } from '../helpers/actors.ts'
import { ethers } from '../helpers/chain.ts'
import {
  collect,
  type DisputeWorld,
  disputeMarket,
  type Game,
  type OpeningOptions,
  openGame,
  RULES,
  type Submission,
  type SubmissionOptions,
  submission,
  track,
} from '../helpers/disputes.ts'
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

/** Lets every game take in what a transaction did. */
export async function trackAll(
  games: readonly Game[],
  sending: Promise<ContractTransactionResponse>,
): Promise<ContractTransactionResponse> {
  const transaction = await sending
  for (const game of games) await track(game, Promise.resolve(transaction))
  return transaction
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

const DECIDING_MOVES = ['WrongSum', 'WrongPadding', 'WrongTask', 'WrongRow', 'WrongStep']

const count = (game: Game, event: string) =>
  BigInt(game.gas.moves.flatMap(({ move }) => move.split('+')).filter((each) => each === event).length)

/** The opening, each move down, and the one that decided. */
export const movesOf = (game: Game): bigint =>
  1n + count(game, 'GameMoved') + (DECIDING_MOVES.includes(game.end?.reason ?? '') ? 1n : 0n)

/** How many postings a game's bond answers for. */
export const postsOf = (game: Game): bigint => count(game, 'NodePosted')

/** What everybody gains where games ended as they did, and those that were not over when one was won are collected in order. */
function expectedGains({ world, job, price, bond, games }: Stage): Amounts {
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
    const { meteredBps, stepLimit, tasks } = job.fields
    const due =
      meteredBps === 0n ? price : meteredPay(price, meteredBps, tasks * stepLimit, job.said.totalSteps)
    const fee = feeOf(due, world.parameters.feeBps)
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

  const gain = ({ address }: { address: string }) => gains[address] ?? 0n
  const losers = games.filter(({ end }) => end?.won === false)
  const lost = [...new Set(losers.map(({ challenger }) => challenger.address))]
  const sum = (who: readonly string[]) => who.reduce((total, each) => total + (gains[each] ?? 0n), 0n)
  if (outcome === 'Settled') {
    const pay = (gains.fees ?? 0n) === 0n ? 0n : -gain(job.requester) - (gains.fees ?? 0n)
    const posts = losers.reduce((total, game) => total + postsOf(game), 0n)
    expect(
      gain(job.provider) >= pay + posts * RULES.moveFee,
      'the provider is paid, with its moves',
    ).to.equal(true)
    for (const loser of lost) expect(sum([loser]) < 0n, 'a false challenger has less').to.equal(true)
    expect(
      sum([job.provider.address, ...lost]) < pay,
      'a provider and its false challengers have less',
    ).to.equal(true)
    return gains
  }

  // the dearest coalition with the liar: who lost for it is in it, and everybody who won is, too
  const most = [...new Set(parties.map(({ address }) => address))]
    .filter((who) => who !== job.provider.address && !lost.includes(who))
    .reduce((total, who) => total + max(0n, sum([who])), 0n)
  expect(
    2n * (sum([job.provider.address, ...lost]) + most) <= -bond,
    'half of the bond is lost to all',
  ).to.equal(true)
  for (const game of games.filter(({ challenger }) => honest.includes(challenger))) {
    const least = game.end?.won ? movesOf(game) * RULES.moveFee : 0n
    expect(
      gain(game.challenger) >= least,
      'an honest challenger has its bond back, a deciding one its moves paid',
    ).to.equal(true)
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
