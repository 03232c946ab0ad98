import {
  claimSync,
  commitResultSync,
  contentHash,
  depositSync,
  emptyContent,
  fetchLeaves,
  fetchOutputs,
  getAccount,
  getGroup,
  getProvider,
  getSeat,
  isFinalStatus,
  type MarketClient,
  packInputs,
  postManySync,
  putInputs,
  putProgram,
  randomSalt,
  replicate,
  replicationAbi,
  revealResultSync,
  stakeSync,
  updateProviderSync,
} from 'assay'
import { expect } from 'chai'
import { type Hex, keccak256, toHex } from 'viem'
import { loadProgram } from '../../examples/programs.ts'
import { tinyInputs, tinyOutput } from '../../examples/tiny/mix.ts'
import type { AssayProcess } from '../../scripts/support/processes.ts'
import { assay } from '../../scripts/support/processes.ts'
import { HttpProxy, sends } from './support/proxy.ts'
import { until, within } from './support/until.ts'
import { freePort, selector, World } from './support/world.ts'

const PROVIDERS = [2, 3, 4]
const [RESTARTED = 2] = PROVIDERS
const SEATS = PROVIDERS.length
const PRICE = 1_000_000n
const BASE_BPS = 1_000

describe('a replicated group', () => {
  let world: World
  let proxy: HttpProxy
  let port: number
  const providers = new Map<number, AssayProcess>()
  const inputs = tinyInputs(3)

  before(async () => {
    world = await World.start()
    proxy = await HttpProxy.start(world.rpcUrl)
    world.onStop(() => proxy.close())
    port = await freePort()
    await Promise.all(PROVIDERS.map(start))
  })
  after(() => world.stop())

  async function start(account: number): Promise<void> {
    const behind = account === RESTARTED ? { rpc: proxy.url, port } : {}
    providers.set(account, await world.provider({ account, ...behind }))
  }

  const restarted = () => providers.get(RESTARTED) as AssayProcess

  /** Posts one seat for each provider, but for the last `missing`. */
  async function postGroup({ claimFor = 60, spares = 0, missing = 0 } = {}): Promise<Hex[]> {
    const client = world.client()
    const { timestamp } = await client.getBlock()
    const [programId, inputsRoot] = await Promise.all([
      putProgram({ url: world.store, bytes: await loadProgram('tiny') }),
      putInputs({ url: world.store, bytes: packInputs(inputs) }),
    ])
    const terms = {
      ...{ programId, inputsRoot, sharedInput: contentHash(emptyContent), dataUri: world.store },
      ...{ maxPrice: PRICE, minPrice: PRICE, ramp: 0, run: 30, window: 2, minReputation: 0n },
      floor: { cores: 1, memoryMiB: 256, diskGiB: 0 },
      tasks: inputs.length,
      claimBy: Number(timestamp) + claimFor,
      ...{ stepLimit: 1n << 30n, maxOutput: 1 << 20, maxPages: 64 },
    }
    const replication = {
      ...{ seats: SEATS, spares, drawBits: 0, baseBps: BASE_BPS },
      ...{ commitTime: 60, revealTime: 60, drawTime: 60 },
    }
    const group = replicate(terms, replication).slice(0, SEATS + spares - missing)
    const { outcomes } = await postManySync(client, { terms: group })
    return outcomes.map(({ jobId }) => jobId as Hex)
  }

  async function groupOf(jobIds: readonly Hex[]) {
    const client = world.client()
    const [jobId = '0x'] = jobIds
    return getGroup(client, await getSeat(client, { jobId }))
  }

  async function outputsOf(jobId: Hex): Promise<number[][]> {
    const client = world.client()
    const { replication: address } = await getSeat(client, { jobId })
    const [event] = await client.getContractEvents({
      ...{ address, abi: replicationAbi, eventName: 'ResultRevealed', args: { jobId } },
      ...{ fromBlock: 0n, strict: true },
    })
    if (event === undefined) throw new RangeError('nothing was revealed')
    const { resultRoot, totalSteps, provider } = event.args
    const { endpoint } = await getProvider(client, { address: provider })
    const tasks = inputs.length
    const leaves = await fetchLeaves({ endpoint, jobId, resultRoot, totalSteps, tasks })
    const outputs: number[][] = []
    for await (const { bytes } of fetchOutputs({ endpoint, jobId, leaves })) outputs.push([...bytes])
    return outputs
  }

  /** What a provider serves of each job. */
  const servedBy = (jobIds: readonly Hex[], account: number) =>
    Promise.all(
      jobIds.map(async (jobId) => {
        const { endpoint } = await getProvider(world.client(), { address: world.address(account) })
        return (await fetch(`${endpoint}/jobs/${jobId}/leaves`)).status
      }),
    )

  it('is decided by all three, one of which was killed after it had committed, and each is paid once', async () => {
    const hold = proxy.hold(sends(selector('reveal')))
    const jobIds = await postGroup()
    await within('the reveal to be sent', hold.caught, 60_000)
    await world.kill(restarted())
    hold.release('refuse')
    const group = await until('the others to have revealed', async () => {
      const now = await groupOf(jobIds)
      return now.revealed === SEATS - 1 ? now : undefined
    })
    expect(group).to.include({ phase: 'first', claimed: SEATS, committed: SEATS })
    // Its results are on the disks of all, and on nobody's server.
    const running = PROVIDERS.filter((account) => account !== RESTARTED)
    for (const account of running) expect(await servedBy(jobIds, account)).to.deep.equal([404, 404, 404])
    await start(RESTARTED)
    await restarted().waitFor('revealed')
    const jobs = await Promise.all(jobIds.map((jobId) => world.job(jobId)))
    expect(new Set(jobs.map(({ provider }) => provider))).to.deep.equal(
      new Set(PROVIDERS.map((account) => world.address(account))),
    )
    for (const job of jobs) {
      expect(job).to.include({ status: 'settled', price: PRICE })
      await until('its provider serves it', async () => {
        const outputs = await outputsOf(job.jobId).catch(() => undefined)
        return outputs
      }).then((outputs) => expect(outputs).to.deep.equal(inputs.map((input) => [...tinyOutput(input)])))
    }
    expect(restarted().log.filter(({ event }) => event === 'executed')).to.deep.equal([])
    for (const account of PROVIDERS) {
      expect(await world.bondsFree(account)).to.deep.equal({ stake: 100_000_000n, locked: 0n })
    }
  })

  it('that is not filled is given up, and costs nobody anything', async () => {
    const [stopped = 4] = PROVIDERS.slice(-1)
    await world.kill(providers.get(stopped) as AssayProcess)
    const seated = PROVIDERS.filter((account) => account !== stopped)
    const balances = () =>
      Promise.all(
        seated.map(async (account) => {
          const { balance } = await getAccount(world.client(), { address: world.address(account) })
          return balance
        }),
      )
    const before = await balances()
    const jobIds = await postGroup({ claimFor: 8 })
    const statuses = await until('every seat to be over', async () => {
      const all = await Promise.all(jobIds.map((jobId) => world.client().getJobStatus({ jobId })))
      return all.every((status) => status === 'released' || status === 'cancelled') ? all : undefined
    })
    expect(statuses.toSorted()).to.deep.equal(['cancelled', 'released', 'released'])
    expect(await balances()).to.deep.equal(before)
    for (const account of seated) {
      expect(await world.bondsFree(account)).to.deep.equal({ stake: 100_000_000n, locked: 0n })
    }
    await start(stopped)
  })

  it('in which no two agree is decided by spare seats, which other providers are drawn for', async () => {
    const [honest = 3, other = 4] = PROVIDERS.slice(1)
    const drawn = [RESTARTED, other]
    await Promise.all(drawn.map((account) => world.kill(providers.get(account) as AssayProcess)))
    const [spareLiar, ...liars] = (await Promise.all([7, 5, 6].map(enlist))) as [
      MarketClient,
      ...MarketClient[],
    ]
    const jobIds = await postGroup({ spares: 3 })
    const seats = jobIds.slice(0, SEATS)
    const statuses = () => Promise.all(seats.map((jobId) => world.client().getJobStatus({ jobId })))
    const first = await until('the honest one to take a seat', async () => {
      const index = (await statuses()).indexOf('seated')
      return index < 0 ? undefined : seats[index]
    })
    const others = seats.filter((jobId) => jobId !== first)
    const lies = liars.map((client, i) => ({
      client,
      seat: {
        ...{ jobId: others[i] as Hex, totalSteps: 3n, salt: randomSalt() },
        resultRoot: keccak256(toHex(`a lie of liar ${i}`)),
      },
    }))
    await Promise.all(lies.map(({ client, seat }) => claimSync(client, seat)))
    await Promise.all(lies.map(({ client, seat }) => commitResultSync(client, seat)))
    await until(
      'everybody to have committed',
      async () => (await groupOf(jobIds)).committed === SEATS || undefined,
    )
    await Promise.all(lies.map(({ client, seat }) => revealResultSync(client, seat)))
    await until('the spares to be drawn', async () => {
      const { phase, seed } = await groupOf(jobIds)
      return (phase === 'escalated' && seed !== null) || undefined
    })
    const lie = {
      ...{ jobId: jobIds[SEATS] as Hex, totalSteps: 3n, salt: randomSalt() },
      resultRoot: keccak256(toHex('a lie about the spares')),
    }
    await claimSync(spareLiar, lie)
    await commitResultSync(spareLiar, lie)
    await Promise.all(drawn.map(start))
    await until(
      'the spares to have committed',
      async () => (await groupOf(jobIds)).committed === 3 || undefined,
    )
    await revealResultSync(spareLiar, lie)
    const ends = await until('every seat to be over', async () => {
      const jobs = await Promise.all(jobIds.map((jobId) => world.client().getJob({ jobId })))
      return jobs.every(({ status }) => isFinalStatus(status)) ? jobs : undefined
    })
    const endOf = (account: number) =>
      ends.find(({ provider }) => provider === world.address(account))?.status
    expect([honest, ...drawn].map(endOf)).to.deep.equal(['settled', 'settled', 'settled'])
    expect([5, 6, 7].map(endOf)).to.deep.equal(['rejected', 'rejected', 'rejected'])
  })

  /** An account that may claim, and does what it is told. */
  async function enlist(account: number): Promise<MarketClient> {
    const client = world.client(account)
    const resources = { cores: 4, memoryMiB: 4_096, diskGiB: 1 }
    await depositSync(client, { amount: 10n * PRICE })
    await updateProviderSync(client, { resources, concurrency: 9, endpoint: 'http://127.0.0.1:1' })
    await stakeSync(client, { amount: 10n * PRICE })
    return client
  }

  it('is moved on by hand where no provider does it', async () => {
    for (const provider of providers.values()) await world.kill(provider)
    const move = (name: string, jobId: Hex | undefined) =>
      assay(['job', name, `${jobId}`, '--rpc', world.rpcUrl, '--demo-account', '1', '--json'])
    const closed = { status: 'cancelled', 'group.phase': 'closed' }

    const [seat] = await postGroup({ missing: 1 })
    const taken = await move('cancel-group', seat)
    expect(taken.code, taken.stderr).to.equal(0)
    expect(JSON.parse(taken.stdout)).to.nested.include(closed)

    const [complete] = await postGroup({ claimFor: 10 })
    const early = await move('resolve', complete)
    expect(early.code).to.equal(1)
    expect(early.stderr).to.contain('ReplicationTooEarlyError')
    const resolved = await until('claiming to be over', async () => {
      const { code, stdout } = await move('resolve', complete)
      return code === 0 ? JSON.parse(stdout) : undefined
    })
    expect(resolved).to.nested.include(closed)
  })

  it('agrees with its auditor', async () => {
    const { code, stdout, stderr } = await assay(['audit', '--rpc', world.rpcUrl, '--json'])
    expect(code, stderr).to.equal(0)
    const report = JSON.parse(stdout)
    expect(report.verdict).to.equal('solvent')
    expect(report.findings).to.deep.equal([])
  })
})
