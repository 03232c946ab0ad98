import { expect } from 'chai'
import type { Signer } from '../helpers/actors.ts'
import { networkHelpers } from '../helpers/chain.ts'
import {
  atLeaf,
  challengersEnd,
  collect,
  crowdOf,
  type DisputeWorld,
  descend,
  descentOf,
  entryOf,
  type Game,
  inTrace,
  atStep as isStep,
  move,
  play,
  playTo,
  post,
  postingAt,
  prove,
  providersEnd,
  RULES,
  timeOut,
  track,
  turnOf,
} from '../helpers/disputes.ts'
import { lieAbout, type Truth, type Version } from '../helpers/disputeVersions.ts'
import { max } from '../helpers/reference.ts'
import { word } from '../helpers/terms.ts'
import { at, now } from '../helpers/time.ts'
import {
  conclude,
  dispute,
  disputeAtOnce,
  disputes,
  hasty,
  movesOf,
  playAtOnce,
  type Stage,
  stageOf,
} from './stage.ts'

/** A task of two rounds of a trace. */
const TASK = 2
const lie = (truth: Truth): Version => lieAbout(truth, TASK, { outputRoot: word('a lie') }, 21n)

/** What somebody holds who wants to lose: that a task is wrong which is not. */
const nonsense = (said: Version, task = 4, until = 9n): Version =>
  lieAbout(said, task, { exitCode: 5 }, until)

const PLACES: Record<string, (position: Game['position']) => boolean> = {
  'the root': () => true,
  'a leaf': atLeaf,
  'a trace': inTrace,
  'a step': isStep,
}

