import type { JobEvent } from '../types/event.ts'

// How many of the newest blocks are asked for again.
const overlap = 8n

/** How far a watcher has come. */
export type WatchProgress = {
  /** The newest block that was looked at. */
  toBlock: bigint
  /** First block that will be asked for again: nothing before it can come any more. */
  resumeFrom: bigint
}

/** Remembers how far a watcher has come, and which events of the newest blocks it has delivered. */
export class EventWindow {
  #progress: WatchProgress
  /** Block numbers by event; only of blocks that are asked for again. */
  readonly #delivered = new Map<string, bigint>()

  constructor(fromBlock: bigint) {
    this.#progress = { toBlock: fromBlock - 1n, resumeFrom: fromBlock }
  }

  get progress(): WatchProgress {
    return this.#progress
  }

  /** The progress once the blocks up to `block` were looked at, while `newest` was the newest. */
  progressAt(block: bigint, newest: bigint): WatchProgress {
    const settled = newest + 1n - overlap
    const next = block + 1n < settled ? block + 1n : settled
    return { toBlock: max(block, this.#progress.toBlock), resumeFrom: max(next, this.#progress.resumeFrom) }
  }

  /** The events that were not delivered yet. */
  select(events: readonly JobEvent[]): JobEvent[] {
    return events.filter((event) => !this.#delivered.has(keyOf(event)))
  }

  /** Remembers what was delivered and forgets what cannot come again. */
  commit(events: readonly JobEvent[], progress: WatchProgress): void {
    this.#progress = progress
    for (const event of events) this.#delivered.set(keyOf(event), event.blockNumber)
    for (const [key, blockNumber] of this.#delivered)
      if (blockNumber < progress.resumeFrom) this.#delivered.delete(key)
  }
}

function keyOf({ blockHash, logIndex }: JobEvent): string {
  return `${blockHash}:${logIndex}`
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
