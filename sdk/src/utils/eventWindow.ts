import type { JobEvent } from '../types/event.ts'

// How many of the newest blocks are asked for again.
const overlap = 8n

/** Remembers how far a watcher has come, and which events of the newest blocks it has delivered. */
export class EventWindow {
  /** The newest block that was looked at; the one before the first at the beginning. */
  toBlock: bigint
  readonly #first: bigint
  /** Block numbers by event; only of blocks that are asked for again. */
  readonly #delivered = new Map<string, bigint>()

  constructor(fromBlock: bigint) {
    this.#first = fromBlock
    this.toBlock = fromBlock - 1n
  }

  /** Where to ask from: a few blocks back, never before the first. */
  get resumeFrom(): bigint {
    return this.progressAt(this.toBlock).resumeFrom
  }

  /** The progress once a block has been looked at. */
  progressAt(block: bigint): { toBlock: bigint; resumeFrom: bigint } {
    const toBlock = block > this.toBlock ? block : this.toBlock
    const back = toBlock + 1n - overlap
    return { toBlock, resumeFrom: back > this.#first ? back : this.#first }
  }

  /** The events that were not delivered yet. */
  select(events: readonly JobEvent[]): JobEvent[] {
    return events.filter((event) => !this.#delivered.has(keyOf(event)))
  }

  /** Remembers what was delivered and forgets what cannot come again. */
  commit(events: readonly JobEvent[], block: bigint): void {
    this.toBlock = this.progressAt(block).toBlock
    for (const event of events) this.#delivered.set(keyOf(event), event.blockNumber)
    for (const [key, blockNumber] of this.#delivered)
      if (blockNumber < this.resumeFrom) this.#delivered.delete(key)
  }
}

function keyOf({ blockHash, logIndex }: JobEvent): string {
  return `${blockHash}:${logIndex}`
}