/** Whoever is in league with a liar, or with nobody: the honest watcher wins, or ends with its bond back (decision 29). */
describe('An accomplice who challenges', () => {
  let world: DisputeWorld
  let watcher: Signer
  let accomplice: Signer
  let stage: Stage

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
    watcher = world.actors.keeper
    accomplice = world.actors.eve
    stage = await stageOf(world, { lie })
  })

  /** The watcher's game and the accomplice's, opened in one block, in the order named. */
  const both = async (first: Signer, second: Signer): Promise<[watching: Game, other: Game]> => {
    const games = (await disputeAtOnce(stage, [first, second])) as [Game, Game]
    return first === watcher ? games : [games[1], games[0]]
  }
  const truth = () => stage.job.truth

  it('in the same block, and copies each move before it: the watcher has its bond back, and a part', async () => {
    const [watching, other] = await both(accomplice, watcher)
    await playAtOnce([other, watching], truth)
    expect([other.end?.reason, watching.end]).to.deep.equal(['WrongStep', undefined])
    const gains = await conclude(stage, 'Rejected', { honest: [watcher] })
    expect(Number(gains[watcher.address])).to.be.greaterThan(0)
  })

  it('in the same block, and copies each move after it: the watcher wins', async () => {
    const [watching, other] = await both(watcher, accomplice)
    await playAtOnce([watching, other], truth)
    expect([watching.end?.reason, other.end]).to.deep.equal(['WrongStep', undefined])
    await conclude(stage, 'Rejected', { honest: [watcher] })
  })

  it('later, and copies all in one go, to be the first to decide', async () => {
    const watching = await playTo(await dispute(stage), isStep)
    // every node is posted: it walks down to the step before the watcher proves it
    const other = await play(await dispute(stage, accomplice))
    expect([other.end?.reason, watching.end]).to.deep.equal(['WrongStep', undefined])
    await conclude(stage, 'Rejected', { honest: [watcher] })
  })

  for (const [where, place] of Object.entries(PLACES)) {
    it(`in the same block, and sleeps at ${where}: the watcher wins`, async () => {
      const [watching, other] = await both(accomplice, watcher)
      await playTo(other, place)
      await play(watching)
      expect([watching.end?.reason, other.end]).to.deep.equal(['WrongStep', undefined])
      await conclude(stage, 'Rejected', { honest: [watcher] })
    })
  }

  it('in the same block, and throws the game: the watcher wins', async () => {
    const [watching, other] = await both(accomplice, watcher)
    await play(other, { challenger: nonsense(stage.job.said) })
    expect(other.end?.reason).to.equal('RightStep')
    await play(watching)
    expect(watching.end?.reason).to.equal('WrongStep')
    await conclude(stage, 'Rejected', { honest: [watcher] })
  })

  it('before anybody else, and throws game after game: the watcher wins', async () => {
    for (const until of [1n, 8n, 15n])
      await play(await dispute(stage, accomplice), { challenger: nonsense(stage.job.said, 4, until) })
    await dispute(stage, accomplice)
    await play(await dispute(stage))
    expect(stage.games.map(({ end }) => end?.won)).to.deep.equal([false, false, false, undefined, true])
    await conclude(stage, 'Rejected', { honest: [watcher] })
  })

  it('and lets the liar be late for it, to be the first to decide', async () => {
    const other = await dispute(stage, accomplice)
    const watching = await dispute(stage)
    await at(providersEnd(other), () =>
      track(watching, descend(watching, descentOf(stage.job.said, { level: 3n }, 0, TASK))),
    )
    await at(providersEnd(other) + 1n, () => track(other, timeOut(other)))
    expect(other.end?.reason).to.equal('ProviderLate')
    await conclude(stage, 'Rejected', { honest: [watcher] })
  })

  it('with many names that sleep, so that bonds are dear and rewards small: the watcher has its moves paid', async () => {
    const crowd = (await crowdOf(world, 100)).map((each) => hasty(each, 500_000n))
    // the least bond there is: its fifth, divided by all moves, would not pay for those of one
    stage = await stageOf(world, { lie, terms: { maxPrice: 1_000n } })
    await disputeAtOnce(stage, crowd)
    const game = await dispute(stage)
    expect([game.bond, game.position.stretch]).to.deep.equal([(40_000n * 116n) / 16n, 32n])
    await play(game)
    const gains = await conclude(stage, 'Rejected', { honest: [watcher] })
    expect(gains[watcher.address]).to.equal(movesOf(game) * RULES.moveFee)
  })

  it('and goes on after the rejection, for a larger part: no move is taken any more', async () => {
    const games = await disputeAtOnce(stage, [
      accomplice,
      world.actors.hook,
      world.actors.requester,
      world.actors.rival,
    ])
    for (const [i, place] of Object.values(PLACES).entries()) await playTo(games[i] as Game, place)
    const unposted = await dispute(stage, world.actors.provider, {
      descents: [descentOf(stage.job.said, { level: 3n }, 0, 0)],
      entries: [entryOf(stage.job, 0)],
    })
    await play(await dispute(stage))
    const refuses = [
      ...games.map((game) => () => move(game, truth())),
      () => prove(games[3] as Game),
      () => post(unposted),
      () => timeOut(unposted),
    ]
    for (const act of refuses)
      await expect(act()).to.be.revertedWithCustomError(world.game, 'DisputeClaimRejected')
    await conclude(stage, 'Rejected', { honest: [watcher] })
  })

  it('with many names that copy to the last but one move: the watcher wins', async () => {
    const crowd = (await crowdOf(world, 8)).map((each) => hasty(each))
    stage = await stageOf(world, { lie })
    const games = await disputeAtOnce(stage, [...crowd, watcher])
    const watching = games.at(-1) as Game
    await playAtOnce(games, truth, (game) => game !== watching && isStep(game.position))
    expect(watching.end?.reason).to.equal('WrongStep')
    await conclude(stage, 'Rejected', { honest: [watcher] })
  })
})

describe('Fifty who challenge at once', () => {
  let world: DisputeWorld
  let crowd: Signer[]

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
    crowd = (await crowdOf(world, 50)).map((each) => hasty(each, 1_000_000n))
  })

  /** What a dishonest one of that number does: sleeps somewhere, throws the game, or goes with the others to the last move. */
  const own = ({ truth, said }: Stage['job'], number: number): Version => {
    if (number % 3 === 0) return nonsense(said, 4, BigInt(number))
    if (number % 3 === 1) return nonsense(said, (number % 2) * 4, BigInt(number))
    return said === truth ? nonsense(said, 2, BigInt(number)) : truth
  }
  const stops = ({ position }: Game, number: number): boolean => {
    if (number % 3 === 0) return Object.values(PLACES)[number % 4]?.(position) ?? false
    return number % 3 === 2 && isStep(position)
  }

  it('of a false result, 49 of them dishonestly: the honest one wins, wherever it stands among them', async () => {
    for (const place of [0, 49]) {
      const snapshot = await networkHelpers.takeSnapshot()
      const stage = await stageOf(world, { lie })
      const games = await disputeAtOnce(stage, crowd)
      const honest = games[place] as Game
      const { truth } = stage.job
      await playAtOnce(
        games,
        (i) => (i === place ? truth : own(stage.job, i)),
        (game, i) => game !== honest && stops(game, i),
      )
      expect(honest.end?.reason).to.equal('WrongStep')
      // who throws the game has as many moves to make: in the last block, those before the honest one have lost
      const thrown = crowd.filter((_, i) => i < place && i % 3 === 1).length
      expect(games.filter(({ end }) => end?.won === false)).to.have.length(thrown)
      await conclude(stage, 'Rejected', { honest: [honest.challenger], isQuick: place !== 49 })
      await snapshot.restore()
    }
  })

  it('of a true result: each loses its bond, and the provider has all its moves paid', async () => {
    const stage = await stageOf(world)
    const games = await disputeAtOnce(stage, crowd)
    await playAtOnce(games, (i) => own(stage.job, i), stops)
    expect(games.filter(({ end }) => end === undefined)).to.have.length.greaterThan(25)
    for (const game of games.filter(({ end }) => end === undefined)) {
      // the provider shows what it is asked for, everywhere
      if ((await postingAt(game)).postedAt === 0n && !isStep(game.position))
        await track(game, post(game), 'provider')
      const time = max(await challengersEnd(game), await now()) + 1n
      await at(time, () => track(game, timeOut(game)))
    }
    expect(new Set(games.map(({ end }) => end?.reason))).to.deep.equal(
      new Set(['RightStep', 'ChallengerLate']),
    )
    await conclude(stage, 'Settled')
  })
})

