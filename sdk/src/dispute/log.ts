import type { Address, Hash } from 'viem'
import { getBlock } from 'viem/actions'
import { readDisputeEvents } from '../actions/getGames.ts'
import { decodeContractError } from '../errors/decode.ts'
import type { ClientWithMarket } from '../types/client.ts'
import { type Disputes, foldDisputes, noDisputes } from './games.ts'

export type DisputeLogParameters = {
  client: ClientWithMarket
  /** Address of the dispute game. */
  game: Address
  fromBlock: bigint
  /** How many blocks, its own included, make an event a confirmed one. */
  confirmations: number
}

/** The disputes of a contract as a chain has them, read bit by bit. Blocks that the chain took back are forgotten. */
export class DisputeLog {
  readonly #parameters: DisputeLogParameters
  #read: { number: bigint; hash: Hash } | undefined
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
    const { client, game, fromBlock, confirmations } = this.#parameters
    const head = await this.#block()
    if (this.#read !== undefined && !(await this.#isThere(this.#read, head))) {
      this.#read = undefined
      this.#confirmed = noDisputes
    }
    const next = this.#read === undefined ? fromBlock : this.#read.number + 1n
    const last = head.number - BigInt(confirmations - 1)
    const events =
      next > head.number
        ? []
        : await readDisputeEvents(client, game, { fromBlock: next, toBlock: head.number })
    if (last >= next) {
      const block = last === head.number ? head : await this.#block(last)
      this.#confirmed = foldDisputes(
        this.#confirmed,
        events.filter(({ blockNumber }) => blockNumber <= last),
      )
      this.#read = { number: last, hash: block.hash }
    }
    const tail = events.filter(({ blockNumber }) => blockNumber > last)
    this.#newest = tail.length === 0 ? this.#confirmed : foldDisputes(this.#confirmed, tail)
    this.#now = Number(head.timestamp)
  }

  async #isThere(
    read: { number: bigint; hash: Hash },
    head: { number: bigint; hash: Hash },
  ): Promise<boolean> {
    if (read.number > head.number) return false
    const block = read.number === head.number ? head : await this.#block(read.number)
    return block.hash === read.hash
  }

  async #block(blockNumber?: bigint) {
    try {
      return await getBlock(this.#parameters.client, blockNumber === undefined ? {} : { blockNumber })
    } catch (error) {
      throw decodeContractError(error, { functionName: 'eth_getBlockByNumber' })
    }
  }
}
