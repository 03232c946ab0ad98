import { expect } from 'chai'
import type { DisputedMarketMock } from '../../../types/ethers-contracts/index.ts'
import { chainId, ethers, networkHelpers } from '../../helpers/chain.ts'
import {
  type DisputeWorld,
  disputeMarket,
  type Game,
  NOTHING,
  openGame,
  openingOf,
  play,
  providersEnd,
  type Submission,
  submission,
  timeOut,
  track,
} from '../../helpers/disputes.ts'
import { lieAbout } from '../../helpers/disputeVersions.ts'
import { expectSolvent } from '../../helpers/money.ts'
import { commitmentOf, jobIdOf, word } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

describe('DisputeGame, several markets', () => {
  let world: DisputeWorld
  let job: Submission
  let honest: Game
  let liar: DisputedMarketMock
  let jobId: string

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputeMarket)
    job = await submission(world, {
      lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, 77n),
    })
    honest = await openGame(world, job)
    liar = await ethers.deployContract('DisputedMarketMock', [world.game])
    const { root, totalSteps } = job.said
    await liar.say(world.actors.eve, commitmentOf(root, totalSteps), 0n, 2n ** 79n)
    jobId = jobIdOf(chainId, await liar.getAddress(), job.requester.address, job.terms)
  })

  const opened = async (challenger = world.actors.eve): Promise<Game> => {
    const gameId = await world.game.gameIdOf(liar, jobId, challenger.address)
    const game = { ...honest, challenger, gameId, end: undefined } as unknown as Game
    await track(game, liar.tell(challenger, 2n ** 79n, openingOf(world, job)))
    return game
  }
  const held = async () => (await world.market.accountOf(world.game)).balance

  it('keeps the games of each for themselves', async () => {
    const game = await opened()
    expect(game.position.claim.market).to.equal(await liar.getAddress())
    expect(game.gameId).not.to.equal(honest.gameId)
    await expect(timeOut({ ...game, gameId: honest.gameId })).to.be.revertedWithCustomError(
      world.game,
      'DisputeWrongPosition',
    )
    await at(providersEnd(game) + 1n, () => track(game, timeOut(game)))
    expect(game.end?.won).to.equal(true)
    expect((await world.game.claimOf(world.address, job.jobId)).isRejected).to.equal(false)
  })

  // DG-15
  it('pays what one market says out of that market', async () => {
    const before = await held()
    expect(before).to.equal(honest.bond)
    const game = await opened()
    const second = await opened(world.actors.rival)
    await at(providersEnd(game) + 1n, () => track(game, timeOut(game)))
    const { gameId, position } = second
    await world.game.collect(gameId, position)
    expect(await liar.transferred()).to.equal(2n ** 79n + 2n * 2n ** 79n)
    expect(await held()).to.equal(before)
    await expectSolvent(world)
  })

  it('does not let it play twice by calling back', async () => {
    const game = await opened()
    const { interface: abi } = world.game
    const { gameId, position } = game
    for (const call of [
      abi.encodeFunctionData('timeOut', [gameId, position, NOTHING]),
      abi.encodeFunctionData('collect', [gameId, position]),
      abi.encodeFunctionData('post', [gameId, position, '0x']),
    ])
      await liar.callBack(call)
    await at(providersEnd(game) + 1n, () => track(game, timeOut(game)))
    expect(await liar.reentered()).to.equal(0n)
    expect(await liar.refused()).to.equal(6n)
    expect(await held()).to.equal(honest.bond)
  })

  it('is played to its end in the other market, whatever the one does', async () => {
    await opened()
    await play(honest)
    expect(honest.end?.won).to.equal(true)
    expect(await held()).to.equal(0n)
  })

  it('cannot tell of a job that another market has', async () => {
    const { keeper } = world.actors
    const data = openingOf(world, job)
    const gameId = await world.game.gameIdOf(world.address, job.jobId, keeper.address)
    expect(gameId).to.equal(honest.gameId)
    await liar.tell(keeper, 2n ** 70n, data)
    // the id of the job has the market in it: this is another one
    expect((await world.game.gameOf(honest.gameId)).bond).to.equal(honest.bond)
  })
})
