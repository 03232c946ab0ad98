import {
  claimSync,
  commitResultSync,
  depositSync,
  getAccount,
  getGroup,
  getJob,
  getSeat,
  type MarketClient,
  type Run,
  type RunEvent,
  type RunJob,
  type RunParameters,
  randomSalt,
  revealResultSync,
  stakeSync,
  updateProviderSync,
} from 'assay'
import { expect } from 'chai'
import { keccak256, toHex } from 'viem'
import { loadProgram, programPath } from '../../examples/programs.ts'
import { tinyInputs, tinyOutput } from '../../examples/tiny/mix.ts'
import { type AssayProcess, assay } from '../../scripts/support/processes.ts'
import { until, within } from './support/until.ts'
import { World } from './support/world.ts'

const HONEST = [2, 3]
const LIAR = 4
const THIRD = 5
const ATTESTER = 6
const PRICE = 3_000_000n
const SEAT_PRICE = PRICE / 3n

describe('a run', () => {
  let world: World
  let client: MarketClient
  let program: Uint8Array
  const providers = new Map<number, AssayProcess>()

  before(async () => {
    world = await World.start()
    client = world.client()
    program = await loadProgram('tiny')
    for (const account of HONEST) providers.set(account, await world.provider({ account }))
  })
  after(() => world.stop())

  const balance = async (account = 1) =>
    (await getAccount(client, { address: world.address(account) })).balance
  const start = (parameters: Partial<RunParameters> = {}): Promise<Run> =>
    client.run({
      ...{ program, inputs: tinyInputs(3), tasksPerJob: 3, store: world.store },
      ...{ maxPrice: PRICE, minPrice: PRICE, ramp: 0, run: 30, claimFor: 60 },
      ...parameters,
    })
  const rightOutputs = tinyInputs(3).map((input) => [...tinyOutput(input)])
  const outputsOf = async (run: Run) =>
    (await within('the outputs', run.result(), 60_000)).map(({ bytes }) => [...bytes])
  const statesOf = (run: Run) => run.jobs().map(({ state }) => state)

  describe('of the level attested', () => {
    it('hands its outputs out at once, and is settled as soon as an attester has signed', async () => {
      const before = await balance()
      const attesters = [world.address(7), world.address(ATTESTER)]
      const run = await start({ level: 'attested', attesters, window: 86_400 })
      expect(await outputsOf(run)).to.deep.equal(rightOutputs)
      const [{ jobId }] = run.jobs() as [RunJob]
      expect(await client.getJobStatus({ jobId })).to.equal('submitted')
      const { code, stderr } = await assay([
        ...['job', 'attest', jobId, '--rpc', world.rpcUrl, '--demo-account', String(ATTESTER)],
        ...attesters.flatMap((address) => ['--attester', address]),
      ])
      expect(code, stderr).to.equal(0)
      await within('the settlement', run.settled(), 60_000)
      expect(statesOf(run)).to.deep.equal(['settled'])
      expect(run.cost()).to.equal(PRICE)
      expect(await balance()).to.equal(before - PRICE)
    })
  })

  describe('that is metered', () => {
    it('costs what its base and its steps are worth, and says so before and after it is settled', async () => {
      const before = await balance()
      // Tasks take 46 steps, a quarter of the limit: three quarters of the price for nothing, a quarter of the rest by step.
      const run = await start({ meteredBps: 2_500, stepLimit: 4n * 46n, window: 2 })
      const cost = (PRICE * 3n) / 4n + PRICE / 16n
      await outputsOf(run)
      expect(run.cost()).to.equal(cost)
      await within('the settlement', run.settled(), 60_000)
      expect(run.cost()).to.equal(cost)
      expect(await balance()).to.equal(before - cost)
    })
  })

  describe('of the level replicated', () => {
    const replication = { commitTime: 30, revealTime: 30 }
    let liar: MarketClient

    before(async () => {
      liar = world.client(LIAR)
      const resources = { cores: 4, memoryMiB: 4_096, diskGiB: 1 }
      await depositSync(liar, { amount: 100n * PRICE })
      await updateProviderSync(liar, { resources, concurrency: 9, endpoint: 'http://127.0.0.1:1' })
      await stakeSync(liar, { amount: 50n * PRICE })
    })

    /** Takes the seat that is left, votes for something else, and serves nothing. */
    async function lie(run: Run): Promise<void> {
      const left = await until('the others to be seated', async () => {
        const jobs = await Promise.all(run.jobs().map(({ jobId }) => getJob(client, { jobId })))
        const open = jobs.filter(({ status }) => status === 'open')
        return open.length === 1 ? open[0] : undefined
      })
      const seat = {
        ...{ jobId: left.jobId, totalSteps: 3n, salt: randomSalt() },
        resultRoot: keccak256(toHex('a lie')),
      }
      await claimSync(liar, seat)
      await commitResultSync(liar, seat)
      await until('everybody to have committed', async () => {
        const group = await getGroup(client, await getSeat(client, seat))
        return group.committed === 3 || undefined
      })
      await revealResultSync(liar, seat)
    }

    it('yields what most seats found, pays those, and nothing to who lied', async () => {
      const before = [await balance(), await balance(LIAR)]
      const events: RunEvent[] = []
      const run = await start({ level: 'replicated', replication, onProgress: (event) => events.push(event) })
      expect(run.jobs().map(({ seat }) => seat)).to.deep.equal([0, 1, 2])
      await lie(run)
      expect(await outputsOf(run)).to.deep.equal(rightOutputs)
      await within('the settlement', run.settled(), 60_000)
      const [lost, ...others] = run
        .jobs()
        .toSorted(
          (a, b) =>
            Number(b.provider === liar.account?.address) - Number(a.provider === liar.account?.address),
        )
      expect(lost).to.include({
        ...{ state: 'lost', cost: 0n, provider: world.address(LIAR) },
        reason: `provider ${world.address(LIAR)} revealed another result than the majority`,
      })
      expect(others.map(({ state, cost }) => [state, cost])).to.deep.equal(
        Array(2).fill(['settled', SEAT_PRICE]),
      )
      const sources = (await run.result()).map(({ provider }) => provider)
      for (const source of sources) expect(HONEST.map((account) => world.address(account))).to.include(source)
      expect(run.cost()).to.equal(2n * SEAT_PRICE)
      expect([await balance(), await balance(LIAR)]).to.deep.equal([before[0]! - 2n * SEAT_PRICE, before[1]])
      expect((await getAccount(liar, {})).stake).to.equal(50n * PRICE - SEAT_PRICE)
      const types = events.map(({ type }) => type)
      expect(types.slice(0, 4)).to.deep.equal(['stored', 'posted', 'posted', 'posted'])
      expect(types.toSorted()).to.deep.equal(
        [
          ...['stored', 'verified', 'lost', 'settled', 'settled'],
          ...Array(3).fill('posted'),
          ...Array(3).fill('claimed'),
          ...Array(3).fill('submitted'),
        ].toSorted(),
      )
    })

    describe('as assay run posts it', () => {
      let jobs: RunJob[]

      it('prints the outputs and what they cost', async () => {
        const before = await balance()
        providers.set(THIRD, await world.provider({ account: THIRD }))
        const { code, stdout, stderr } = await assay([
          ...['run', programPath('tiny'), '--text', 'hello', '--max-price', '3', '--min-price', '3'],
          ...['--level', 'replicated', '--seats', '3', '--run', '30', '--reveal-time', '30', '--wait'],
          ...['--rpc', world.rpcUrl, '--store', world.store, '--demo-account', '1', '--json'],
        ])
        expect(code, stderr).to.equal(0)
        const report = JSON.parse(stdout)
        jobs = report.jobs
        expect(report.cost).to.equal(String(PRICE))
        expect(report.outputs[0].hex).to.equal(
          Buffer.from(tinyOutput(new TextEncoder().encode('hello'))).toString('hex'),
        )
        expect(await balance()).to.equal(before - PRICE)
      })

      it('shows the group of a seat', async () => {
        const [{ jobId }] = jobs as [RunJob]
        const { stdout } = await assay(['job', 'show', jobId, '--rpc', world.rpcUrl])
        expect(stdout)
          .to.match(/^Seat: +1 of 3$/m)
          .and.match(/^Phase: +closed$/m)
        const json = await assay(['job', 'show', jobId, '--rpc', world.rpcUrl, '--json'])
        expect(JSON.parse(json.stdout)).to.nested.include({ 'seat.index': 0, 'group.phase': 'closed' })
      })

      it('gives the outputs of any seat to whoever asks, though its own provider is gone', async () => {
        const { jobId } = jobs.find(({ provider }) => provider === world.address(THIRD)) as RunJob
        await world.kill(providers.get(THIRD) as AssayProcess)
        const args = ['--rpc', world.rpcUrl, '--out', world.path('outputs'), '--json']
        const { code, stdout, stderr } = await assay(['job', 'outputs', jobId, ...args])
        expect(code, stderr).to.equal(0)
        expect(JSON.parse(stdout)).to.have.length(1)
      })
    })

    describe('with too few providers', () => {
      it('posts a group that is not filled again, and is refunded', async () => {
        const before = await balance()
        const run = await start({ level: 'replicated', replication, claimFor: 4, attempts: 2 })
        const error = await within(
          'an error',
          run.result().then(
            () => expect.fail('it did not fail'),
            (error: Error) => error,
          ),
          60_000,
        )
        expect(error.name).to.equal('ShardFailedError')
        expect(error.message).to.contain('Attempt 2 of 2: 2 of 3 seats were claimed in time')
        expect(run.jobs().map(({ attempt, state, cost }) => [attempt, state, cost])).to.deep.equal([
          ...Array(3).fill([1, 'lost', 0n]),
          ...Array(3).fill([2, 'lost', 0n]),
        ])
        expect(
          run
            .jobs()
            .map(({ reason }) => reason)
            .toSorted(),
        ).to.deep.equal([
          ...Array(4).fill('its group was not filled'),
          ...Array(2).fill('nobody claimed it in time'),
        ])
        expect(await balance()).to.equal(before)
      })

      it('gives up a group that nobody claims, also when it was aborted, and is refunded', async () => {
        for (const account of HONEST) await world.kill(providers.get(account) as AssayProcess)
        const before = await balance()
        const abort = new AbortController()
        const spares = { ...replication, spares: 3 }
        const run = await start({
          level: 'replicated',
          replication: spares,
          claimFor: 3,
          signal: abort.signal,
        })
        expect(await balance()).to.equal(before - PRICE)
        abort.abort(new RangeError('changed my mind'))
        const error = await run.settled().catch((error: Error) => error)
        expect(error).to.be.instanceOf(RangeError)
        expect(statesOf(run)).to.deep.equal([...Array(3).fill('lost'), ...Array(3).fill('unused')])
        expect(await balance()).to.equal(before)
      })
    })
  })

  describe('and all the others', () => {
    it('agree with the auditor', async () => {
      const { code, stdout, stderr } = await assay(['audit', '--rpc', world.rpcUrl, '--json'])
      expect(code, stderr).to.equal(0)
      expect(JSON.parse(stdout)).to.deep.include({ verdict: 'solvent', findings: [] })
    })
  })
})
