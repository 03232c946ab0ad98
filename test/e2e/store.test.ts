import { setTimeout } from 'node:timers/promises'
import { getJob, type Run } from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { loadProgram } from '../../examples/programs.ts'
import { tinyInputs } from '../../examples/tiny/mix.ts'
import type { AssayProcess, LogLine } from '../../scripts/support/processes.ts'
import { HttpProxy } from './support/proxy.ts'
import { within } from './support/until.ts'
import { type PostedJob, World } from './support/world.ts'

const PROVIDER = 2

/** Stores that do not serve a job, and how a provider tells. */
const reasons = {
  away: 'StoreUnreachableError',
  lying: 'ContentMismatchError',
  empty: 'ContentNotFoundError',
  stalled: 'StoreTimeoutError',
}

describe('a provider whose requesters have bad stores', () => {
  let world: World
  let provider: AssayProcess
  const stores: Record<keyof typeof reasons | 'slow', HttpProxy> = {} as never
  const jobs: Record<keyof typeof stores, PostedJob> = {} as never
  let healthy: PostedJob
  /** Ends what makes the stores bad. */
  const repairs: Record<keyof typeof reasons, () => unknown> = {} as never

  before(async () => {
    world = await World.start()
    for (const name of [...(Object.keys(reasons) as (keyof typeof reasons)[]), 'slow'] as const) {
      const store = await HttpProxy.start(world.store)
      world.onStop(() => store.close())
      stores[name] = store
      jobs[name] = await post(store.url)
    }
    const { away, stalled, lying, empty, slow } = stores
    slow.rule(() => setTimeout(2_500, undefined))
    await away.close()
    repairs.away = () => away.open()
    const hold = stalled.hold(() => true)
    repairs.stalled = () => hold.release()
    repairs.lying = lying.rule(() => ({ status: 200, body: Buffer.from('these are other bytes') }))
    repairs.empty = empty.rule(() => ({ status: 404, body: Buffer.from('{"error":"ContentNotFound"}') }))
    healthy = await post(world.store)
    provider = await world.provider({ account: PROVIDER })
  })
  after(() => world.stop())

  /** Every job has inputs of its own: what was fetched once is kept. */
  let posted = 0
  async function post(store: string): Promise<PostedJob> {
    posted++
    const inputs = tinyInputs(posted + 1)
    return world.post({ program: await loadProgram('tiny'), inputs, store, claimFor: 120 })
  }

  const outputsOf = ({ run }: { run: Run }) => within('the outputs', run.result(), 40_000)
  const reasonOf = (jobId: Hex): Promise<LogLine> => provider.waitFor('not-ready', { jobId })

  it('does the job of a good store meanwhile', async () => {
    expect(await outputsOf(healthy)).to.have.length(healthy.run.jobs()[0]?.tasks ?? 0)
  })

  it('waits for a slow store without a complaint', async () => {
    await outputsOf(jobs.slow)
    expect(
      provider.log.find(({ jobId, event }) => jobId === jobs.slow.jobId && event === 'not-ready'),
    ).to.equal(undefined)
  })

  for (const [name, error] of Object.entries(reasons) as [keyof typeof reasons, string][]) {
    it(`does not claim a job whose store is ${name}, and says why`, async () => {
      const { jobId } = jobs[name]
      const line = await reasonOf(jobId)
      expect(line).to.include({ error, level: 'warn' })
      expect(line.reason).to.contain(stores[name].url)
      expect(await getJob(world.client(), { jobId })).to.include({ status: 'open', provider: null })
      await repairs[name]()
    })
  }

  it('claims each of them once its store is well', async () => {
    for (const job of Object.values(jobs)) {
      await outputsOf(job)
      expect((await world.job(job.jobId)).provider).to.equal(world.address(PROVIDER))
    }
  })

  it('had claimed the job of the good store before the stalled one was given up', () => {
    const at = (event: string, { jobId }: PostedJob) =>
      provider.log.findIndex((line) => line.event === event && line.jobId === jobId)
    expect(at('claimed', healthy)).to.be.within(0, at('not-ready', jobs.stalled))
  })

  it('gave nothing back and did not stop', async () => {
    expect(provider.child.exitCode).to.equal(null)
    const calls = await world.callsOf(PROVIDER, 0n)
    expect(calls.filter(({ functionName }) => functionName === 'release')).to.deep.equal([])
    expect(await world.bondsFree(PROVIDER)).to.include({ locked: 0n })
  })
})
