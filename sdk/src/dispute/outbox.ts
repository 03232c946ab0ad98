import { type Address, concat, type Hex, keccak256, type TransactionReceipt } from 'viem'
import type { AssayError } from '../errors/base.ts'
import { decodeContractError } from '../errors/decode.ts'
import type { ContractCall } from '../utils/writeMarket.ts'
import { postingCall } from './calls.ts'
import type { Answer } from './types.ts'

/** How a call is sent: resolves when it is mined. The key is the same whenever the same move is sent again. */
export type DisputeSender = (key: string, call: ContractCall) => Promise<TransactionReceipt>

/** Where it is noted what became of a call. */
type Outcome = { error?: AssayError | undefined; receipt?: TransactionReceipt | undefined }

/** Postings in one transaction: some 100,000 gas each. */
const mostAnswers = 16
/** Milliseconds that a posting waits for others, while further games are being decided. */
const longestWait = 500

/** Sends calls without waiting for one another's receipts, and several postings in one transaction. */
export class Outbox {
  readonly #game: Address
  readonly #send: DisputeSender
  readonly #answers = new Map<Hex, { answer: Answer; outcomes: Outcome[] }>()
  readonly #sending: Promise<void>[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(game: Address, send: DisputeSender) {
    this.#game = game
    this.#send = send
  }

  /** Sends a call, and notes what becomes of it. */
  send(key: string, call: ContractCall, outcomes: readonly Outcome[]): void {
    const sent = this.#send(key, call).then(
      (receipt) => {
        for (const outcome of outcomes) outcome.receipt = receipt
      },
      (error: unknown) => {
        for (const outcome of outcomes)
          outcome.error = decodeContractError(error, { functionName: call.functionName })
      },
    )
    this.#sending.push(sent)
  }

  /** Posts, soon. One posting serves all games that stand at the node. */
  post(nodeId: Hex, answer: Answer, outcome: Outcome): void {
    const same = this.#answers.get(nodeId)
    if (same === undefined) this.#answers.set(nodeId, { answer, outcomes: [outcome] })
    else same.outcomes.push(outcome)
    if (this.#answers.size >= mostAnswers) this.#sendAnswers()
    else this.#timer ??= setTimeout(() => this.#sendAnswers(), longestWait)
  }

  /** Resolves when everything was sent, and mined or refused. */
  async empty(): Promise<void> {
    this.#sendAnswers()
    await Promise.all(this.#sending)
  }

  #sendAnswers(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#answers.size === 0) return
    const key = `post:${this.#game.toLowerCase()}:${keccak256(concat([...this.#answers.keys()]))}`
    const all = [...this.#answers.values()]
    this.#answers.clear()
    const answers = all.map(({ answer }) => answer)
    this.send(
      key,
      postingCall(this.#game, answers),
      all.flatMap(({ outcomes }) => outcomes),
    )
  }
}
