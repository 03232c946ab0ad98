import { getAccount, getTotals } from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { loadProgram } from '../../examples/programs.ts'
import { tinyInputs } from '../../examples/tiny/mix.ts'
import type { LieOptions } from '../../scripts/support/liar.ts'
import { type AssayProcess, assay, startLiar, startWatcher } from '../../scripts/support/processes.ts'
import { FalseChallenge } from './support/falseChallenge.ts'
import { until } from './support/until.ts'
import { World } from './support/world.ts'

const LIAR = 3
const WATCHER = 5
const PROVIDER = 2
const CHALLENGER = 7
const POLL = ['--polling-interval', '150']

describe('a provider that lies, and a watcher', function () {
  this.timeout(120_000)
  let world: World
  let liars = 0
  before(async () => {
    world = await World.start()
  })
  after(() => world.stop())

  async function startLying(lie: LieOptions): Promise<AssayProcess> {
    const liar = await startLiar(world.network, {
      account: LIAR,
      data: world.path(`liar-${liars++}`),
      lie,
      args: POLL,
    })
    world.watch(liar)
    return liar
  }

  async function watch(args: readonly string[] = []): Promise<AssayProcess> {
    const options = {
      account: WATCHER,
      data: world.path('watcher'),
      args: [...POLL, '--deposit', '20', '--slots', '1', ...args],
    }
    const watcher = await startWatcher(world.network, options)
    world.watch(watcher)
    return watcher
  }

  const post = async (tasks: number, window = 90) =>
    world.post({ program: await loadProgram('tiny'), inputs: tinyInputs(tasks), window, attempts: 1 })

  const balances = async () => {
    const of = async (account: number) => getAccount(world.client(), { address: world.address(account) })
    const [liar, watcher, totals] = await Promise.all([of(LIAR), of(WATCHER), getTotals(world.client(), {})])
    return { liar, watcher, totals }
  }

  const ended = (jobId: Hex) => world.job(jobId, 'final')

  it('finds the lie, plays to the disputed instruction, and is paid out of the bond', async () => {
    const liar = await startLying({ task: 2, field: 'output' })
    const watcher = await watch(['--metrics-port', '0'])
    const { url } = await watcher.waitFor('metrics')
    const before = await balances()
    const { jobId } = await post(4)
    expect(await watcher.waitFor('wrong', { jobId })).to.include({ task: 2 })
    await watcher.waitFor('challenged', { jobId })
    await watcher.waitFor('challenge-won', { jobId, timeout: 90_000 })
    const job = await ended(jobId)
    expect(job.status).to.equal('rejected')
    const bond = job.bond as bigint
    const after = await balances()
    expect(after.liar.stake).to.equal(before.liar.stake - bond)
    const gained = after.watcher.balance - before.watcher.balance
    expect(gained > 0n && gained <= bond / 5n, `${gained} of ${bond}`).to.equal(true)
    expect(after.totals.reserve - before.totals.reserve >= bond / 2n).to.equal(true)
    const moves = watcher.log.filter(({ event }) => event === 'moved').map(({ did }) => did)
    expect(moves.at(-1)).to.equal('prove')
    const figures = await (await fetch(String(url))).text()
    expect(figures).to.match(/^assay_watch_games_won_total 1$/m)
    expect(figures).to.match(/^assay_watch_claims_wrong_total 1$/m)
    expect(Number(/^assay_watch_rewards_tokens_total (.*)$/m.exec(figures)?.[1])).to.equal(
      Number(gained) / 1e6,
    )
    await world.kill(liar)
    await world.kill(watcher)
  })

  it('is slashed for silence too, and where the leaves are withheld', async () => {
    const liar = await startLying({ task: 1, field: 'steps' })
    const { jobId } = await post(3, 40)
    await world.job(jobId, 'submitted')
    // Nobody serves the leaves, nobody answers.
    await world.kill(liar)
    const before = await balances()
    const watcher = await watch(['--job', jobId])
    expect(await watcher.waitFor('wrong', { jobId })).to.include({ task: null })
    const won = await watcher.waitFor('challenge-won', { jobId, timeout: 90_000 })
    expect(won['reason']).to.equal('providerLate')
    expect(await watcher.exited).to.equal(0)
    expect((await ended(jobId)).status).to.equal('rejected')
    expect((await balances()).watcher.balance > before.watcher.balance).to.equal(true)
  })

  it('that is killed at every move goes on where it was, and wins', async () => {
    const liar = await startLying({ task: 0, field: 'trap' })
    let watcher = await watch()
    const { jobId } = await post(2)
    const isRejected = async () => (await world.client().getJob({ jobId })).status === 'rejected' || undefined
    for (const event of ['wrong', 'game-open', 'moved']) {
      // What was sent before it was killed may have been enough.
      const happens = () =>
        watcher.log.some((line) => line.event === event && line.jobId === jobId) || undefined
      await until(event, async () => happens() ?? (await isRejected()), { timeout: 60_000 })
      await world.kill(watcher)
      watcher = await watch()
    }
    await until('the claim to be rejected', isRejected, { timeout: 60_000 })
    await until('the watcher to have nothing in bonds', async () => {
      const { stdout } = await assay(['dispute', 'list', '--all', '--json', '--rpc', world.rpcUrl])
      const games = JSON.parse(stdout) as { jobId: Hex; status: string }[]
      const mine = games.filter((game) => game.jobId === jobId)
      expect(mine).to.have.lengthOf(1)
      return mine[0]?.status === 'won' || undefined
    })
    await world.kill(watcher)
    await world.kill(liar)
  })

  it('can be looked at move by move, down to the instruction', async () => {
    const list = await assay(['dispute', 'list', '--all', '--rpc', world.rpcUrl])
    expect(list.stderr).to.equal('')
    expect(list.stdout).to.match(/won: the step leads elsewhere/)
    const { stdout } = await assay(['dispute', 'list', '--all', '--json', '--rpc', world.rpcUrl])
    const [first] = JSON.parse(stdout) as { gameId: Hex; jobId: Hex; status: string; reason: string }[]
    expect(first).to.include({ status: 'won', reason: 'wrongStep' })
    const gameId = first?.gameId as Hex
    const shown = await assay(['dispute', 'show', gameId.slice(0, 12), '--rpc', world.rpcUrl])
    expect(shown.stdout).to.include(gameId)
    expect(shown.stdout).to.match(/provider +post +steps 0–/)
    expect(shown.stdout).to.match(/challenger +pick +step /)
    const explained = await assay(['dispute', 'explain', String(first?.jobId), '--rpc', world.rpcUrl])
    expect(explained.stderr).to.equal('')
    expect(explained.stdout).to.match(/Task 2 is said to end after [\d,]+ steps\./)
    expect(explained.stdout).to.match(/Step [\d,]+, at \d+ in /)
    const [said, is] = ['said', 'is'].map((side) =>
      new RegExp(`State after, ${side}: +(0x\\w{64})`).exec(explained.stdout)?.at(1),
    )
    expect(said).to.match(/^0x/)
    expect(is).to.match(/^0x/).and.not.to.equal(said)
    const unknown = await assay(['dispute', 'show', '0x00000000', '--rpc', world.rpcUrl])
    expect(unknown.code).to.equal(2)
  })
})

