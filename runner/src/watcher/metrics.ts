import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { unitDecimals } from 'assay'
import type { Game } from 'assay/dispute'
import { formatUnits } from 'viem'
import { ListenError, PortInUseError } from '../store/errors.ts'
import type { WatchTotals } from './journal.ts'

/** What a watcher has done, and what that cost and brought; amounts in units, gas in wei. */
export type WatchMetrics = WatchTotals & { games: readonly Game[]; gas: bigint }

/** The figures in Prometheus' text format; amounts in tokens, gas in the chain's coin. */
export function renderMetrics({ claims, sampled, checked, wrong, games, gas }: WatchMetrics): string {
  const count = (...statuses: Game['status'][]) =>
    games.filter(({ status }) => statuses.includes(status)).length
  const sum = (amount: (game: Game) => bigint) =>
    Number(
      formatUnits(
        games.reduce((total, game) => total + amount(game), 0n),
        unitDecimals,
      ),
    )
  const isOpen = ({ status }: Game) => status === 'open' || status === 'collectable'
  const lines: [name: string, type: 'counter' | 'gauge', help: string, value: number][] = [
    ['claims_total', 'counter', 'Submitted results that were looked at', claims],
    ['tasks_sampled_total', 'counter', 'Tasks drawn to be executed again', sampled],
    ['tasks_checked_total', 'counter', 'Tasks executed again', checked],
    ['claims_wrong_total', 'counter', 'Results found to be wrong', wrong],
    ['games_open', 'gauge', 'Dispute games that go on', count('open', 'collectable')],
    ['games_won_total', 'counter', 'Dispute games won or collected', count('won', 'collected')],
    ['games_lost_total', 'counter', 'Dispute games lost', count('lost')],
    ['bonds_tokens', 'gauge', 'Bonds in games that go on', sum((game) => (isOpen(game) ? game.bond : 0n))],
    [
      'rewards_tokens_total',
      'counter',
      'What games paid beyond their bonds',
      sum(({ status, paid = 0n, bond }) => (status === 'won' || status === 'collected' ? paid - bond : 0n)),
    ],
    [
      'lost_tokens_total',
      'counter',
      'Bonds of games that were lost',
      sum(({ status, bond }) => (status === 'lost' ? bond : 0n)),
    ],
    ['gas_coins_total', 'counter', 'Gas of the moves, in coins of the chain', Number(formatUnits(gas, 18))],
  ]
  return lines
    .flatMap(([name, type, help, value]) => [
      `# HELP assay_watch_${name} ${help}`,
      `# TYPE assay_watch_${name} ${type}`,
      `assay_watch_${name} ${value}`,
    ])
    .concat('')
    .join('\n')
}

/** Serves `/metrics`, and `/healthz` while the process lives. */
export async function serveMetrics(options: {
  host: string
  /** 0 for any. */
  port: number
  render: () => string
}): Promise<{ url: string; close: () => Promise<void> }> {
  const { host, port, render } = options
  const server = createServer((request, response) => {
    const isKnown = request.url === '/metrics' || request.url === '/healthz'
    response.writeHead(isKnown ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4' })
    response.end(request.url === '/metrics' ? render() : isKnown ? 'ok\n' : 'not found\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new PortInUseError({ host, port, cause })
          : new ListenError({ host, port, cause }),
      ),
    )
    server.listen(port, host, resolve)
  })
  const { port: actual } = server.address() as AddressInfo
  return {
    url: `http://${host}:${actual}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
