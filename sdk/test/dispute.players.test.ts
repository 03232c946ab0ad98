import { expect } from 'chai'
import { type Address, type Hex, toHex } from 'viem'
import { challengerMoves, firstMoves } from '../src/dispute/challenger.ts'
import { lastThird, turnsOf } from '../src/dispute/clock.ts'
import { nodeIdOf } from '../src/dispute/ids.ts'
import { type ClaimKnowledge, Player } from '../src/dispute/knowledge.ts'
import { providerMove } from '../src/dispute/provider.ts'
import { postingOf, resultDisputeNode, resultNodes, rootNode } from '../src/dispute/results.ts'
import { type DisputePosition, nothingPosted } from '../src/dispute/types.ts'
import type { TaskResult } from '../src/index.ts'
import { nothing } from '../src/vm/state.ts'
import { playGame, rules } from './helpers/disputeReferee.ts'
import { disputedJob, fileOf, lie, otherExecution, otherOutput, rootOf } from './helpers/disputes.ts'
import { vmSeed } from './helpers/vmSeed.ts'
import { Random } from './helpers/vmStates.ts'

const tasks = 40
const task = 17
const market: Address = '0x5FbDB2315678afecb367f032d93F642f64180aa3'

describe(`players of a dispute, VM_SEED=${vmSeed}`, () => {
  const job = disputedJob(tasks)
  const steps = job.results[task]!.steps
  const random = new Random(vmSeed)

  /** A game about what a provider claims. */
  const dispute = (provider: ClaimKnowledge, challenger: ClaimKnowledge = job.truth) =>
    playGame({ provider, challenger, ...rootOf(provider.rows), tasks })
  const published = (provider: ClaimKnowledge, known: ClaimKnowledge = job.truth): ClaimKnowledge => ({
    ...known,
    published: fileOf(provider.rows),
  })

  describe('given a claim that is false', () => {
    const changes: Record<string, Partial<TaskResult>> = {
      'another output': { outputRoot: otherOutput },
      'another length': { outputLength: 7 },
      'another exit code': { exitCode: 1 },
      'a trap': { ...nothing, status: 'trapped' },
      'out of steps': { ...nothing, status: 'outOfSteps', steps: 5_000n },
      'a step more': { steps: steps + 1n },
      'a step less': { steps: steps - 1n },
      'a run cut short': { steps: steps / 2n },
      'one step': { steps: 1n },
    }
    for (const [name, change] of Object.entries(changes))
      for (const [way, known] of [
        ['down the tree', (_: ClaimKnowledge) => job.truth],
        ['straight to the published row', published],
      ] as const)
        it(`should win against ${name}, ${way}`, async () => {
          const last = (change.steps ?? steps) - 1n
          const { knowledge } = lie(job, task, change, last < steps ? last : steps - 1n)
          const { end, moves, node } = await dispute(knowledge, known(knowledge))
          expect(end).to.equal('wrongStep')
          expect(node.index).to.equal(task)
          if (way !== 'down the tree') expect(moves.slice(0, 2)).to.deep.equal(['descend', 'enter'])
        })

    const others = {
      input: { input: job.tasks[task + 1]!.input },
      'shared input': { shared: Uint8Array.of(9) },
      program: { program: { ...job.tasks[task]!.program, entry: 1 } },
      'step limit': { stepLimit: 100n },
    }
    for (const [name, change] of Object.entries(others))
      it(`should win against the execution of another ${name}`, async () => {
        const { end, node } = await dispute(otherExecution(job, task, change))
        expect(end).to.be.oneOf(['wrongStep', 'wrongRow'])
        if (end === 'wrongStep') expect(node.from, 'the first state is the chain’s').to.equal(0n)
      })

    it('should find the step at which a trace leaves the truth: first, last, powers of 32, any', async () => {
      const long = disputedJob(1, () => 250)
      const { steps: all } = long.results[0]!
      const powers = [0n, 1n, 31n, 32n, 33n, 1_023n, 1_024n, 1_025n, all - 2n, all - 1n]
      const some = Array.from({ length: 200 }, () => BigInt(random.below(Number(all))))
      for (const divergence of [...powers, ...some]) {
        const { knowledge } = lie(long, 0, { outputRoot: otherOutput }, divergence)
        const challenger = { ...long.truth, published: fileOf(knowledge.rows) }
        const { end, node } = await playGame({
          provider: knowledge,
          challenger,
          ...rootOf(knowledge.rows),
          tasks: 1,
        })
        expect(end).to.equal('wrongStep')
        expect(node.from, `divergence at ${divergence} of ${all}`).to.equal(divergence)
      }
    })

    it('should win at once against rows that no task can have', async () => {
      const malformed: [name: string, change: (row: Uint8Array) => void][] = [
        ['status 0', (row) => row.set([0], 0)],
        ['status 4', (row) => row.set([4], 0)],
        ['a trap with an exit code', (row) => row.set([2, 0, 0, 0, 1], 0)],
        ['no steps', (row) => row.fill(0, 45)],
        ['more steps than allowed', (row) => row.set([1], 49)],
        ['out of steps before the limit', (row) => row.set([3], 0)],
        ['an output too long', (row) => row.set([1], 41)],
        ['an output longer than any', (row) => row.set([1], 37)],
      ]
      for (const [name, change] of malformed) {
        const row = Uint8Array.from(job.truth.rows.get(task)!)
        change(row)
        const provider = { ...job.truth, rows: new Map(job.truth.rows).set(task, row) }
        for (const known of [job.truth, published(provider)]) {
          const { end, moves } = await dispute(provider, known)
          expect(end, name).to.equal('wrongRow')
          expect(moves, name).not.to.include('pick')
        }
      }
    })

    it('should win at once against a sum that does not add up, where it can show it', async () => {
      const { resultRoot, totalSteps } = rootOf(job.truth.rows)
      const claim = { resultRoot, totalSteps: totalSteps + 1n, tasks }
      for (const challenger of [
        job.truth,
        { ...job.truth, rows: new Map(), published: fileOf(job.truth.rows) },
      ]) {
        const { end, moves } = await playGame({ provider: job.truth, challenger, ...claim })
        expect(end).to.equal('wrongSum')
        expect(moves).to.deep.equal(['descend'])
      }
      const single = disputedJob(1)
      const root = rootOf(single.truth.rows)
      const challenger = { ...single.truth, published: fileOf(single.truth.rows) }
      const of1 = { ...root, totalSteps: root.totalSteps + 1n, tasks: 1 }
      expect((await playGame({ provider: single.truth, challenger, ...of1 })).end).to.equal('wrongRow')
    })

    it('should win by time against a provider that has nothing to show', async () => {
      const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 5n)
      const claim = { ...rootOf(knowledge.rows), tasks }
      expect((await playGame({ challenger: job.truth, ...claim })).moves).to.deep.equal(['timeOut'])
      const { end, moves } = await playGame({ challenger: published(knowledge), ...claim })
      expect([end, ...moves]).to.deep.equal(['providerLate', 'descend', 'enter', 'timeOut'])
    })

    it('should go to the first of several lies that it knows of', async () => {
      const first = lie(job, 21, { outputRoot: otherOutput }, 50n).knowledge
      const rows = new Map(first.rows).set(30, job.truth.rows.get(31)!)
      const provider = { ...first, rows }
      expect((await dispute(provider)).node.index).to.equal(21)
      const sample = new Map([30, 35].map((one) => [one, job.truth.rows.get(one)!] as const))
      const watcher = published(provider, { ...job.truth, rows: sample })
      expect((await dispute(provider, watcher)).node.index).to.equal(30)
    })

    it('should come by postings to a task of its sample, where nothing is published', async () => {
      const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 50n)
      const sample = new Map([[task, job.truth.rows.get(task)!]])
      const { end, moves } = await dispute(knowledge, { ...job.truth, rows: sample })
      expect(end).to.equal('wrongStep')
      expect(moves.slice(0, 5)).to.deep.equal(['post', 'descend', 'post', 'descend', 'enter'])
    })

    it('should not believe rows that are published but not of the claim', async () => {
      const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 50n)
      for (const file of [fileOf(job.truth.rows), new Uint8Array(53), new Uint8Array(53 * tasks)]) {
        const { end } = await dispute(knowledge, { ...job.truth, published: file })
        expect(end).to.equal('wrongStep')
      }
    })
  })

  it('should begin with the row of a single task whose sum is wrong, executed or published', () => {
    const single = disputedJob(1)
    const { resultRoot, totalSteps } = rootOf(single.truth.rows)
    const root = rootNode({ hash: resultRoot, steps: totalSteps + 1n }, 1)
    const row = single.truth.rows.get(0)!
    for (const known of [
      { rows: single.truth.rows },
      { rows: new Map<number, Uint8Array>(), published: row },
      { rows: single.truth.rows, published: new Uint8Array(53) },
    ]) {
      const first = firstMoves(1, root, new Player({ ...single.truth, ...known }))
      if (typeof first === 'string') expect.fail(first)
      expect(first.entries[0]!.row).to.equal(toHex(row))
    }
  })

  describe('given a claim that is true', () => {
    it('should find nothing to dispute', async () => {
      expect((await dispute(job.truth, published(job.truth))).end).to.deep.equal({ idle: 'agrees' })
      expect((await dispute(job.truth)).end).to.deep.equal({ idle: 'agrees' })
    })

    it('should leave alone what it has not executed', async () => {
      const { end } = await dispute(job.truth, { ...job.truth, rows: new Map() })
      expect(end).to.deep.equal({ idle: 'notExecuted' })
    })

    it('should always have an answer to a challenger who made up an execution', async () => {
      for (const divergence of [0n, 1n, steps / 2n, steps - 1n]) {
        const { knowledge } = lie(job, task, { outputRoot: otherOutput }, divergence)
        const { end, moves, node } = await dispute(job.truth, knowledge)
        // it comes to a step that is right, and has nothing to prove
        expect(end).to.deep.equal({ idle: 'differs' })
        expect(node.to - node.from).to.equal(1n)
        expect(moves.filter((name) => name === 'post').length).to.be.at.most(2 + 3)
      }
    })
  })

  it('should dispute a program that may have more memory than its job says', async () => {
    const { knowledge } = lie(job, task, { outputRoot: otherOutput }, 5n)
    const challenger = published(knowledge, { ...job.truth, terms: { ...job.truth.terms, maxPages: 1 } })
    expect((await dispute(knowledge, challenger)).end).to.equal('wrongStep')
  })

  describe('a provider', () => {
    const { top } = resultNodes(fileOf(job.truth.rows))
    const claim = { market, jobId: otherOutput, provider: market, tasks, termsHash: otherOutput }
    const position: DisputePosition = {
      claim,
      node: resultDisputeNode(top),
      arrivedAt: 1_000,
      stretch: 3,
      moves: 1,
    }
    const situation = { gameId: otherOutput, position, postings: new Map(), path: [], rules, now: 1_030 }
    const postedAt = (time: number) => ({
      ...situation,
      postings: new Map([
        [
          nodeIdOf({ market, jobId: otherOutput, node: position.node }),
          { ...nothingPosted, postedAt: time, data: '0x' as Hex },
        ],
      ]),
    })

    it('should post until the last second of its turn, and no longer', async () => {
      const { turns, moves } = await providerMove(situation, new Player(job.truth))
      expect(turns).to.deep.equal({ turn: 'provider', since: 1_000, deadline: 1_030 })
      expect(moves[0]).to.include({ name: 'post', data: postingOf(top, tasks, job.truth.rows) })
      const { idle } = await providerMove({ ...situation, now: 1_031 }, new Player(job.truth))
      expect(idle).to.equal('late')
    })

    it('should send what is written down, without computing anything', async () => {
      const { moves } = await providerMove(situation, new Player({ ...job.truth, rows: new Map() }), '0x1234')
      expect(moves[0]).to.include({ name: 'post', data: '0x1234' })
    })

    it('should not post what does not make the node', async () => {
      const rows = new Map(job.truth.rows).set(3, job.truth.rows.get(4)!)
      expect((await providerMove(situation, new Player({ ...job.truth, rows }))).idle).to.equal('differs')
      expect((await providerMove(situation, new Player({ ...job.truth, rows: new Map() }))).idle).to.equal(
        'notExecuted',
      )
    })

    it('should wait for the challenger, and end its game when it is late', async () => {
      const posted = postedAt(1_020)
      const early = await providerMove({ ...posted, now: 1_030 }, new Player(job.truth))
      expect(early).to.deep.include({
        idle: 'waiting',
        turns: { turn: 'challenger', since: 1_020, deadline: 1_030 },
      })
      const late = await providerMove({ ...posted, now: 1_031 }, new Player(job.truth))
      expect(late.moves).to.deep.equal([{ name: 'timeOut' }])
    })

    it('should know that a posting after its deadline is none in this game', async () => {
      const { idle } = await providerMove({ ...postedAt(1_031), now: 1_031 }, new Player(job.truth))
      expect(idle).to.equal('late')
      const { moves } = await challengerMoves({ ...postedAt(1_031), now: 1_031 }, new Player(job.truth))
      expect(moves).to.deep.equal([{ move: { name: 'timeOut' } }])
    })

    it('should have a turn as long as the task allows, each time anew', () => {
      const node = { ...position.node, isTrace: true, steps: 10n << 21n, from: 5n, to: 100n }
      const at = (changes: object) =>
        turnsOf({ ...position, node: { ...node, ...changes } }, undefined, rules)
      expect(at({})).to.deep.equal({ turn: 'provider', since: 1_000, deadline: 1_060 })
      expect(at({ to: 6n })).to.deep.equal({ turn: 'challenger', since: 1_000, deadline: 1_020 })
      expect(lastThird(at({}))).to.equal(1_040)
    })
  })
})
