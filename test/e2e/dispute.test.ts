import { getAccount, getTotals } from 'assay'
import { expect } from 'chai'
import type { Hex } from 'viem'
import { loadProgram } from '../../examples/programs.ts'
import { tinyInputs } from '../../examples/tiny/mix.ts'
import type { LieOptions } from '../../scripts/support/liar.ts'
import { type AssayProcess, startLiar, startWatcher } from '../../scripts/support/processes.ts'
import { World } from './support/world.ts'

const LIAR = 3
const WATCHER = 5
const POLL = ['--polling-interval', '150']

describe('a provider that lies, and a watcher', () => {
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

  const post = async (tasks: number) =>
    world.post({ program: await loadProgram('tiny'), inputs: tinyInputs(tasks), window: 120, attempts: 1 })

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
})
