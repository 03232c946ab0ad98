import { expect } from 'chai'
import { emptyRoot } from '../../sdk/src/trees/index.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { PROGRAM_PARTS } from '../helpers/disputeProgram.ts'
import {
  bondOf,
  challenge,
  challengersEnd,
  type DescentView,
  type DisputeWorld,
  descend,
  descentOf,
  enter,
  entryOf,
  type Game,
  inTrace,
  play,
  playTo,
  post,
  providersEnd,
  type Reason,
  refuses,
  timeOut,
  track,
} from '../helpers/disputes.ts'
import {
  leafOf,
  lieAbout,
  packNode,
  packRow,
  type Row,
  type SumNode,
  sumHash,
  type Truth,
  type Version,
  versionOf,
} from '../helpers/disputeVersions.ts'
import { commitmentOf, word } from '../helpers/terms.ts'
import { at } from '../helpers/time.ts'
import { TASK } from './lies.ts'
import { conclude, dispute, disputes, type Stage, stageOf } from './stage.ts'

/** Tasks of a tree that takes two rounds to descend: of depth 6, filled up from 40 to 64. */
const MANY = 40

/** The truth with another row, whose leaf and sums are made of it. */
const row =
  (change: Partial<Row> | ((row: Row) => Partial<Row>)) =>
  (truth: Truth): Version =>
    lieAbout(truth, TASK, typeof change === 'function' ? change(truth.rows[TASK] as Row) : change)

/** The truth with another word in place of a leaf. */
const leaf =
  (index: number, of: (truth: Truth) => SumNode) =>
  (truth: Truth): Version =>
    versionOf({ rows: truth.rows, traces: truth.trace, leaves: { [index]: of(truth) } })

const trueLeaf = (truth: Truth, index: number): SumNode => truth.node(0, index)

const ROWS: Record<string, (truth: Truth) => Version> = {
  'that says it still runs': row({ status: 0 }),
  'of a status that there is not': row({ status: 4 }),
  'of the last status that a byte can say': row({ status: 255 }),
  'of no steps': row({ steps: 0n }),
  'of more steps than the job allows': row({ steps: 4_001n }),
  'of as many steps as a row can say': row({ steps: 2n ** 64n - 1n }),
  'that is out of steps before they are': row({
    status: 3,
    exitCode: 0,
    outputRoot: emptyRoot,
    outputLength: 0n,
  }),
  'of a trap with an output': row({ status: 2, exitCode: 0 }),
  'of a trap with an exit code': row({ status: 2, exitCode: 1, outputRoot: emptyRoot, outputLength: 0n }),
  'out of steps with an output': row({ status: 3, exitCode: 0, steps: 4_000n }),
  'of no output, with a root': row({ outputLength: 0n }),
  'of a larger output than the job allows': row({ outputLength: 1_001n }),
  'of as large an output as a row can say': row({ outputLength: 2n ** 64n - 1n }),
}

/** Leaves that are wrong by themselves, once they are shown. */
const LEAVES: {
  title: string
  index: number
  lie: (truth: Truth) => Version
  leafIndex?: number
  reason: Reason
}[] = [
  ...Object.entries(ROWS).map(([title, lie]) => ({ title, index: TASK, lie, reason: 'WrongRow' as const })),
  {
    title: 'of more steps than its row',
    index: TASK,
    lie: leaf(TASK, (truth) => ({ ...trueLeaf(truth, TASK), sum: trueLeaf(truth, TASK).sum + 1n })),
    reason: 'WrongRow',
  },
  {
    title: 'of fewer steps than its row',
    index: TASK,
    lie: leaf(TASK, (truth) => ({ ...trueLeaf(truth, TASK), sum: 0n })),
    reason: 'WrongRow',
  },
  {
    title: "that is another task's",
    index: TASK,
    lie: (truth) => ({
      ...leaf(TASK, () => trueLeaf(truth, 1))(truth),
      rows: truth.rows.map((each, i) => (i === TASK ? (truth.rows[1] as Row) : each)),
    }),
    leafIndex: 1,
    reason: 'WrongTask',
  },
  {
    title: 'beyond the last task, with steps',
    index: 6,
    lie: leaf(6, () => ({ hash: ethers.ZeroHash, sum: 7n })),
    reason: 'WrongPadding',
  },
  {
    title: 'beyond the last task, with a row',
    index: 7,
    lie: leaf(7, (truth) => ({
      hash: leafOf(7, packRow(truth.rows[0] as Row)),
      sum: (truth.rows[0] as Row).steps,
    })),
    reason: 'WrongPadding',
  },
]

