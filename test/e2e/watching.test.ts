import { mkdirSync } from 'node:fs'
import { getAccount } from 'assay'
import { expect } from 'chai'
import { type Hex, keccak256, numberToHex } from 'viem'
import { loadProgram } from '../../examples/programs.ts'
import { tinyInputs } from '../../examples/tiny/mix.ts'
import { drawSize, drawsFor, drawTasks, drawTurn } from '../../runner/src/core/sample.ts'
import { Journal } from '../../runner/src/provider/journal.ts'
import type { LieOptions } from '../../scripts/support/liar.ts'
import { type AssayProcess, startLiar, startWatcher } from '../../scripts/support/processes.ts'
import { within } from './support/until.ts'
import { World } from './support/world.ts'

const LIAR = 3
const BOTH = 4
const WATCHER = 5
const TASKS = 10_000
const LIE = 7_777
const SHARE = 0.05
const POLL = ['--polling-interval', '150']

describe('watching', function () {
  this.timeout(180_000)
  let world: World
  before(async () => {
    world = await World.start()
  })
  after(() => world.stop())

  async function startLying(lie: LieOptions): Promise<AssayProcess> {
    const data = world.path(`liar-${lie.task}`)
    const liar = await startLiar(world.network, { account: LIAR, data, lie, args: POLL })
    world.watch(liar)
    return liar
  }

  async function post(tasks: number, window: number): Promise<Hex> {
    const program = await loadProgram('tiny')
    const inputs = tinyInputs(tasks)
    const { jobId } = await world.post({ program, inputs, window, run: 60, attempts: 1 })
    await world.job(jobId, 'submitted')
    return jobId
  }

  /** The sample that a watcher with this secret draws of its first claim. */
  function sampleOf(secret: Hex, jobId: Hex, bond: bigint): number[] {
    const draw = drawsFor(secret, jobId)
    drawTurn(bond, draw)
    return drawTasks(TASKS, drawSize(TASKS, SHARE, draw), draw)
  }

  describe('a sample of 10,000 tasks', () => {
    let liar: AssayProcess
    let jobId: Hex
    let secrets: Hex[]
    let bond: bigint
    before(async () => {
      liar = await startLying({ task: LIE, field: 'output' })
      jobId = await post(TASKS, 120)
      bond = (await world.client().getJob({ jobId })).bond as bigint
      secrets = Array.from({ length: 2_000 }, (_, i) => keccak256(numberToHex(i, { size: 32 })))
    })
    after(() => world.kill(liar))

    /** A watcher whose secret is given, watching this job alone, to its end. */
    async function watch(name: string, secret: Hex): Promise<AssayProcess> {
      const data = world.path(name)
      mkdirSync(data)
      const journal = new Journal(data)
      journal.setMeta('watchSecret', secret)
      journal.close()
      const args = [...POLL, '--sample', String(SHARE), '--job', jobId, '--deposit', '10', '--slots', '1']
      const watcher = await startWatcher(world.network, { account: WATCHER, data, args })
      world.watch(watcher)
      expect(await watcher.exited).to.equal(0)
      return watcher
    }

    it('holds the one that is altered with the chance that was asked for', () => {
      const found = secrets.filter((secret) => sampleOf(secret, jobId, bond).includes(LIE)).length
      // four standard deviations of 2,000 draws with a chance of a twentieth
      expect(Math.abs(found / secrets.length - SHARE)).to.be.lessThan(0.0195)
    })

    it('does not find what it does not hold', async () => {
      const without = secrets.find((secret) => !sampleOf(secret, jobId, bond).includes(LIE)) as Hex
      const watcher = await watch('without', without)
      expect(await watcher.waitFor('checked', { jobId })).to.include({ sample: 500, unchecked: 0 })
      expect(await world.client().getJob({ jobId })).to.include({ status: 'submitted' })
    })

    it('finds it where it does, and has the claim rejected', async () => {
      const holding = secrets.find((secret) => sampleOf(secret, jobId, bond).includes(LIE)) as Hex
      const watcher = await watch('holding', holding)
      expect(await watcher.waitFor('wrong', { jobId })).to.include({ task: LIE })
      expect(await watcher.waitFor('challenge-won', { jobId })).to.include({ reason: 'wrongStep' })
      expect(await world.client().getJob({ jobId })).to.include({ status: 'rejected' })
    })
  })

  it('beside providing: one process claims for itself and challenges others', async () => {
    const both = await world.provider({ account: BOTH, args: ['--watch', '--min-price', '5'] })
    await both.waitFor('watching')
    // Its stake comes out of the balance first.
    await world.client(BOTH).depositSync({ amount: 10_000_000n })
    const liar = await startLying({ task: 1, field: 'exitCode' })
    const { balance } = await getAccount(world.client(), { address: world.address(BOTH) })
    const wrong = await post(2, 60)
    await both.waitFor('challenge-won', { jobId: wrong, timeout: 90_000 })
    const after = await getAccount(world.client(), { address: world.address(BOTH) })
    expect(after.balance > balance).to.equal(true)
    await world.kill(liar)
    const own = await world.post({
      ...{ program: await loadProgram('tiny'), inputs: tinyInputs(2), window: 4 },
      ...{ minPrice: 6_000_000n, maxPrice: 6_000_000n },
    })
    await both.waitFor('submitted', own)
    both.kill('SIGTERM')
    expect(await within('both roles to end', both.exited, 60_000)).to.equal(0)
    expect(await world.client().getJob(own)).to.include({ status: 'settled' })
  })
})
