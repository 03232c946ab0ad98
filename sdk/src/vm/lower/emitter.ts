import { flag, op } from '../isa.ts'
import { CodeWriter } from './code.ts'
import { entry, OperandEntries } from './entries.ts'

const move = op('move')

/** No word of the code, no slot. */
export const none = -1

/** Writes words whose operands are entries: slots where they are slots, constants where they are constants. */
export class Emitter {
  readonly code = new CodeWriter()
  protected readonly entries = new OperandEntries()
  /** Locals of the function; its operands have the slots behind them. */
  protected locals = 0
  /**
   * The slot that the last word wrote, unless a label was bound since. Words that write none may leave 0 here,
   * which is no operand's slot wherever there are locals to set.
   */
  protected written = none

  /** Emits a word without entries among its operands. That it writes `d` is for the caller to note. */
  protected emit(code: number, d: number, a: number, flags: number, t: number): void {
    this.code.emit(code, flags, d, a, 0, 0, t)
    this.written = none
  }

  /** Emits a word whose operand A is the entry. */
  protected emitA(code: number, d: number, at: number, t: number, flags = 0): void {
    const { kinds, low, high } = this.entries
    this.written = d
    if (kinds[at] === entry.constant) {
      this.code.emit(code, flags | flag.constantA, d, 0, 0, 0, t)
      this.code.constantA(low[at]!, high[at]!)
    } else this.code.emit(code, flags, d, this.slotOf(at), 0, 0, t)
  }

  /** Emits a word whose operands A and B are the entries, and C a slot. */
  protected emitAB(code: number, d: number, at: number, bt: number, c: number, t: number): void {
    const { kinds, low, high } = this.entries
    const constantA = kinds[at] === entry.constant
    const constantB = kinds[bt] === entry.constant
    const flags = (constantA ? flag.constantA : 0) | (constantB ? flag.constantB : 0)
    this.written = d
    this.code.emit(code, flags, d, constantA ? 0 : this.slotOf(at), constantB ? 0 : this.slotOf(bt), c, t)
    if (constantA) this.code.constantA(low[at]!, high[at]!)
    if (constantB) this.code.constantB(low[bt]!, high[bt]!)
  }

  /** The slot of an entry that is no constant. */
  protected slotOf(at: number): number {
    const { kinds, low } = this.entries
    return kinds[at] === entry.local ? low[at]! : this.locals + at
  }

  /** The result of the last word becomes the topmost operand. */
  protected own(): void {
    this.written = this.locals + this.entries.height
    this.entries.pushOwn()
  }

  protected moveToOwnSlot(at: number): void {
    this.emitA(move, this.locals + at, at, 0)
    this.entries.own(at)
  }

  /** Moves all operands to their own slots. */
  protected settle(): void {
    const entries = this.entries
    for (let at = entries.settled; at < entries.height; at++)
      if (entries.kinds[at] !== entry.own) this.moveToOwnSlot(at)
    entries.settled = entries.height
  }

  /** Takes operand C: a slot. */
  protected popC(): number {
    const at = this.entries.pop()
    if (this.entries.kinds[at] === entry.constant) {
      this.emitA(move, this.locals + at, at, 0)
      return this.locals + at
    }
    return this.slotOf(at)
  }

  /** Binds a label here: every word of the chain jumps to the next word. A target in a chain is 1 + a pc. */
  protected bind(chain: number): void {
    const { code } = this
    for (let at = chain; at !== none; ) {
      const before = code.target(at) - 1
      code.setTarget(at, code.length)
      at = before
    }
    this.written = none
  }
}