/** The truth, but for an inner node above these two; sums go round as 128 bits do. */
function inner(
  truth: Truth,
  level: number,
  index: number,
  [left, right]: readonly [SumNode, SumNode],
): Version {
  const above = (l: SumNode, r: SumNode) => ({ hash: sumHash(l, r), sum: (l.sum + r.sum) % 2n ** 128n })
  const changed = new Map<string, SumNode>([
    [`${level} ${index}`, above(left, right)],
    [`${level - 1} ${2 * index}`, left],
    [`${level - 1} ${2 * index + 1}`, right],
  ])
  const node = (of: number, place: number): SumNode => {
    const known = changed.get(`${of} ${place}`)
    if (known || of < level) return known ?? truth.node(of, place)
    return above(node(of - 1, 2 * place), node(of - 1, 2 * place + 1))
  }
  const proof = (from: number, place: number, to: number) =>
    ethers.concat(Array.from({ length: to - from }, (_, i) => packNode(node(from + i, (place >>> i) ^ 1))))
  const { hash, sum } = node(truth.depth, 0)
  return { ...truth, node, proof, root: hash, totalSteps: sum }
}

/** What its provider cannot show, with what it says of the node above: it stands still, and loses by time. */
const HIDDEN: Record<string, (truth: Truth) => Version> = {
  'a leaf that is the hash of nothing': leaf(TASK, (truth) => ({
    ...trueLeaf(truth, TASK),
    hash: word('nothing'),
  })),
  'a node that is the hash of nothing': (truth) =>
    inner(truth, 2, 0, [{ hash: word('left'), sum: 1n }, truth.node(1, 1)]),
  'a node whose steps are not those of its parts': (truth) =>
    inner(truth, 2, 0, [more(truth.node(1, 0), 3n), truth.node(1, 1)]),
  'two nodes whose steps are wrong by as much': (truth) =>
    inner(truth, 2, 0, [more(truth.node(1, 0), 3n), more(truth.node(1, 1), -3n)]),
  'nodes whose steps go round': (truth) =>
    inner(truth, 2, 0, [
      { ...truth.node(1, 0), sum: MOST },
      { ...truth.node(1, 1), sum: truth.node(2, 0).sum + 1n },
    ]),
}

const MOST = 2n ** 128n - 1n
const more = ({ hash, sum }: SumNode, steps: bigint): SumNode => ({ hash, sum: sum + steps })

