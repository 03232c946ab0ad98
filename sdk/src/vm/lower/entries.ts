import { limits } from '../isa.ts'

/** What an operand is: a value in its own slot, a local that was not copied yet, or a constant. */
export const entry = { own: 0, local: 1, constant: 2 } as const

/** The operands of reachable code, by height. */
export class OperandEntries {
  height = 0
  /** All operands below this height are own. */
  settled = 0
  readonly kinds = new Uint8Array(limits.slots + 1)
  /** Index of a local, or the lower half of a constant. */
  readonly low = new Int32Array(limits.slots + 1)
  /** Upper half of a constant. */
  readonly high = new Int32Array(limits.slots + 1)
  /** How many entries are each local: what spares `local.set` a search. */
  readonly #uses = new Uint16Array(limits.slots)

  reset(): void {
    this.truncate(0)
  }

  pushOwn(): void {
    this.kinds[this.height++] = entry.own
  }

  pushLocal(index: number): void {
    const { height } = this
    this.kinds[height] = entry.local
    this.low[height] = index
    this.#uses[index]!++
    this.height++
  }

  pushConstant(low: number, high: number): void {
    const { height } = this
    this.kinds[height] = entry.constant
    this.low[height] = low
    this.high[height] = high
    this.height++
  }

  /** Removes the topmost entry, whose place still tells what it was. */
  pop(): number {
    const height = --this.height
    if (this.kinds[height] === entry.local) this.#uses[this.low[height]!]!--
    if (this.settled > height) this.settled = height
    return height
  }

  truncate(height: number): void {
    while (this.height > height) this.pop()
  }

  /** Says that the value of an entry is in its own slot now. */
  own(at: number): void {
    if (this.kinds[at] === entry.local) this.#uses[this.low[at]!]!--
    this.kinds[at] = entry.own
  }

  usesOf(local: number): number {
    return this.#uses[local]!
  }
}
