import type { Address } from 'viem'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { JobEvent } from '../types/event.ts'
import { getNewestBlockNumber } from '../utils/blocks.ts'
import { decodeJobEvents } from '../utils/events.ts'
import { EventWindow, type WatchProgress } from '../utils/eventWindow.ts'
import { JobFilter } from '../utils/jobFilter.ts'
import { getDeployment } from '../utils/market.ts'
import { scanLogs, scanPace } from '../utils/scanLogs.ts'
import { sleep } from '../utils/sleep.ts'

/** How far the watcher has come: pass `resumeFrom` as `fromBlock` after a restart. */
export type WatchJobsProgress = WatchProgress

export type WatchJobsParameters = MarketParameter & {
  /**
   * First block to deliver events of.
   * @default the block of the market's deployment
   */
  fromBlock?: bigint | undefined
  /**
   * Called with the job events of each range of blocks, in order and one call at a time; also without events when there
   * are new blocks, so that the progress can be kept. A batch whose call fails is delivered again.
   */
  onEvents: (events: JobEvent[], progress: WatchJobsProgress) => unknown
  /** Called with what went wrong, of the node or of `onEvents`; the watcher goes on. */
  onError?: ((error: unknown) => void) | undefined
  /** Only events of jobs of this requester. */
  requester?: Address | undefined
  /** Only events of jobs that this provider has claimed. */
  provider?: Address | undefined
  /** Stops the watcher, as `unwatch` does. */
  signal?: AbortSignal | undefined
  /**
   * Milliseconds.
   * @default client.pollingInterval
   */
  pollingInterval?: number | undefined
}

/** Stops the watcher: no call of `onEvents` begins after it. */
export type WatchJobsReturnType = () => void

/**
 * Delivers the events of jobs: those since `fromBlock`, then new ones as blocks come. None is missed and none comes twice,
 * also while the node goes away and returns. The newest blocks are asked for again several times, because nodes may return
 * no logs for a block that they have just heard of.
 *
 * @example
 * const unwatch = client.watchJobs({ onEvents: (events) => console.log(events) })
 */
export function watchJobs(client: ClientWithMarket, parameters: WatchJobsParameters): WatchJobsReturnType {
  const { market, fromBlock: deployed } = getDeployment(client, parameters)
  const { fromBlock = deployed, onEvents, pollingInterval = client.pollingInterval } = parameters
  const stop = new AbortController()
  const signal = parameters.signal ? AbortSignal.any([parameters.signal, stop.signal]) : stop.signal
  const window = new EventWindow(fromBlock)
  const filter = new JobFilter(client, { ...parameters, market })
  const pace = scanPace()

  async function follow(): Promise<void> {
    const newest = await getNewestBlockNumber(client)
    const range = { fromBlock: window.progress.resumeFrom, toBlock: newest }
    for await (const { logs, toBlock } of scanLogs(client, { address: market }, range, pace)) {
      const fresh = window.select(decodeJobEvents(logs))
      const events = await filter.select(fresh)
      if (signal.aborted) return
      const isNews = events.length > 0 || toBlock > window.progress.toBlock
      const progress = window.progressAt(toBlock, newest)
      if (isNews) await onEvents(events, progress)
      window.commit(fresh, progress)
      if (signal.aborted) return
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await follow().catch((error: unknown) => {
        if (!signal.aborted) parameters.onError?.(error)
      })
      await sleep(pollingInterval, signal)
    }
  }

  void run()
  return () => stop.abort()
}
