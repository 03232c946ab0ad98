import { expect } from 'chai'
import { networkHelpers } from '../../helpers/chain.ts'
import {
  crowdOf,
  type DisputeWorld,
  descend,
  descentOf,
  disputeMarket,
  type Game,
  inTrace,
  nodeIdOf,
  openGame,
  play,
  playTo,
  post,
  postingAt,
  providersEnd,
  refuses,
  type Submission,
  submission,
  track,
} from '../../helpers/disputes.ts'
import { lieAbout, postingOf } from '../../helpers/disputeVersions.ts'
import { word } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

describe('DisputeGame.postMany', () => {
  let world: DisputeWorld
  let job: Submission
  let games: Game[]

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputeMarket)
    job = await submission(world, {
      lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, 77n),
    })
    games = []
    for (const challenger of await crowdOf(world, 4)) games.push(await openGame(world, job, challenger))
  })

  const answerOf = (game: Game, data = postingOf(game.job.said, game.position.node)) => ({
    gameId: game.gameId,
    position: game.position,
    data,
  })
  const contract = () => world.game.connect(job.provider)
  const to = (game: Game, task: number) =>
    track(game, descend(game, descentOf(job.said, game.position.node, 0, task)))
  const sent = async (answers: ReturnType<typeof answerOf>[]) => {
    const posted = await contract().postMany.staticCall(answers)
    await track(games[0] as Game, contract().postMany(answers), 'provider')
    return posted
  }
  const isPosted = async (game: Game) => (await postingAt(game)).postedAt !== 0n

  it('posts about many nodes, each for the game that is named (decision 31)', async () => {
    for (const [task, game] of games.entries()) await to(game, task)
    expect(await sent(games.map((game) => answerOf(game)))).to.equal(4n)
    for (const game of games) {
      expect(await world.game.postingOf(await nodeIdOf(game))).not.to.equal(`0x${'00'.repeat(32)}`)
      expect((await world.game.gameOf(game.gameId)).posts).to.equal(1n)
    }
  })

  it('posts about a node once, where several games stand there', async () => {
    expect(await sent(games.map((game) => answerOf(game)))).to.equal(1n)
    expect(await isPosted(games[3] as Game)).to.equal(true)
    expect((await world.game.gameOf((games[1] as Game).gameId)).posts).to.equal(0n)
  })

  it('takes the first of two that say different things about one node', async () => {
    for (const game of games.slice(0, 2)) await playTo(game, inTrace)
    const [first, second] = games.map((game) => answerOf(game)) as ReturnType<typeof answerOf>[]
    const other = { ...(second as ReturnType<typeof answerOf>), data: `0x${'ab'.repeat(31 * 32)}` }
    expect(await sent([first as ReturnType<typeof answerOf>, other])).to.equal(1n)
    expect((await postingAt(games[1] as Game)).data).to.equal(first?.data)
  })

  describe('leaves out, and posts the rest,', () => {
    let last: Game

    beforeEach(async () => {
      last = games[3] as Game
      await to(last, 2)
    })

    it('what was posted before', async () => {
      const [game] = games as [Game]
      await track(game, post(game), 'provider')
      expect(await sent([answerOf(game), answerOf(last)])).to.equal(1n)
      expect(await isPosted(last)).to.equal(true)
    })

    // DG-17
    it('a game that has moved on: no challenger can hold up the others’ answers', async () => {
      const [game] = games as [Game]
      const before = answerOf(game)
      await to(game, 1)
      expect(await sent([before, answerOf(last)])).to.equal(1n)
    })

    it('a game that is over', async () => {
      const [game] = games as [Game]
      const unknown = { ...answerOf(game), gameId: word('no game') }
      expect(await sent([unknown, answerOf(last)])).to.equal(1n)
    })

    it('a game in which it is too late', async () => {
      const [game] = games as [Game]
      const late = providersEnd(game) + 1n
      await at(late, () => track(last, contract().postMany([answerOf(game), answerOf(last)]), 'provider'))
      expect(await isPosted(last)).to.equal(true)
      expect(await isPosted(game)).to.equal(false)
      const [, second] = games as [Game, Game]
      await at(providersEnd(second), () => track(second, contract().postMany([answerOf(second)])))
      expect(await isPosted(second)).to.equal(true)
    })

    it('a claim that is rejected', async () => {
      const [game, second] = games as [Game, Game]
      await play(game)
      expect(await sent([answerOf(second), answerOf(last)])).to.equal(0n)
    })
  })

  it('is refused to everybody but the provider', async () => {
    const [game] = games as [Game]
    const { eve } = world.actors
    const sending = world.game.connect(eve).postMany([answerOf(game)])
    await refuses(world, sending, 'DisputeNotProvider', [game.gameId, eve.address, job.provider.address])
  })

  it('refuses all where one has the wrong size', async () => {
    const [game, second] = games as [Game, Game]
    await to(game, 1)
    const answers = [answerOf(game), answerOf(second, '0x')]
    const values = [await nodeIdOf(second), 0, 5 * 53]
    await refuses(world, contract().postMany(answers), 'DisputeWrongDataSize', values)
  })

  it('does nothing with nothing', async () => {
    expect(await sent([])).to.equal(0n)
  })
})
