import { expect } from 'chai'
import type { Signer } from '../helpers/actors.ts'
import { ethers, hasProbes, networkHelpers } from '../helpers/chain.ts'
import { inputOf } from '../helpers/disputeProgram.ts'
import {
  bondOf,
  type DisputeWorld,
  descentOf,
  entryOf,
  type Game,
  inTrace,
  openingOf,
  pickOf,
  postingAt,
  providersEnd,
  RULES,
  takeIn,
} from '../helpers/disputes.ts'
import { postingOf } from '../helpers/disputeVersions.ts'
import { fund } from '../helpers/fixtures.ts'
import { now, travelTo } from '../helpers/time.ts'
import { conclude, disputes, postsOf, type Stage, stageOf } from './stage.ts'

const CHALLENGERS = 1_000
const BLOCK_GAS = 60_000_000n
const BLOCK_TIME = 12n
/** Answers in one transaction: what a public node still takes, 128 KiB. */
const BATCH = 64

interface Call {
  from: string
  to: string
  data: string
  gas: bigint
}

/** A thousand challenges of a true result, each about another task, so that nothing that was posted for one serves another. */
describe('A thousand who challenge as fast as blocks take them', () => {
  let world: DisputeWorld
  let stage: Stage
  let fromBlock: number

  /** Fills blocks with calls, each in time after the other. */
  async function mine(calls: readonly Call[]): Promise<number> {
    const first = await ethers.provider.getBlockNumber()
    await ethers.provider.send('evm_setAutomine', [false])
    try {
      const gasPrice = ethers.toQuantity(10n ** 12n)
      for (const { gas, ...call } of calls)
        await ethers.provider.send('eth_sendTransaction', [
          { ...call, gas: ethers.toQuantity(gas), gasPrice },
        ])
      for (let left = calls.length; left > 0; ) {
        await ethers.provider.send('evm_increaseTime', [Number(BLOCK_TIME)])
        await ethers.provider.send('evm_mine', [])
        const block = await ethers.provider.getBlock('latest')
        const mined = block?.transactions.length ?? 0
        left -= mined
        if (mined === 0) throw new RangeError(`${left} transactions are left`)
      }
    } finally {
      await ethers.provider.send('evm_setAutomine', [true])
    }
    return (await ethers.provider.getBlockNumber()) - first
  }

  async function gasSince(block: number): Promise<bigint> {
    let gas = 0n
    for (let i = block; i <= (await ethers.provider.getBlockNumber()); i++)
      gas += (await ethers.provider.getBlock(i))?.gasUsed ?? 0n
    return gas
  }

  /** Takes in what happened since the last time. */
  async function sync(games: ReadonlyMap<string, Game>): Promise<string[]> {
    const names: string[] = []
    const address = await world.game.getAddress()
    for (const log of await ethers.provider.getLogs({ address, fromBlock, toBlock: 'latest' })) {
      const event = world.game.interface.parseLog(log)
      const game = event && games.get(event.args.gameId)
      if (!game || !takeIn(game, event)) continue
      game.gas.moves.push({ move: event.name, gas: 0n })
      names.push(event.name)
    }
    fromBlock = (await ethers.provider.getBlockNumber()) + 1
    return names
  }

  const encode = (name: 'postMany' | 'pick' | 'multicall' | 'timeOut', values: readonly unknown[]) =>
    world.game.interface.encodeFunctionData(name as 'timeOut', values as never)

  async function crowdWith(units: bigint): Promise<string[]> {
    const { market, actors, address } = world
    await fund(world, actors.requester, BigInt(CHALLENGERS) * units)
    const crowd = Array.from({ length: CHALLENGERS }, (_, i) =>
      ethers.getAddress(ethers.dataSlice(ethers.id(`crowd ${i}`), 12)),
    )
    for (const who of crowd) {
      await ethers.provider.send('hardhat_impersonateAccount', [who])
      await networkHelpers.setBalance(who, 10n ** 18n)
    }
    const data = (who: string) => market.interface.encodeFunctionData('transfer', [who, units, '0x'])
    await mine(
      crowd.map((who) => ({ from: actors.requester.address, to: address, data: data(who), gas: 80_000n })),
    )
    return crowd
  }

  it('are all answered in time by a provider who is honest, and pay all its moves', async function () {
    if (hasProbes) this.skip()
    this.timeout(120_000)
    world = await networkHelpers.loadFixture(disputes)
    const latest = await ethers.provider.getBlock('latest')
    expect(latest?.gasLimit).to.equal(BLOCK_GAS)
    const crowd = await crowdWith(4_000_000n)
    // the same five inputs again and again: their traces are executed once
    const tasks = Array.from({ length: CHALLENGERS }, (_, i) => inputOf(i % 5))
    stage = await stageOf(world, { tasks })
    const { job } = stage
    const games = new Map<string, Game>()
    for (const address of crowd) {
      const gameId = await world.game.gameIdOf(world.address, job.jobId, address)
      const gas = { provider: 0n, challenger: 0n, moves: [] }
      const challenger = { address } as Signer
      games.set(gameId, { world, job, challenger, gameId, bond: 0n, position: undefined as never, gas })
    }
    stage.games.push(...games.values())
    fromBlock = (await ethers.provider.getBlockNumber()) + 1

    // they come
    const gas = 300_000n
    const openings: Call[] = []
    for (const [i, from] of crowd.entries()) {
      const bond = await bondOf(world, job, BigInt(i))
      const descents = [descentOf(job.said, { level: BigInt(job.said.depth) }, 0, i)]
      const opening = openingOf(world, job, { descents, entries: [entryOf(job, i)] })
      const data = world.market.interface.encodeFunctionData('transfer', [
        await world.game.getAddress(),
        bond,
        opening,
      ])
      openings.push({ from, to: world.address, data, gas })
    }
    const blocks = await mine(openings)
    const spent = await gasSince(fromBlock)
    expect(blocks, 'no block had room for one more').to.equal(Number((spent + BLOCK_GAS - 1n) / BLOCK_GAS))
    const names = await sync(games)
    expect(names.filter((name) => name === 'GameOpened')).to.have.length(CHALLENGERS)
    expect([...games.values()].every(({ position }) => inTrace(position))).to.equal(true)

    // the provider answers them, those first whose turn ends first
    const answer = async () => {
      const open = []
      for (const game of games.values()) if ((await postingAt(game)).postedAt === 0n) open.push(game)
      open.sort((a, b) => Number(providersEnd(a) - providersEnd(b)))
      const calls: Call[] = []
      for (let i = 0; i < open.length; i += BATCH) {
        const answers = open.slice(i, i + BATCH).map(({ gameId, position }) => ({
          ...{ gameId, position, data: postingOf(job.said, position.node) },
        }))
        const data = encode('postMany', [answers])
        expect(ethers.dataLength(data)).to.be.lessThan(131_072)
        calls.push({ from: job.provider.address, to: await world.game.getAddress(), data, gas: 8_000_000n })
      }
      await mine(calls)
      const posted = await sync(games)
      expect(posted).to.have.length(open.length)
    }
    await answer()

    // whoever disputes a long trace goes on, once
    const long = [...games.values()].filter(({ position }) => position.node.to > 1_024n)
    expect(long).to.have.length(CHALLENGERS / 5)
    const picks: Call[] = []
    for (const game of long) {
      const posting = await postingAt(game)
      const data = encode('pick', [game.position, posting, pickOf(game, posting.data, 5)])
      picks.push({ from: game.challenger.address, to: await world.game.getAddress(), data, gas: 150_000n })
    }
    await mine(picks)
    await sync(games)
    await answer()

    // and then nobody moves
    await travelTo((await now()) + 10_000n)
    const ended: Call[] = []
    const all = [...games.values()]
    for (let i = 0; i < all.length; i += 100) {
      const calls: string[] = []
      for (const game of all.slice(i, i + 100))
        calls.push(encode('timeOut', [game.gameId, game.position, await postingAt(game)]))
      const from = world.actors.owner.address
      ended.push({
        from,
        to: await world.game.getAddress(),
        data: encode('multicall', [calls]),
        gas: 12_000_000n,
      })
    }
    await mine(ended)
    await sync(games)
    expect(new Set(all.map(({ end }) => end?.reason))).to.deep.equal(new Set(['ChallengerLate']))
    const posts = all.reduce((sum, game) => sum + postsOf(game), 0n)
    expect(posts).to.equal(BigInt(CHALLENGERS + CHALLENGERS / 5))
    const gains = await conclude(stage, 'Settled', { isQuick: true })
    expect(gains[job.provider.address]).to.be.greaterThan(posts * RULES.moveFee)
  })
})
