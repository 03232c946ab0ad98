import { getAccount } from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { loadProgram, programPath } from '../../examples/programs.ts'
import { tinyInputs, tinyOutput } from '../../examples/tiny/mix.ts'
import { type AssayProcess, assay, AssayProcess as Command } from '../../scripts/support/processes.ts'
import { HttpProxy, sends } from './support/proxy.ts'
import { until, within } from './support/until.ts'
import { selector, World } from './support/world.ts'

const CHEAP = 2
const DEAR = 3

describe('a market with two providers', () => {
  let world: World
  const proxies = new Map<number, HttpProxy>()
  const providers = new Map<number, AssayProcess>()

  before(async () => {
    world = await World.start()
    const args = new Map([
      [CHEAP, ['--max-tasks', '4']],
      [DEAR, ['--min-price', '2']],
    ])
    await Promise.all(
      [CHEAP, DEAR].map(async (account) => {
        const proxy = await HttpProxy.start(world.rpcUrl)
        world.onStop(() => proxy.close())
        proxies.set(account, proxy)
        const provider = await world.provider({ account, rpc: proxy.url, args: args.get(account) ?? [] })
        providers.set(account, provider)
      }),
    )
  })
  after(() => world.stop())

  const proxyOf = (account: number) => proxies.get(account) as HttpProxy
  const providerOf = (account: number) => providers.get(account) as AssayProcess
  const accountOf = (account: number) => getAccount(world.client(), { address: world.address(account) })

  it('computes several jobs, each by a provider that it suits, with verified outputs, and pays for all of them', async () => {
    const program = await loadProgram('tiny')
    const common = { program, store: world.store, ramp: 0, run: 30, window: 2 }
    const client = world.client()
    const before = await Promise.all([CHEAP, DEAR].map(accountOf))
    const small = tinyInputs(12)
    const large = tinyInputs(15)
    const [cheap, dear] = await Promise.all([
      // Three jobs of four tasks for one token each, three of five tasks for three.
      client.run({ ...common, inputs: small, tasksPerJob: 4, maxPrice: 3_000_000n, minPrice: 3_000_000n }),
      client.run({
        ...common,
        inputs: large,
        tasksPerJob: 5,
        maxPrice: 9_000_000n,
        minPrice: 9_000_000n,
        reduce: (outputs) => outputs.map(({ bytes }) => bytes[0] ?? 0).reduce((sum, byte) => sum + byte, 0),
      }),
    ])
    for (const [run, inputs, account] of [
      [cheap, small, CHEAP],
      [dear, large, DEAR],
    ] as const) {
      const outputs = await within('the outputs', run.result())
      expect(outputs.map(({ index }) => index)).to.deep.equal([...inputs.keys()])
      expect(outputs.map(({ bytes }) => [...bytes])).to.deep.equal(
        inputs.map((input) => [...tinyOutput(input)]),
      )
      expect(new Set(outputs.map(({ provider }) => provider))).to.deep.equal(
        new Set([world.address(account)]),
      )
      const jobs = await within('the settlement', run.settled())
      expect(jobs.map(({ state, attempt }) => [state, attempt])).to.deep.equal(Array(3).fill(['settled', 1]))
    }
    const first = large.map((input) => tinyOutput(input)[0] ?? 0)
    expect(await dear.reduced()).to.equal(first.reduce((sum, byte) => sum + byte, 0))
    const after = await Promise.all([CHEAP, DEAR].map(accountOf))
    // One per cent is the market's fee.
    expect(after.map(({ balance }, i) => balance - (before[i]?.balance ?? 0n))).to.deep.equal([
      2_970_000n,
      8_910_000n,
    ])
    expect(after.map(({ locked }) => locked)).to.deep.equal([0n, 0n])
  })

  it('gives a job that both claim in the same block to one, and the other goes on', async () => {
    const holds = [CHEAP, DEAR].map((account) => proxyOf(account).hold(sends(selector('claim'))))
    const program = await loadProgram('tiny')
    const wanted = await world.post({ program, inputs: tinyInputs(2), maxPrice: 3_000_000n })
    await within('both claims', Promise.all(holds.map(({ caught }) => caught)))
    await world.pauseMining()
    for (const { release } of holds) release()
    await until('both claims to wait', async () => {
      const counts = await Promise.all([CHEAP, DEAR].map((account) => world.transactionCounts(account)))
      return counts.every(({ pending }) => pending === 1) || undefined
    })
    await world.resumeMining()

    const winner = (await world.job(wanted.jobId, 'claimed')).provider
    const [first, second] =
      winner === world.address(CHEAP) ? ([CHEAP, DEAR] as const) : ([DEAR, CHEAP] as const)
    const line = await providerOf(second).waitFor('lost', wanted)
    expect(line.provider).to.equal(winner)

    const held = proxyOf(first).hold(sends(selector('claim')))
    const next = await world.post({ program, inputs: tinyInputs(3), maxPrice: 3_000_000n })
    expect((await world.job(next.jobId, 'submitted')).provider).to.equal(world.address(second))
    held.release('refuse')
    for (const { run, jobId } of [wanted, next]) {
      await within('the outputs', run.result())
      expect((await world.job(jobId)).status).to.equal('settled')
    }
    for (const account of [CHEAP, DEAR]) {
      expect(await world.bondsFree(account)).to.deep.equal({ stake: 100_000_000n, locked: 0n })
    }
  })

  it('pays a provider whose requester is gone', async () => {
    const { balance } = await accountOf(CHEAP)
    const requester = new Command([
      ...[
        'run',
        programPath('tiny'),
        '--text',
        'good',
        '--text',
        'bye',
        '--tasks-per-job',
        '2',
        '--max-price',
        '1',
      ],
      ...['--min-price', '1', '--window', '2', '--run', '30', '--rpc', world.rpcUrl, '--store', world.store],
      ...['--demo-account', '5'],
    ])
    world.watch(requester)
    const jobId = await until(
      'the job to be posted',
      () => requester.stderr.match(/^Posted (0x\w{64})/m)?.[1] as Hex,
    )
    await world.kill(requester)
    const job = await world.job(jobId)
    expect(job).to.include({ status: 'settled', provider: world.address(CHEAP), requester: world.address(5) })
    expect((await accountOf(CHEAP)).balance - balance).to.equal(990_000n)
  })

  it('agrees with its auditor', async () => {
    const { code, stdout, stderr } = await assay(['audit', '--rpc', world.rpcUrl, '--json'])
    expect(code, stderr).to.equal(0)
    const report = JSON.parse(stdout)
    expect(report.verdict).to.equal('solvent')
    expect(report.findings).to.deep.equal([])
  })
})
