import type { Game } from 'assay/dispute'
import { expect } from 'chai'
import { renderMetrics, serveMetrics } from '../src/watcher/metrics.ts'

const game = (status: Game['status'], bond: bigint, paid?: bigint): Game =>
  ({ status, bond, ...(paid !== undefined && { paid }) }) as Game

const metrics = {
  ...{ claims: 7, sampled: 40, checked: 38, wrong: 4 },
  gas: 1_500_000_000_000_000n,
  games: [
    game('open', 100_000n),
    game('collectable', 200_000n),
    game('won', 300_000n, 1_000_000n),
    game('collected', 50_000n, 60_000n),
    game('lost', 70_000n),
  ],
}

describe('figures of a watcher', () => {
  it('count what was done, what stands in bonds, and what games brought and cost', () => {
    const values = Object.fromEntries(
      renderMetrics(metrics)
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => line.split(' ')),
    )
    expect(values).to.deep.equal({
      assay_watch_claims_total: '7',
      assay_watch_tasks_sampled_total: '40',
      assay_watch_tasks_checked_total: '38',
      assay_watch_claims_wrong_total: '4',
      assay_watch_games_open: '2',
      assay_watch_games_won_total: '2',
      assay_watch_games_lost_total: '1',
      assay_watch_bonds_tokens: '0.3',
      assay_watch_rewards_tokens_total: '0.71',
      assay_watch_lost_tokens_total: '0.07',
      assay_watch_gas_coins_total: '0.0015',
    })
  })

  it('are served with their help, and nothing else is', async () => {
    const server = await serveMetrics({ host: '127.0.0.1', port: 0, render: () => renderMetrics(metrics) })
    const get = async (path: string) => {
      const response = await fetch(`${server.url}${path}`)
      return { status: response.status, text: await response.text() }
    }
    const { text } = await get('/metrics')
    expect(text).to.include('# TYPE assay_watch_games_open gauge\nassay_watch_games_open 2\n')
    expect(await get('/healthz')).to.deep.equal({ status: 200, text: 'ok\n' })
    expect(await get('/')).to.include({ status: 404 })
    await server.close()
  })
})