describe('a provider whose true result is challenged', function () {
  this.timeout(120_000)
  let world: World
  before(async () => {
    world = await World.start()
    await world.client(CHALLENGER).depositSync({ amount: 10_000_000n })
  })
  after(() => world.stop())

  const provide = () => world.provider({ account: PROVIDER })
  const post = async (window = 30) => {
    const { jobId } = await world.post({
      ...{ program: await loadProgram('tiny'), inputs: tinyInputs(3) },
      ...{ window, attempts: 1 },
    })
    await world.job(jobId, 'submitted')
    return jobId
  }
  const balanceOf = async (account: number) =>
    (await getAccount(world.client(), { address: world.address(account) })).balance

  for (const malice of ['plays', 'sleeps'] as const) {
    it(`wins against a challenger that ${malice}, is paid its bond, and then for the job`, async () => {
      const provider = await provide()
      const jobId = await post(12)
      const before = await balanceOf(PROVIDER)
      const challenge = await FalseChallenge.open(world.client(CHALLENGER), jobId, 1)
      const game = await challenge.play(malice)
      expect(game.status).to.equal('lost')
      const lost = await provider.waitFor('game-lost', { jobId })
      expect(lost['gameId']).to.equal(game.gameId)
      const job = await world.job(jobId, 'settled')
      const { toProvider = 0n } = game.forfeited ?? {}
      const fee = ((job.price as bigint) * BigInt(job.feeBps)) / 10_000n
      expect(toProvider > 0n).to.equal(true)
      expect(await balanceOf(PROVIDER)).to.equal(before + toProvider + (job.price as bigint) - fee)
      await world.kill(provider)
    })
  }

  it('survives being killed at every move, and waits for the end before it stops', async () => {
    let provider = await provide()
    const jobId = await post()
    const challenge = await FalseChallenge.open(world.client(CHALLENGER), jobId, 2)
    const playing = challenge.play('plays')
    for (const event of ['game-open', 'moved']) {
      await provider.waitFor(event, { jobId })
      await world.kill(provider)
      provider = await provide()
    }
    expect((await playing).status).to.equal('lost')
    await provider.waitFor('ready')
    provider.kill('SIGTERM')
    expect(await provider.exited).to.equal(0)
    expect((await world.client().getJob({ jobId })).status).to.equal('settled')
  })
})
