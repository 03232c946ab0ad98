import { flag, op } from '../isa.ts'
import { opcode } from '../wasm/opcodes.ts'
import type { ValueTypes } from '../wasm/types.ts'
import { Emitter, none } from './emitter.ts'
import { entry } from './entries.ts'

const arg = op('arg')
const jump = op('jump')
const jumpIf = op('jump_if')
const jumpTable = op('jump_table')
const jumpUnless = op('jump_unless')
const move = op('move')
const returnOp = op('return')

/** The block that is the whole body. */
export const bodyKind = 0

/**
 * Lowers blocks and branches. A branch forward is chained to the others with the same label, through their
 * targets, until the label is bound.
 */
export class BlockLowering extends Emitter {
  /** Values that the function returns. */
  protected results = 0
  /** What the present instruction costs, where that is not the number of its words, and what more if it branches. */
  protected cost = none
  protected extra = 0

  /** Open blocks around the present one, and by block: its kind, operands below it, values at its beginning and end. */
  protected depth = none
  readonly #kinds: number[] = []
  readonly #bases: number[] = []
  readonly #params: number[] = []
  readonly #ends: number[] = []
  /** By block: pc of a loop, else the last branch in the chain to its end; the branch to its `else`. */
  readonly #labels: number[] = []
  readonly #elses: number[] = []
  /** By block: the last word in the chain to its stub of the present `br_table`. */
  readonly #stubs: number[] = []

  block(kind: number, params: ValueTypes, results: ValueTypes): void {
    const entries = this.entries
    const condition = kind === opcode.if ? entries.pop() : none
    this.settle()
    this.open(kind, params.length, results.length)
    if (kind === opcode.loop) {
      this.#labels[this.depth] = this.code.length
      this.written = none
    } else if (kind === opcode.if) {
      this.#elses[this.depth] = this.code.length
      this.emitA(jumpUnless, 0, condition, 0)
    }
  }

  otherwise(reached: boolean): void {
    const depth = this.depth
    if (reached) {
      this.settle()
      this.#jumpTo(depth)
    }
    this.bind(this.#elses[depth]!)
    this.#elses[depth] = none
    this.#restart(this.#bases[depth]!, this.#params[depth]!)
  }

  end(reached: boolean): void {
    const depth = this.depth--
    if (depth === 0) {
      if (reached) this.leave()
      return
    }
    if (reached) this.settle()
    if (this.#kinds[depth] !== opcode.loop) {
      if (this.#elses[depth] !== none) this.bind(this.#elses[depth]!)
      this.bind(this.#labels[depth]!)
    }
    this.#restart(this.#bases[depth]!, this.#ends[depth]!)
  }

  br(label: number): void {
    const block = this.depth - label
    if (block === 0) {
      this.leave()
      return
    }
    this.#moveTo(block)
    this.#jumpTo(block)
  }

  brIf(label: number): void {
    const condition = this.entries.pop()
    const block = this.depth - label
    if (block > 0 && this.#isInPlace(block)) {
      this.emitA(jumpIf, 0, condition, 0)
      this.#link(block)
      return
    }
    const over = this.code.length
    this.emitA(jumpUnless, 0, condition, 0)
    if (block === 0) this.leave()
    else {
      this.#moveTo(block)
      this.#jumpTo(block)
    }
    this.cost = 1
    this.extra = this.code.length - over - 1
    this.code.setTarget(over, 0)
    this.bind(over)
  }

  brTable(depths: Uint32Array, count: number): void {
    const { code } = this
    const index = this.entries.pop()
    const values = this.#arity(this.depth - depths[0]!)
    this.emitA(jumpTable, 0, index, 0)
    code.constantB(count - 1, 0)
    if (values === 0) {
      this.cost = 2
      for (let i = 0; i < count; i++) {
        const block = this.depth - depths[i]!
        if (block === 0) this.leave()
        else this.#jumpTo(block)
      }
      return
    }
    this.cost = 3 + values
    const order: number[] = []
    for (let i = 0; i < count; i++) {
      const block = this.depth - depths[i]!
      const before = this.#stubs[block]!
      if (before === none) order.push(block)
      this.#stubs[block] = code.length
      this.emit(jump, 0, 0, 0, before + 1)
    }
    for (const block of order) {
      this.bind(this.#stubs[block]!)
      this.#stubs[block] = none
      this.#stub(block, values)
    }
  }

  /** What all edges of a `br_table` to one label share: as many words for each label. */
  #stub(block: number, values: number): void {
    const first = this.entries.height - values
    if (block === 0 && values > 1) {
      this.leave()
      return
    }
    const base = block === 0 ? first : this.#bases[block]!
    for (let i = 0; i < values; i++) this.emitA(move, this.locals + base + i, first + i, 0)
    if (block === 0) this.emit(returnOp, 0, this.locals + first, flag.hasValue, 0)
    else this.#jumpTo(block)
  }

  protected open(kind: number, params: number, results: number): void {
    const depth = ++this.depth
    this.#kinds[depth] = kind
    this.#bases[depth] = this.entries.height - params
    this.#params[depth] = params
    this.#ends[depth] = results
    this.#labels[depth] = none
    this.#elses[depth] = none
    this.#stubs[depth] = none
  }

  /** Values that a branch to the block passes on. */
  #arity(block: number): number {
    return this.#kinds[block] === opcode.loop ? this.#params[block]! : this.#ends[block]!
  }

  #isInPlace(block: number): boolean {
    const { kinds, height } = this.entries
    const values = this.#arity(block)
    if (values === 0) return true
    const first = height - values
    if (first !== this.#bases[block]) return false
    for (let at = first; at < height; at++) if (kinds[at] !== entry.own) return false
    return true
  }

  /** Moves the values of a branch to the slots that the label expects; the operands stay what they are. */
  #moveTo(block: number): void {
    const { kinds, height } = this.entries
    const values = this.#arity(block)
    const first = height - values
    const base = this.#bases[block]!
    for (let i = 0; i < values; i++)
      if (base !== first || kinds[first + i] !== entry.own)
        this.emitA(move, this.locals + base + i, first + i, 0)
  }

  #jumpTo(block: number): void {
    this.emit(jump, 0, 0, 0, 0)
    this.#link(block)
  }

  /** Has the last word jump to the block's label. */
  #link(block: number): void {
    const { code } = this
    this.written = none
    if (this.#kinds[block] === opcode.loop) code.setTarget(code.length - 1, this.#labels[block]!)
    else {
      code.setTarget(code.length - 1, this.#labels[block]! + 1)
      this.#labels[block] = code.length - 1
    }
  }

  /** Operands where control arrives from several sides: all own. */
  #restart(base: number, values: number): void {
    const entries = this.entries
    entries.truncate(base)
    for (let i = 0; i < values; i++) entries.pushOwn()
    entries.settled = entries.height
  }

  /** Leaves the function with the topmost operands, which stay. */
  protected leave(): void {
    const first = this.entries.height - this.results
    if (this.results === 1) {
      this.emitA(returnOp, 0, first, 0, flag.hasValue)
    } else {
      for (let i = 0; i < this.results; i++) this.emitA(arg, 0, first + i, i)
      this.emit(returnOp, 0, 0, 0, 0)
    }
    this.written = none
  }
}
