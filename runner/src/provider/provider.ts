import { join } from 'node:path'
import { assertChain, type MarketClient, type Resources } from 'assay'
import type { Logger } from 'pino'
import type { Hex, LocalAccount } from 'viem'
import type { Policy } from '../core/match.ts'
import { Disputes } from '../disputes/disputes.ts'
import { factsOf, KeyMissingError } from '../errors.ts'
import { createExecutor } from '../executor/pool.ts'
import type { Executor } from '../executor/types.ts'
import { DiskStore } from '../store/disk.ts'
import { startStoreServer } from '../store/server.ts'
import { startWatching, type WatchSettings } from '../watcher/watcher.ts'
import { assertSameChain } from './chain.ts'
import type { Limits, ProviderContext } from './context.ts'
import { providerKnowledge } from './defence.ts'
import { EncryptionKey } from './encryptionKey.ts'
import { trustAgain, warnOfInterpreted } from './interpreted.ts'
import { Journal } from './journal.ts'
import { type LoopOptions, ProviderLoop } from './loop.ts'
import { declare, ensureStake } from './registration.ts'
import { Results } from './results.ts'
import { servedResults } from './serve.ts'
import { Transactions } from './transactions.ts'

export type ProviderOptions = {
  /** Its account must be one that signs here, from a private key or a mnemonic. */
  client: MarketClient
  /** Folder of the journal, the inputs and the results. */
  data: string
  listen: { host: string; port: number }
  /** URL under which requesters reach the listener; its own address if not given. */
  publicUrl?: string | undefined
  resources: Resources
  /** Claims that may be open at once, from claim to final: declared on the chain. */
  concurrency: number
  /** Child processes that execute tasks. */
  slots: number
  /** Units to bring the stake up to before starting; zero leaves it. */
  stake: bigint
  policy: Policy
  limits: Limits
  /** Programs at which the engines differed once, for the native engine to run again. */
  trust?: readonly Hex[] | undefined
  log: Logger
  /**
   * Executes the tasks; closed when the provider ends.
   * @default one of `slots` sandboxed processes
   */
  executor?: Executor | undefined
  /** Watches the claims of others beside it, with the same account and in the same journal; not if left out. */
  watch?: WatchSettings | undefined
} & LoopOptions

export type RunningProvider = {
  url: string
  /** Resolves when the provider has stopped; rejects with what made it stop. */
  done: Promise<void>
  /** Stops once the jobs that were claimed are submitted, and can be challenged no more. */
  drain(): void
  /** Stops at once: what was claimed is taken up again at the next start. */
  stop(): void
}

/**
 * Starts a provider: takes up its open claims where the journal and the chain say they are, then claims, executes, submits,
 * defends and settles jobs until it is stopped.
 *
 * @throws KeyMissingError, EncryptionKeyFileError, Journal…Error, ChainReplacedError, PortInUseError, NotAProviderError, and errors of the node
 */
export async function startProvider(options: ProviderOptions): Promise<RunningProvider> {
  const { client, log, resources, concurrency, policy, limits } = options
  if (client.account?.type !== 'local') throw new KeyMissingError()
  const account = client.account as LocalAccount
  const { address } = account
  /** Stops everything; beside a watcher, either role may end before the other. */
  const stopping = new AbortController()
  const { signal } = stopping
  const own = options.watch === undefined ? stopping : follower(signal)
  const journal = new Journal(options.data)
  const cleanup: (() => Promise<void> | void)[] = [() => journal.close()]
  const close = async () => {
    stopping.abort()
    for (const step of cleanup.reverse()) await step()
  }
  try {
    await assertChain(client)
    journal.bind({ chainId: String(await client.getChainId()), market: client.market, provider: address })
    await assertSameChain({ client, journal })
    for (const programId of options.trust ?? []) trustAgain({ journal, log }, programId)
    warnOfInterpreted({ journal, log })
    const results = new Results(options.data, journal)
    const server = await startStoreServer({
      ...options.listen,
      results: servedResults(journal, results),
      uploads: false,
      onError: (error) => log.error({ event: 'serve', ...factsOf(error) }, 'a result could not be served'),
    })
    cleanup.push(() => server.close())
    await ensureStake(client, address, options.stake, log)
    const encryptionKey = await EncryptionKey.load(options.data)
    const endpoint = options.publicUrl ?? server.url
    const declared = { resources, concurrency, endpoint, encryptionKey: encryptionKey.publicKey }
    await declare(client, address, declared, log)
    let fallbacks = 0
    const executor =
      options.executor ??
      createExecutor({
        slots: options.slots,
        onMissingWall: (line) => log.warn({ event: 'sandbox' }, line),
        onFallback: (fallback) => {
          fallbacks++
          log.warn({ event: 'engine-fallback', ...fallback, fallbacks }, 'a task falls to the interpreter')
        },
      })
    cleanup.push(() => executor.close())
    const chain = { time: 0 }
    const transactions = new Transactions({ client, journal, log, signal }, account, options.pollingInterval)
    const disputes = new Disputes({ client, journal, transactions, log, signal })
    const inputs = new DiskStore(join(options.data, 'inputs'))
    const context: ProviderContext = {
      client,
      address,
      journal,
      transactions,
      results,
      inputs,
      executor,
      encryptionKey,
      log,
      policy,
      limits,
      resources,
      jobs: options.jobs,
      signal: own.signal,
      chainTime: () => chain.time,
    }
    disputes.addSide(providerKnowledge(context))
    const loops: Loop[] = [new ProviderLoop(context, disputes, options, chain, own)]
    if (options.watch !== undefined) {
      const { pollingInterval, watch: settings } = options
      const shared = { client, address, journal, contents: inputs, log, disputes, stopping: follower(signal) }
      const role = await startWatching({ ...shared, settings, pollingInterval })
      cleanup.push(role.close)
      loops.push(role.loop)
    }
    const stop = () => stopping.abort()
    const drain = () => {
      for (const loop of loops) loop.drain()
    }
    return { url: server.url, done: runAll(loops, stop).finally(close), drain, stop }
  } catch (error) {
    await close()
    throw error
  }
}

type Loop = { run: () => Promise<void>; drain: () => void }

/** Resolves when all have ended. Where one fails, `stop` ends the others. */
async function runAll(loops: readonly Loop[], stop: () => void): Promise<void> {
  const ends = loops.map((loop) =>
    loop.run().catch((error: unknown) => {
      stop()
      throw error
    }),
  )
  await Promise.allSettled(ends)
  await Promise.all(ends)
}

/** A controller of its own that is aborted with another one. */
function follower(signal: AbortSignal): AbortController {
  const controller = new AbortController()
  signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
  return controller
}
