import { type Address, concat, type Hex, keccak256, type TransactionReceipt } from 'viem'
import type { ContractCall } from '../utils/writeMarket.ts'
import { postingCall } from './calls.ts'
import type { Answer } from './types.ts'

/** How a call is sent: resolves when it is mined. The key is the same whenever the same move is sent again. */
export type DisputeSender = (key: string, call: ContractCall) => Promise<TransactionReceipt>

/** Postings in one transaction: some 100,000 gas each. */
const mostAnswers = 16
/** Milliseconds that a posting waits for others, while further games are being decided. */
const longestWait = 500

/** Sends calls without waiting for one another's receipts, and several postings in one transaction. */
export class Outbox {
  readonly #game: Address
  readonly #send: DisputeSender
  readonly #answers = new Map<Hex, { answer: Answer; sent: Deferred<TransactionReceipt> }>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(game: Address, send: DisputeSender) {
    this.#game = game
    this.#send = send
  }

  /** Sends a call; resolves when it is mined. */
  send(key: string, call: ContractCall): Promise<TransactionReceipt> {
    return this.#send(key, call)
  }

  /** Posts, soon; resolves when it is mined. One posting serves all games that stand at the node. */
  post(nodeId: Hex, answer: Answer): Promise<TransactionReceipt> {
    const same = this.#answers.get(nodeId)
    if (same !== undefined) return same.sent.promise
    const sent = Promise.withResolvers<TransactionReceipt>()
    this.#answers.set(nodeId, { answer, sent })
    if (this.#answers.size >= mostAnswers) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), longestWait)
    return sent.promise
  }

  /** Sends the postings that wait for others. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#answers.size === 0) return
    const key = `post:${this.#game.toLowerCase()}:${keccak256(concat([...this.#answers.keys()]))}`
    const all = [...this.#answers.values()]
    this.#answers.clear()
    const call = postingCall(
      this.#game,
      all.map(({ answer }) => answer),
    )
    this.send(key, call).then(
      (receipt) => {
        for (const { sent } of all) sent.resolve(receipt)
      },
      (error: unknown) => {
        for (const { sent } of all) sent.reject(error)
      },
    )
  }
}

type Deferred<value> = ReturnType<typeof Promise.withResolvers<value>>