/** Rows that are withheld, or of nothing; sums that do not add up; leaves out of place. */
describe('A result tree', () => {
  let world: DisputeWorld

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(disputes)
  })

  const late = async (game: Game) => {
    await at(providersEnd(game) + 1n, async () => track(game, timeOut(game)))
    expect(game.end?.reason).to.equal('ProviderLate')
  }

  for (const { title, index, lie, leafIndex = index, reason } of LEAVES) {
    it(`with a leaf ${title} is rejected by who shows it`, async () => {
      const stage = await stageOf(world, { lie })
      const { job } = stage
      const game = await dispute(stage, undefined, {
        descents: [descentOf(job.said, { level: 3n }, 0, index)],
        entries: index < job.said.tasks ? [entryOf(job, index, { leafIndex })] : [],
      })
      expect(game.end?.reason).to.equal(reason)
      await conclude(stage, 'Rejected', { honest: [game.challenger] })
    })
  }

  for (const [title, lie] of Object.entries({
    'a total of one too many': (truth: Truth) => ({ ...truth, totalSteps: truth.totalSteps + 1n }),
    'a total of one too few': (truth: Truth) => ({ ...truth, totalSteps: truth.totalSteps - 1n }),
    'a total that is right in its lower half': (truth: Truth) => ({
      ...truth,
      totalSteps: truth.totalSteps + 2n ** 64n,
    }),
    'leaves whose steps go round': (truth: Truth) =>
      inner(truth, 1, 1, [
        { ...truth.node(0, 2), sum: MOST },
        { ...truth.node(0, 3), sum: truth.node(1, 1).sum + 1n },
      ]),
  })) {
    it(`with ${title} is rejected by a descent`, async () => {
      const stage = await stageOf(world, { lie })
      const game = await dispute(stage)
      await expect(post(game)).to.be.revertedWithCustomError(world.game, 'DisputeWrongData')
      await track(game, descend(game, descentOf(stage.job.said, { level: 3n }, 0, TASK)))
      expect(game.end?.reason).to.equal('WrongSum')
      await conclude(stage, 'Rejected', { honest: [game.challenger] })
    })
  }

  for (const [title, lie] of Object.entries(HIDDEN)) {
    it(`with ${title} is rejected: its provider has nothing to show`, async () => {
      const stage = await stageOf(world, { lie })
      const game = await dispute(stage)
      await expect(post(game)).to.be.revertedWithCustomError(world.game, 'DisputeWrongData')
      await late(game)
      await conclude(stage, 'Rejected', { honest: [game.challenger] })
    })
  }

  it('with a node high up that is the hash of nothing is rejected: nobody can go below', async () => {
    const stage = await stageOf(world, {
      tasks: MANY,
      lie: (truth) => inner(truth, 6, 0, [{ hash: word('left'), sum: 99n }, truth.node(5, 1)]),
    })
    const game = await playTo(await dispute(stage), ({ node }) => node.level === 5n)
    await expect(post(game)).to.be.revertedWithCustomError(world.game, 'DisputeWrongData')
    await late(game)
    await conclude(stage, 'Rejected', { honest: [game.challenger] })
  })

  it('with nodes high up whose steps go round is rejected by a descent', async () => {
    const stage = await stageOf(world, {
      tasks: MANY,
      lie: (truth) =>
        inner(truth, 6, 0, [
          { ...truth.node(5, 0), sum: MOST },
          { ...truth.node(5, 1), sum: truth.totalSteps + 1n },
        ]),
    })
    expect(stage.job.said.totalSteps).to.equal(stage.job.truth.totalSteps)
    const game = await dispute(stage)
    await expect(post(game)).to.be.revertedWithCustomError(world.game, 'DisputeWrongData')
    await track(game, descend(game, descentOf(stage.job.said, { level: 6n }, 5, 1)))
    expect(game.end?.reason).to.equal('WrongSum')
    await conclude(stage, 'Rejected', { honest: [game.challenger] })
  })

  describe('whose leaves are withheld', () => {
    const lie = (truth: Truth) => lieAbout(truth, 38, { exitCode: 9 }, 5n)

    it('is rejected if its provider does not show them in its turn', async () => {
      const stage = await stageOf(world, { tasks: MANY })
      const game = await dispute(stage)
      await late(game)
      await conclude(stage, 'Rejected', { honest: [game.challenger] })
    })

    it('is rejected if its provider shows those of others only', async () => {
      const stage = await stageOf(world, { tasks: MANY, lie })
      const sleeper = await dispute(stage, world.actors.eve)
      await playTo(sleeper, inTrace, { challenger: lieAbout(stage.job.truth, 3, { exitCode: 4 }) })
      const game = await playTo(await dispute(stage), ({ node }) => node.level === 5n)
      expect(game.position.node.index).to.equal(1n)
      await late(game)
      await conclude(stage, 'Rejected', { honest: [game.challenger] })
    })

    it('is descended from its root by who has executed it', async () => {
      const stage = await stageOf(world, { tasks: MANY, lie })
      const game = await play(await dispute(stage))
      expect(game.end?.reason).to.equal('WrongStep')
      const moves = game.gas.moves.map(({ move }) => move)
      expect(moves.slice(0, 6).join(' ')).to.equal(
        'GameOpened NodePosted GameMoved NodePosted GameMoved GameMoved',
      )
      await conclude(stage, 'Rejected', { honest: [game.challenger] })
    })

    it('is confirmed if it is true', async () => {
      const stage = await stageOf(world, { tasks: MANY })
      const game = await play(await dispute(stage), { challenger: lie(stage.job.truth) })
      expect(game.end?.reason).to.equal('RightStep')
      await conclude(stage, 'Settled')
    })
  })

  describe('that is true', () => {
    const overdue = async (stage: Stage, game: Game) => {
      const end = (await challengersEnd(game)) + 1n
      await at(end, async () => track(game, timeOut(game)))
      expect(game.end?.reason).to.equal('ChallengerLate')
      await conclude(stage, 'Settled')
    }

    it('has none of these leaves, whoever says so', async () => {
      const stage = await stageOf(world)
      const { truth } = stage.job
      const game = await dispute(stage)
      await track(game, post(game), 'provider')
      await track(game, descend(game, descentOf(truth, { level: 3n }, 0, TASK)))
      await track(game, post(game), 'provider')
      for (const { lie, index, leafIndex = index } of LEAVES.filter(
        (each) => each.reason !== 'WrongPadding',
      )) {
        const wrong = packRow(lie(truth).rows[TASK] as Row)
        if (wrong === packRow(truth.rows[TASK] as Row) && leafIndex === TASK) continue
        const values = [leafOf(leafIndex, wrong), truth.node(0, TASK).hash]
        await refuses(world, enter(game, { row: wrong, leafIndex }), 'DisputeWrongProof', values)
      }
      await overdue(stage, game)
    })

    it('is no other tree, for no smaller bond, whoever says so', async () => {
      const stage = await stageOf(world)
      const { truth, jobId } = stage.job
      const { eve } = world.actors
      const others = [
        lieAbout(truth, TASK, { exitCode: 1 }),
        { ...truth, totalSteps: truth.totalSteps + 1n },
        { ...truth, root: word('another') },
      ]
      for (const { root, totalSteps } of others) {
        const values = [jobId, commitmentOf(root, totalSteps), commitmentOf(truth.root, truth.totalSteps)]
        await refuses(
          world,
          challenge(world, stage.job, eve, { root, totalSteps }),
          'DisputeWrongResult',
          values,
        )
      }
      const least = await bondOf(world, stage.job)
      for (const bond of [1n, least - 1n]) {
        const values = [jobId, bond, least]
        await refuses(world, challenge(world, stage.job, eve, { bond }), 'DisputeBondTooSmall', values)
      }
      await conclude(stage, 'Settled')
    })

    it('is of no other terms, program or input, whoever says so', async () => {
      const stage = await stageOf(world)
      const { truth, claimTerms, inputs } = stage.job
      const game = await dispute(stage, undefined, {
        descents: [descentOf(truth, { level: 3n }, 0, TASK)],
      })
      await track(game, post(game), 'provider')
      const refused: Record<string, Record<string, unknown>[]> = {
        // with some of them the row could not be, with the others its trace begins elsewhere
        DisputeWrongTerms: [
          { terms: { ...claimTerms, stepLimit: 5n } },
          { terms: { ...claimTerms, maxOutput: 5 } },
          { terms: { ...claimTerms, programId: word('another') } },
          { terms: { ...claimTerms, inputsRoot: word('others') } },
          { terms: { ...claimTerms, sharedInput: word('another') } },
          { terms: { ...claimTerms, maxPages: 1 } },
        ],
        DisputeWrongProgram: [
          { program: { ...PROGRAM_PARTS, entry: PROGRAM_PARTS.entry + 1 } },
          { program: { ...PROGRAM_PARTS, codeRoot: word('another') } },
          { program: { ...PROGRAM_PARTS, memoryRoot: word('another') } },
          { program: { ...PROGRAM_PARTS, maxPages: PROGRAM_PARTS.maxPages + 1 } },
        ],
        DisputeWrongInput: [
          inputs.parts(TASK + 1),
          { ...inputs.parts(TASK), inputLength: 63n },
          { ...inputs.parts(TASK), inputRoot: word('another') },
          { ...inputs.parts(TASK), inputProof: inputs.parts(TASK + 1).inputProof },
        ],
      }
      for (const [error, changes] of Object.entries(refused))
        for (const change of changes)
          await expect(enter(game, change)).to.be.revertedWithCustomError(world.game, error)
      await overdue(stage, game)
    })

    it('has no other nodes and no other sums, whoever says so', async () => {
      const stage = await stageOf(world)
      const { truth } = stage.job
      const game = await dispute(stage)
      await track(game, post(game), 'provider')
      const right = descentOf(truth, { level: 3n }, 0, TASK)
      const wrong: DescentView[] = [
        { ...right, sum: right.sum + 1n },
        { ...right, sum: (right.sum + 2n ** 64n) % 2n ** 128n },
        { ...right, hash: word('another') },
        { ...right, index: TASK + 1 },
        { ...right, index: TASK + 8 },
        { ...right, proof: packNode({ hash: truth.node(0, 3).hash, sum: 0n }) + right.proof.slice(2 + 96) },
        { ...descentOf(truth, { level: 3n }, 0, 6), sum: 1n },
        { ...descentOf(truth, { level: 3n }, 0, 6), hash: word('padding') },
      ]
      for (const to of wrong) {
        await expect(descend(game, to)).to.be.revertedWithCustomError(world.game, 'DisputeWrongProof')
      }
      const padding = descend(game, descentOf(truth, { level: 3n }, 0, 6))
      await refuses(world, padding, 'DisputeNoTask', [6n, 5n])
      await overdue(stage, game)
    })
  })
})
