import { join } from 'node:path'
import { assertChain, depositSync, getAccount, type MarketClient } from 'assay'
import type { Logger } from 'pino'
import type { LocalAccount } from 'viem'
import { Disputes } from '../disputes/disputes.ts'
import { KeyMissingError } from '../errors.ts'
import { createExecutor } from '../executor/pool.ts'
import type { Executor } from '../executor/types.ts'
import { assertSameChain } from '../provider/chain.ts'
import { Journal } from '../provider/journal.ts'
import { Transactions } from '../provider/transactions.ts'
import { DiskStore } from '../store/disk.ts'
import type { WatchContext, WatchPolicy } from './context.ts'
import { WatchJournal } from './journal.ts'
import { challengerKnowledge } from './knowledge.ts'
import { WatchLoop } from './loop.ts'
import { renderMetrics, serveMetrics } from './metrics.ts'

/** What watching needs, alone or beside another role. */
export type WatchSettings = {
  policy: WatchPolicy
  /** Child processes that execute tasks. */
  slots: number
  /** Units that may be in bonds at once; the whole balance if not given. */
  budget?: bigint | undefined
  /** Where figures are served; nowhere if not given. */
  metrics?: { host: string; port: number } | undefined
  /**
   * Executes the tasks; closed when the watcher ends.
   * @default one of `slots` sandboxed processes
   */
  executor?: Executor | undefined
}

export type WatcherOptions = WatchSettings & {
  /** Its account must be one that signs here, from a private key or a mnemonic. */
  client: MarketClient
  /** Folder of the journal, and of programs and inputs. */
  data: string
  /** Units to bring the balance up to before starting; zero leaves it. */
  deposit: bigint
  log: Logger
  /** Milliseconds between looks at the chain. */
  pollingInterval: number
}

export type RunningWatcher = {
  /** URL of the figures. */
  metricsUrl: string | null
  /** Resolves when the watcher has stopped; rejects with what made it stop. */
  done: Promise<void>
  /** Stops once every game is over. */
  drain(): void
  /** Stops at once: games are taken up again at the next start, and lost where that is too late. */
  stop(): void
}

/**
 * Starts a watcher: takes up its games where the journal and the chain say they are, then executes a sample of what is
 * submitted again and challenges what is wrong, until it is stopped or the jobs that it was to watch are decided.
 *
 * @throws KeyMissingError, Journal…Error, ChainReplacedError, PortInUseError, and errors of the node
 */
export async function startWatcher(options: WatcherOptions): Promise<RunningWatcher> {
  const { client, log, data, pollingInterval } = options
  if (client.account?.type !== 'local') throw new KeyMissingError()
  const account = client.account as LocalAccount
  const stopping = new AbortController()
  const { signal } = stopping
  const journal = new Journal(data)
  const cleanup: (() => Promise<void> | void)[] = [() => journal.close()]
  const close = async () => {
    stopping.abort()
    for (const step of cleanup.reverse()) await step()
  }
  try {
    await assertChain(client)
    const { address } = account
    journal.bind({ chainId: String(await client.getChainId()), market: client.market, provider: address })
    await assertSameChain({ client, journal })
    await ensureBalance(client, options.deposit, log)
    const transactions = new Transactions({ client, journal, log, signal }, account, pollingInterval)
    await transactions.resume()
    const disputes = new Disputes({ client, journal, transactions, log, signal })
    const contents = new DiskStore(join(data, 'inputs'))
    const shared = { client, address, journal, contents, log, disputes, stopping }
    const role = await startWatching({ ...shared, settings: options, pollingInterval })
    cleanup.push(role.close)
    return {
      metricsUrl: role.metricsUrl,
      done: role.loop.run().finally(close),
      drain: () => role.loop.drain(),
      stop: () => stopping.abort(),
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The role itself, on a journal and transactions that it may share with another one. Its loop is still to be run. */
export async function startWatching(
  parameters: Pick<WatchContext, 'client' | 'address' | 'journal' | 'contents' | 'log'> & {
    disputes: Disputes
    settings: WatchSettings
    pollingInterval: number
    stopping: AbortController
  },
): Promise<{ loop: WatchLoop; metricsUrl: string | null; close: () => Promise<void> }> {
  const { disputes, settings, pollingInterval, stopping, ...context } = parameters
  const { policy, slots, budget, metrics } = settings
  const { log, journal } = context
  const watched = new WatchJournal(journal)
  const chain = { time: 0 }
  const executor =
    settings.executor ??
    createExecutor({ slots, onMissingWall: (line) => log.warn({ event: 'sandbox' }, line) })
  const watching: WatchContext = {
    ...context,
    watched,
    executor,
    policy,
    signal: stopping.signal,
    chainTime: () => chain.time,
  }
  disputes.addSide(challengerKnowledge(watching))
  const loop = new WatchLoop(watching, disputes, { pollingInterval, budget }, { chain, stopping })
  const render = () =>
    renderMetrics({ ...watched.totals(), games: loop.challenges.games(), gas: disputes.gasSpent() })
  const server = metrics === undefined ? undefined : await serveMetrics({ ...metrics, render })
  if (server !== undefined) log.info({ event: 'metrics', url: `${server.url}/metrics` }, 'serving figures')
  return {
    loop,
    metricsUrl: server?.url ?? null,
    close: async () => {
      await server?.close()
      await executor.close()
    },
  }
}

/** Brings the balance up to `target` units from the wallet's tokens. */
async function ensureBalance(client: MarketClient, target: bigint, log: Logger): Promise<void> {
  const { balance } = await getAccount(client, {})
  if (balance >= target) return
  await depositSync(client, { amount: target - balance })
  log.info({ event: 'deposited', amount: target - balance }, 'deposited')
}
