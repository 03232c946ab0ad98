/** Questions to the contracts' views, put in as few calls as is fast: MarketLens passes them on, and says in what form. */
import type { Hex } from 'viem'
import type { Codec, Name } from './codec.ts'
import type { Address } from './terms.ts'

/** In one call. The tracer of the chain copies all of the lens's memory at most of its steps, so many make a slow call. */
const AT_ONCE = 16

/** Reads one answer, once all are there; the name of the error where the view refused. */
type Reader = () => unknown

export class Inquiry {
  readonly #codec: Codec
  readonly #addresses: Partial<Record<Name, Address>>
  readonly #questions: string[] = []
  #answers: { succeeded: boolean; data: Hex }[] = []
  #time = 0
  #block = 0n

  constructor(codec: Codec, addresses: Partial<Record<Name, Address>>) {
    this.#codec = codec
    this.#addresses = addresses
  }

  /** Adds a question. @param args - Each takes a word. */
  ask(name: Name, functionName: string, ...args: readonly (Hex | bigint | number)[]): Reader {
    const question = this.#codec.question(name, functionName, args)
    const length = (question.length / 2).toString(16).padStart(4, '0')
    const number = this.#questions.push(this.#addresses[name]!.slice(2) + length + question) - 1
    return () => {
      const { succeeded, data } = this.#answers[number]!
      return succeeded ? this.#codec.result(name, functionName, data) : this.#codec.errorName({ data })
    }
  }

  /** The calls to be made. */
  get calldata(): Hex[] {
    const calls = Math.ceil(this.#questions.length / AT_ONCE)
    return Array.from({ length: calls }, (_, call): Hex => {
      return `0x${this.#questions.slice(call * AT_ONCE, (call + 1) * AT_ONCE).join('')}`
    })
  }

  /** Takes in what the lens returned to one call after the other. */
  answer(returned: Hex): void {
    this.#time = Number(returned.slice(0, 66))
    this.#block = BigInt(`0x${returned.slice(66, 130)}`)
    for (let at = 130; at < returned.length; ) {
      const length = 2 * Number.parseInt(returned.slice(at + 2, at + 8), 16)
      const data: Hex = `0x${returned.slice(at + 8, at + 8 + length)}`
      this.#answers.push({ succeeded: returned.slice(at, at + 2) === '01', data })
      at += 8 + length
    }
  }

  /** Of the block that was asked about. */
  get time(): number {
    return this.#time
  }

  get block(): bigint {
    return this.#block
  }
}
