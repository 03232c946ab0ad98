import { type Address, type Hash, isAddressEqual } from 'viem'
import { getBlock } from 'viem/actions'
import { readDisputeEvents } from '../actions/getGames.ts'
import { decodeContractError } from '../errors/decode.ts'
import type { ClientWithMarket } from '../types/client.ts'
import { type DisputeEvent, type Disputes, foldDisputes, noDisputes } from './games.ts'

export type DisputeLogParameters = {
  client: ClientWithMarket
  /** Address of the dispute game. */
  game: Address
  /** Games about the jobs of other markets are passed over. */
  market: Address
  fromBlock: bigint
  /** How many blocks, its own included, make an event a confirmed one. */
  confirmations: number
}

/** What all blocks up to one tell; no game there is still in question. */
type Checkpoint = { number: bigint; hash: Hash; disputes: Disputes }

/**
 * The newest blocks are read again each time: a chain may take them back, and a node that is behind another one at the same
 * address knows nothing of them yet and does not say so.
 */
const readAgain = 16n
/** Least distance of the checkpoints in blocks, but for the newest; and how many are kept. */
const spacing = 64n
const mostCheckpoints = 8

/**
 * The disputes of a contract as a chain has them, read bit by bit. Where the chain takes blocks back it is read again from a
 * block that is still there.
 */
export class DisputeLog {
  readonly #parameters: DisputeLogParameters
  /** The newest last. */
  #checkpoints: Checkpoint[] = []
  #confirmed = noDisputes
  #newest = noDisputes
  #now = 0

  constructor(parameters: DisputeLogParameters) {
    this.#parameters = parameters
  }

  /** What enough blocks stand on. */
  get confirmed(): Disputes {
    return this.#confirmed
  }

  /** What the newest block has. */
  get newest(): Disputes {
    return this.#newest
  }

  /** Time of the newest block, in seconds. */
  get now(): number {
    return this.#now
  }

  /**
   * Reads on.
   * @throws {RpcUnavailableError | RpcRequestFailedError}
   */
  async sync(): Promise<void> {
    const { client, game, market, fromBlock, confirmations } = this.#parameters
    const head = await this.#block()
    while (this.#checkpoints.length > 0 && !(await this.#isThere(this.#checkpoints.at(-1)!, head)))
      this.#checkpoints.pop()
    const read = this.#checkpoints.at(-1)
    const before = read?.disputes ?? noDisputes
    const next = read === undefined ? fromBlock : read.number + 1n
    const range = { fromBlock: next, toBlock: head.number }
    const all = next > head.number ? [] : await readDisputeEvents(client, game, range)
    const events = all.filter((event) => isOf(event, market))
    const upTo = (last: bigint) =>
      foldDisputes(
        before,
        events.filter(({ blockNumber }) => blockNumber <= last),
      )

    const depth = BigInt(confirmations - 1)
    const settled = head.number - (depth > readAgain ? depth : readAgain)
    if (settled >= next) {
      const { hash } = await this.#block(settled)
      this.#keep({ number: settled, hash, disputes: upTo(settled) })
    }
    this.#newest = upTo(head.number)
    this.#confirmed = depth === 0n ? this.#newest : upTo(head.number - depth)
    this.#now = Number(head.timestamp)
  }

  /** Adds the newest checkpoint. It takes the place of the last one where that stands near the one before. */
  #keep(checkpoint: Checkpoint): void {
    const [before, last] = this.#checkpoints.slice(-2)
    const isNear = before !== undefined && last !== undefined && last.number - before.number < spacing
    const kept = isNear ? this.#checkpoints.slice(0, -1) : this.#checkpoints
    this.#checkpoints = [...kept, checkpoint].slice(-mostCheckpoints)
  }

  async #isThere({ number, hash }: Checkpoint, head: { number: bigint; hash: Hash }): Promise<boolean> {
    if (number > head.number) return false
    const block = number === head.number ? head : await this.#block(number)
    return block.hash === hash
  }

  async #block(blockNumber?: bigint) {
    try {
      return await getBlock(this.#parameters.client, blockNumber === undefined ? {} : { blockNumber })
    } catch (error) {
      throw decodeContractError(error, { functionName: 'eth_getBlockByNumber' })
    }
  }
}

/** Whether an event may be about a market's job: of a game that is about another's, only the opening says so. */
function isOf(event: DisputeEvent, market: Address): boolean {
  return event.eventName !== 'GameOpened' || isAddressEqual(event.args.position.claim.market, market)
}
