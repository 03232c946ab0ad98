import { expect } from 'chai'
import { networkHelpers } from '../../helpers/chain.ts'
import { machineTask, PROGRAM_PARTS } from '../../helpers/disputeProgram.ts'
import {
  atLeaf,
  challengersEnd,
  type DisputeWorld,
  descend,
  descentOf,
  disputeMarket,
  enter,
  type Game,
  inTrace,
  nodeIdOf,
  openGame,
  play,
  playTo,
  post,
  providersEnd,
  refuses,
  type Submission,
  submission,
  track,
  wordsOf,
} from '../../helpers/disputes.ts'
import {
  endHash,
  leafOf,
  lieAbout,
  packRow,
  type Row,
  type SumNode,
  truthOf,
  versionOf,
} from '../../helpers/disputeVersions.ts'
import { word } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

const EMPTY = new Uint8Array(0)

describe('DisputeGame.enter', () => {
  let world: DisputeWorld
  let job: Submission
  let game: Game

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputeMarket)
    job = await submission(world, {
      lie: (truth) => lieAbout(truth, 3, { outputRoot: word('wrong') }, 77n),
    })
    game = await openGame(world, job)
    await playTo(game, atLeaf)
  })

  describe('given a leaf with its row', () => {
    // DG-8
    it('goes into the trace of its task, from the first state to the end that the row names', async () => {
      const time = game.position.arrivedAt + 5n
      const row = job.said.rows[3] as Row
      const node = {
        ...{ isTrace: true, level: 0n, index: 3n, steps: row.steps, from: 0n, to: row.steps },
        ...{ start: job.truth.trace(3).hashAt(0n), end: endHash(row) },
      }
      const { moves } = game.position
      const position = wordsOf({ ...game.position, node, arrivedAt: time, moves: moves + 1n })
      await expect(at(time, () => enter(game)))
        .to.emit(world.game, 'GameMoved')
        .withArgs(game.gameId, 1n, position)
    })

    it('goes there after its row was posted, too', async () => {
      await track(game, post(game), 'provider')
      await track(game, enter(game))
      expect(game.position.node.isTrace).to.equal(true)
    })

    it('knows tasks without input and without a shared one', async () => {
      const none = await submission(world, {
        tasks: [EMPTY, EMPTY],
        shared: EMPTY,
        lie: (truth) => lieAbout(truth, 1, { exitCode: 1 }, 3n),
      })
      const other = await playTo(await openGame(world, none), inTrace)
      const truth = truthOf([machineTask(EMPTY, none.limits, EMPTY)])
      expect(other.position.node.start).to.equal(truth.trace(0).hashAt(0n))
    })

    it('judges a program of more pages than the terms say like any other (decision 26)', async () => {
      const small = await submission(world, {
        terms: { maxPages: 1n },
        lie: (truth) => lieAbout(truth, 3, { exitCode: 1 }, 30n),
      })
      const other = await play(await openGame(world, small))
      expect(other.end?.reason).to.equal('WrongStep')
    })

    it('is refused to everybody else', async () => {
      await expect(enter(game, {}, world.actors.eve)).to.be.revertedWithCustomError(
        world.game,
        'DisputeWrongPosition',
      )
    })
  })

  describe('given what the job does not say', () => {
    // DG-8
    it('refuses other terms', async () => {
      for (const change of [
        { programId: word('program') },
        { inputsRoot: word('inputs') },
        { sharedInput: word('shared') },
        { stepLimit: job.limits.stepLimit + 1n },
        { maxOutput: job.limits.maxOutput + 1 },
        { maxPages: 1 },
      ]) {
        const terms = { ...job.claimTerms, ...change }
        const given = (hash: string) => hash !== game.position.claim.termsHash
        const values = [given, game.position.claim.termsHash]
        await refuses(world, enter(game, { terms }), 'DisputeWrongTerms', values)
      }
    })

    it('refuses another program', async () => {
      for (const change of [
        { codeRoot: word('code') },
        { memoryRoot: word('memory') },
        { globalsRoot: word('globals') },
        { tableRoot: word('table') },
        { entry: PROGRAM_PARTS.entry + 1 },
        { initialPages: 2 },
        { maxPages: 3 },
        { version: 2 },
      ]) {
        const program = { ...PROGRAM_PARTS, ...change }
        const given = (hash: string) => hash !== job.fields.programId
        await refuses(world, enter(game, { program }), 'DisputeWrongProgram', [given, job.fields.programId])
      }
    })

    it('refuses another input', async () => {
      const { inputProof } = job.inputs.parts(3)
      for (const change of [
        { inputRoot: word('input') },
        { inputLength: 65n },
        { inputProof: inputProof.slice(1) },
        { inputProof: [...inputProof, word('more')] },
        { inputProof: inputProof.toReversed() },
        job.inputs.parts(2),
      ])
        await refuses(world, enter(game, change), 'DisputeWrongInput', [3])
    })

    it('refuses another row, and bytes that are none', async () => {
      const row = packRow(job.truth.rows[3] as Row)
      await refuses(world, enter(game, { row }), 'DisputeWrongProof', [
        leafOf(3, row),
        game.position.node.end,
      ])
      for (const size of [0, 52, 54])
        await expect(enter(game, { row: `0x${'00'.repeat(size)}` }))
          .to.be.revertedWithCustomError(world.game, 'ResultTreeRowSize')
          .withArgs(size)
    })

    it('refuses another index than the one in the leaf', async () => {
      const row = packRow(job.said.rows[3] as Row)
      const values = [leafOf(2, row), game.position.node.end]
      await refuses(world, enter(game, { leafIndex: 2 }), 'DisputeWrongProof', values)
    })

    it('refuses to enter from above a leaf, and inside a trace', async () => {
      const above = await openGame(world, job, world.actors.eve)
      await refuses(world, enter(above), 'DisputeWrongNode', [await nodeIdOf(above)])
      await playTo(game, inTrace)
      await refuses(world, enter(game), 'DisputeWrongNode', [await nodeIdOf(game)])
    })
  })

  describe('given a leaf that no task can have (decision 26)', () => {
    const atLeafOf = async (leaves: Record<number, SumNode>) => {
      job = await submission(world, {
        lie: (truth) => versionOf({ rows: truth.rows, traces: truth.trace, leaves }),
      })
      game = await openGame(world, job)
      // its provider cannot post rows that hash to this
      await track(game, descend(game, descentOf(job.said, game.position.node, 0, 3)))
    }

    // DG-7
    it('wins at once where it is that of another task', async () => {
      const row = job.truth.rows[4] as Row
      await atLeafOf({ 3: { hash: leafOf(4, packRow(row)), sum: row.steps } })
      await expect(enter(game, { row: packRow(row), leafIndex: 4 }))
        .to.emit(world.game, 'GameWon')
        .withArgs(game.gameId, job.jobId, 3n, (paid: bigint) => paid > game.bond)
    })

    it('wins at once where its steps are not those beside it', async () => {
      const row = job.truth.rows[3] as Row
      await atLeafOf({ 3: { hash: leafOf(3, packRow(row)), sum: row.steps + 1n } })
      await track(game, enter(game))
      expect(game.end?.reason).to.equal('WrongRow')
    })

    const limit = 4_000n
    const cases: [string, Partial<Row>][] = [
      ['a status of none', { status: 0 }],
      ['an unknown status', { status: 4 }],
      ['no steps', { steps: 0n }],
      ['more steps than the limit', { steps: limit + 1n }],
      ['an exit code of a trap', { ...trapped(), exitCode: 1 }],
      ['an output of a trap', { ...trapped(), outputLength: 1n, outputRoot: word('output') }],
      ['a root of no output', { outputLength: 0n, outputRoot: word('output') }],
      ['more output than the limit', { outputLength: 1_001n }],
      ['more output than there can be', { outputLength: 2n ** 64n - 1n }],
      ['an end for want of steps below the limit', { ...trapped(), status: 3, steps: limit - 1n }],
    ]
    for (const [what, change] of cases) {
      it(`wins at once where its row has ${what}`, async () => {
        const lie = (truth: Parameters<typeof lieAbout>[0]) => lieAbout(truth, 3, change)
        job = await submission(world, { lie })
        game = await playTo(await openGame(world, job), atLeaf)
        await track(game, enter(game))
        expect(game.end?.reason).to.equal('WrongRow')
      })
    }

    const possible: [string, Partial<Row>][] = [
      ['all the steps', { steps: limit }],
      ['all the output', { outputLength: 1_000n }],
      ['one step', { steps: 1n }],
      ['a trap', trapped()],
      ['an end for want of steps', { ...trapped(), status: 3, steps: limit }],
      ['the highest exit code', { exitCode: 2 ** 32 - 1 }],
    ]
    for (const [what, change] of possible) {
      it(`goes on where its row has ${what}`, async () => {
        const lie = (truth: Parameters<typeof lieAbout>[0]) => lieAbout(truth, 3, change)
        job = await submission(world, { lie })
        game = await playTo(await openGame(world, job), atLeaf)
        await track(game, enter(game))
        expect(game.end).to.equal(undefined)
        expect(game.position.node.isTrace).to.equal(true)
      })
    }

    function trapped(): Partial<Row> {
      const outputRoot = '0x32a15efc1918091924569ecd52b039cae2d37cbe3584a55f7744a7c928e65e49'
      return { status: 2, exitCode: 0, outputLength: 0n, outputRoot }
    }
  })

  describe('given the time', () => {
    it('is in time until the provider is late with the row, if it does not post it', async () => {
      await at(providersEnd(game), () => enter(game))
    })

    it('is refused once the provider is late', async () => {
      const late = providersEnd(game) + 1n
      await refuses(
        world,
        at(late, () => enter(game)),
        'DisputeProviderLate',
        [game.gameId, late - 1n, late],
      )
    })

    it('is refused once its turn has passed', async () => {
      await track(game, post(game), 'provider')
      const late = (await challengersEnd(game)) + 1n
      await refuses(
        world,
        at(late, () => enter(game)),
        'DisputeChallengerLate',
        [game.gameId, late - 1n, late],
      )
    })
  })
})
