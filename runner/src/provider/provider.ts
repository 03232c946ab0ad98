import { join } from 'node:path'
import { assertChain, type MarketClient, type Resources } from 'assay'
import type { Logger } from 'pino'
import type { Policy } from '../core/match.ts'
import { KeyMissingError } from '../errors.ts'
import { createExecutor } from '../executor/pool.ts'
import { DiskStore } from '../store/disk.ts'
import { startStoreServer } from '../store/server.ts'
import { assertSameChain } from './chain.ts'
import type { Limits, ProviderContext } from './context.ts'
import { Journal } from './journal.ts'
import { type LoopOptions, ProviderLoop } from './loop.ts'
import { declare, ensureStake } from './registration.ts'
import { Results } from './results.ts'
import { servedResults } from './serve.ts'

export type ProviderOptions = {
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
  log: Logger
} & LoopOptions

export type RunningProvider = {
  url: string
  /** Resolves when the provider has stopped; rejects with what made it stop. */
  done: Promise<void>
  stop(): void
}

/**
 * Starts a provider: takes up its open claims where the journal and the chain say they are, then claims, executes, submits
 * and settles jobs until it is stopped.
 */
export async function startProvider(options: ProviderOptions): Promise<RunningProvider> {
  const { client, log } = options
  if (client.account === undefined) throw new KeyMissingError()
  const { address } = client.account
  const stopping = new AbortController()
  const journal = new Journal(options.data)
  const chain = { time: 0 }
  const cleanup: (() => Promise<void> | void)[] = [() => journal.close()]
  const close = async () => {
    stopping.abort()
    for (const step of cleanup.reverse()) await step()
  }
  try {
    await assertChain(client)
    journal.bind({ chainId: String(await client.getChainId()), market: client.market, provider: address })
    await assertSameChain({ client, journal })
    const results = new Results(options.data, journal)
    const inputs = new DiskStore(join(options.data, 'inputs'))
    const { host, port } = options.listen
    const server = await startStoreServer({
      host,
      port,
      results: servedResults(journal, results),
      uploads: false,
    })
    cleanup.push(() => server.close())
    await ensureStake(client, address, options.stake, log)
    const endpoint = options.publicUrl ?? server.url
    await declare(
      client,
      address,
      { resources: options.resources, concurrency: options.concurrency, endpoint },
      log,
    )
    const executor = createExecutor({
      slots: options.slots,
      onMissingWall: (line) => log.warn({ event: 'sandbox' }, line),
    })
    cleanup.push(() => executor.close())
    const context: ProviderContext = {
      client,
      address,
      journal,
      results,
      inputs,
      executor,
      slots: options.slots,
      log,
      policy: options.policy,
      limits: options.limits,
      resources: options.resources,
      signal: stopping.signal,
      chainTime: () => chain.time,
    }
    const loop = new ProviderLoop(context, options, chain)
    const done = loop.run().finally(close)
    return { url: server.url, done, stop: () => stopping.abort() }
  } catch (error) {
    await close()
    throw error
  }
}