describe('A challenger who sees that it loses', () => {
  for (const [where, place] of Object.entries(PLACES)) {
    it(`cannot take its bond back at ${where}`, async () => {
      const world = await networkHelpers.loadFixture(disputes)
      const stage = await stageOf(world)
      const game = await playTo(await dispute(stage), place, { challenger: nonsense(stage.job.said) })
      for (const by of [game.challenger, world.actors.provider, world.actors.eve])
        await expect(collect(game, by)).to.be.revertedWithCustomError(world.game, 'DisputeClaimNotRejected')
      await play(game, { challenger: nonsense(stage.job.said) })
      await expect(collect(game)).to.be.revertedWithCustomError(world.game, 'DisputeWrongPosition')
      await conclude(stage, 'Settled')
    })
  }
})

describe('A provider in league with its challenger', () => {
  let world: DisputeWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
  })

  for (const who of ['eve', 'requester', 'provider'] as const) {
    const name = { eve: 'somebody', requester: 'its requester', provider: 'itself' }[who]

    it(`loses half of the bond with a false result that ${name} challenges first, at once`, async () => {
      const stage = await stageOf(world, { lie })
      const { job } = stage
      const game = await dispute(stage, world.actors[who], {
        descents: [descentOf(job.said, { level: 3n }, 0, TASK)],
        entries: [entryOf(job, TASK)],
      })
      await play(game)
      expect(game.end?.reason).to.equal('WrongStep')
      const gains = await conclude(stage, 'Rejected')
      expect(gains.reserve).to.be.at.least(stage.bond / 2n)
    })

    it(`loses half of the bond by silence before ${name}`, async () => {
      const stage = await stageOf(world)
      const game = await dispute(stage, world.actors[who])
      await at(providersEnd(game) + 1n, () => track(game, timeOut(game)))
      const gains = await conclude(stage, 'Rejected')
      expect(gains.reserve).to.be.at.least(stage.bond / 2n)
    })

    it(`gains nothing by games that ${name} loses about a true result`, async () => {
      const stage = await stageOf(world)
      for (const until of [3n, 12n]) {
        const game = await dispute(stage, world.actors[who])
        await play(game, { challenger: nonsense(stage.job.said, 4, until) })
      }
      const gains = await conclude(stage, 'Settled')
      expect(Number(gains.reserve)).to.be.greaterThan(0)
    })
  }

  it('does not shorten the turn of a watcher by games that it loses for it', async () => {
    const stage = await stageOf(world, { lie })
    await play(await dispute(stage, world.actors.eve), { challenger: nonsense(stage.job.said) })
    const { job } = stage
    const game = await dispute(stage, world.actors.keeper, {
      descents: [descentOf(job.said, { level: 3n }, 0, 4)],
      entries: [entryOf(job, 4)],
    })
    // all was posted before it came
    expect((await postingAt(game)).postedAt).to.be.lessThan(game.position.arrivedAt)
    expect(await challengersEnd(game)).to.equal(game.position.arrivedAt + turnOf(game))
    await play(game, { challenger: nonsense(stage.job.said, 4, 30n) })
    expect(game.end?.reason).to.equal('RightStep')
    await play(await dispute(stage, world.actors.keeper))
    await conclude(stage, 'Rejected')
  })
})
