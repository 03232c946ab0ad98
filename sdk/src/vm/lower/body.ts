import { flag, limits, op } from '../isa.ts'
import { opcode } from '../wasm/opcodes.ts'
import type { FunctionType, ValueTypes, WasmModule } from '../wasm/types.ts'
import type { BodyVisitor } from '../wasm/visitor.ts'
import { CodeWriter } from './code.ts'
import { entry, OperandEntries } from './entries.ts'
import { StepCounter } from './steps.ts'

const jump = op('jump')
const jumpIf = op('jump_if')
const jumpUnless = op('jump_unless')
const jumpTable = op('jump_table')
const returnOp = op('return')
const callOp = op('call')
const callIndirect = op('call_indirect')
const select = op('select')
const move = op('move')
const arg = op('arg')
const result = op('result')
const globalGet = op('global_get')
const globalSet = op('global_set')
const memorySize = op('memory_size')
const memoryGrow = op('memory_grow')
const memoryCopy = op('memory_copy')
const memoryFill = op('memory_fill')
const unreachable = op('unreachable')
const firstTruncSat = op('i32.trunc_sat_f32_s')

/** The opcodes of loads, stores and numeric instructions of one byte are the machine's. */
const loopKind = opcode.loop
const ifKind = opcode.if
/** The block that is the whole body. */
const bodyKind = 0

/** No word of the code. */
const none = -1

/**
 * Lowers bodies to instruction words, in one pass: operands stay where they are until an instruction takes
 * them (entries.ts), and branches forward are chained through their targets until their label is bound.
 * The rules are those of docs/vm/machine.md, "Translation".
 */
export class BodyLowering implements BodyVisitor {
  readonly code = new CodeWriter()
  readonly steps = new StepCounter()
  /** By function index: where its code begins, or -1, and how many slots it has. */
  readonly pcs: Int32Array
  readonly slots: Uint16Array

  readonly #module: WasmModule
  readonly #entries = new OperandEntries()
  #functionIndex = 0
  #results = 0
  #locals = 0

  /** The slot that the last word wrote, unless a label was bound since. */
  #written = none

  /** By block: its kind, operands below it, values at its beginning and end. */
  #depth = 0
  readonly #kinds: number[] = []
  readonly #bases: number[] = []
  readonly #params: number[] = []
  readonly #ends: number[] = []
  /** By block: pc of a loop, else the last branch in the chain to its end; the branch to its `else`. */
  readonly #labels: number[] = []
  readonly #elses: number[] = []
  /** By block: the last word in the chain to its stub of the present `br_table`. */
  readonly #stubs: number[] = []

  /** The present instruction: where its words begin, and what it costs where that is not their number. */
  #begun = false
  #mark = 0
  #cost = none
  #extra = 0

  constructor(module: WasmModule) {
    this.#module = module
    this.pcs = new Int32Array(module.functions.length).fill(none)
    this.slots = new Uint16Array(module.functions.length)
  }

  begin(functionIndex: number, type: FunctionType, locals: number): void {
    this.pcs[functionIndex] = this.code.length
    this.#functionIndex = functionIndex
    this.#locals = locals
    this.#results = type.results.length
    this.#entries.truncate(0)
    this.#written = none
    this.#begun = false
    this.#depth = none
    this.#open(bodyKind, 0, this.#results)
    this.steps.beginFunction()
  }

  next(): void {
    this.#finishInstruction()
    this.#begun = true
    this.#mark = this.code.length
  }

  finish(height: number): void {
    this.#finishInstruction()
    this.slots[this.#functionIndex] = this.#locals + height
  }

  block(kind: number, params: ValueTypes, results: ValueTypes): void {
    const entries = this.#entries
    const condition = kind === ifKind ? entries.pop() : none
    this.#settle()
    this.#open(kind, params.length, results.length)
    if (kind === loopKind) {
      this.#labels[this.#depth] = this.code.length
      this.#written = none
    } else if (kind === ifKind) {
      this.#elses[this.#depth] = this.code.length
      this.#emitA(jumpUnless, 0, condition, 0)
    }
  }

  otherwise(reached: boolean): void {
    const depth = this.#depth
    if (reached) {
      this.#settle()
      this.#jumpTo(depth)
    }
    this.#bind(this.#elses[depth]!)
    this.#elses[depth] = none
    this.#restart(this.#bases[depth]!, this.#params[depth]!)
  }

  end(reached: boolean): void {
    const depth = this.#depth--
    if (depth === 0) {
      if (reached) this.#return()
      return
    }
    if (reached) this.#settle()
    if (this.#kinds[depth] !== loopKind) {
      if (this.#elses[depth] !== none) this.#bind(this.#elses[depth]!)
      this.#bind(this.#labels[depth]!)
    }
    this.#restart(this.#bases[depth]!, this.#ends[depth]!)
  }

  unreachable(): void {
    this.#emit(unreachable, 0, 0, 0, 0)
  }

  br(label: number): void {
    const block = this.#depth - label
    if (block === 0) {
      this.#return()
      return
    }
    this.#moveTo(block)
    this.#jumpTo(block)
  }

  brIf(label: number): void {
    const condition = this.#entries.pop()
    const block = this.#depth - label
    if (block > 0 && this.#isInPlace(block)) {
      this.#emitA(jumpIf, 0, condition, 0)
      this.#link(block)
      return
    }
    const over = this.code.length
    this.#emitA(jumpUnless, 0, condition, 0)
    if (block === 0) this.#return()
    else {
      this.#moveTo(block)
      this.#jumpTo(block)
    }
    this.#cost = 1
    this.#extra = this.code.length - over - 1
    this.code.setTarget(over, 0)
    this.#bind(over)
  }

  brTable(depths: Uint32Array, count: number): void {
    const { code } = this
    const index = this.#entries.pop()
    const values = this.#arity(this.#depth - depths[0]!)
    this.#emitA(jumpTable, 0, index, 0)
    code.constantB(count - 1, 0)
    if (values === 0) {
      this.#cost = 2
      for (let i = 0; i < count; i++) {
        const block = this.#depth - depths[i]!
        if (block === 0) this.#return()
        else this.#jumpTo(block)
      }
      return
    }
    this.#cost = 3 + values
    const order: number[] = []
    for (let i = 0; i < count; i++) {
      const block = this.#depth - depths[i]!
      const before = this.#stubs[block]!
      if (before === none) order.push(block)
      this.#stubs[block] = code.length
      this.#emit(jump, 0, 0, 0, before + 1)
    }
    for (const block of order) {
      this.#bind(this.#stubs[block]!)
      this.#stubs[block] = none
      this.#stub(block, values)
    }
  }

  return(): void {
    this.#return()
  }

  call(functionIndex: number, type: FunctionType): void {
    this.#args(type)
    const host = this.#module.importedFunctions[functionIndex]?.host
    const single = type.results.length === 1
    const d = single ? this.#locals + this.#entries.height : 0
    // pc and weight of the callee are filled in when all functions are lowered
    this.#emit(host === undefined ? callOp : op(host), d, 0, 0, host === undefined ? functionIndex : 0)
    this.#fetch(type, d)
  }

  callIndirect(type: FunctionType): void {
    const index = this.#entries.pop()
    this.#args(type)
    const d = type.results.length === 1 ? this.#locals + this.#entries.height : 0
    this.#emitA(callIndirect, d, index, type.number)
    this.#fetch(type, d)
  }

  drop(): void {
    this.#entries.pop()
  }

  select(): void {
    const c = this.#popC()
    const b = this.#entries.pop()
    const a = this.#entries.pop()
    this.#emitAB(select, this.#locals + a, a, b, c, 0)
    this.#own()
  }

  localGet(index: number): void {
    this.#entries.pushLocal(index)
  }

  localSet(index: number): void {
    const entries = this.#entries
    const at = entries.pop()
    let moved = false
    if (entries.usesOf(index) > 0) {
      moved = true
      for (let i = entries.settled; i < entries.height; i++)
        if (entries.kinds[i] === entry.local && entries.low[i] === index) this.#moveToOwnSlot(i)
    }
    if (!moved && entries.kinds[at] === entry.own && this.#written === this.#locals + at) {
      this.code.redirect(index)
      this.#written = index
    } else this.#emitA(move, index, at, 0)
  }

  localTee(index: number): void {
    this.localSet(index)
    this.#entries.pushLocal(index)
  }

  globalGet(index: number): void {
    this.#emit(globalGet, this.#locals + this.#entries.height, 0, 0, index)
    this.#own()
  }

  globalSet(index: number): void {
    this.#emitA(globalSet, 0, this.#entries.pop(), index)
    this.#written = none
  }

  load(code: number, offset: number): void {
    const a = this.#entries.pop()
    this.#emitA(code, this.#locals + a, a, offset)
    this.#own()
  }

  store(code: number, offset: number): void {
    const b = this.#entries.pop()
    const a = this.#entries.pop()
    this.#emitAB(code, 0, a, b, 0, offset)
    this.#written = none
  }

  memorySize(): void {
    this.#emit(memorySize, this.#locals + this.#entries.height, 0, 0, 0)
    this.#own()
  }

  memoryGrow(): void {
    this.unary(memoryGrow)
  }

  memoryCopy(): void {
    this.#repeating(memoryCopy)
  }

  memoryFill(): void {
    this.#repeating(memoryFill)
  }

  constant(low: number, high: number): void {
    this.#entries.pushConstant(low, high)
  }

  unary(code: number): void {
    const a = this.#entries.pop()
    this.#emitA(code < 0x100 ? code : firstTruncSat + (code - 0x100), this.#locals + a, a, 0)
    this.#own()
  }

  binary(code: number): void {
    const b = this.#entries.pop()
    const a = this.#entries.pop()
    this.#emitAB(code, this.#locals + a, a, b, 0, 0)
    this.#own()
  }

  /** What a word writes that has no operands. `d` is the slot, whether or not the instruction writes it. */
  #emit(code: number, d: number, a: number, flags: number, t: number): void {
    this.code.emit(code, flags, d, a, 0, 0, t)
    this.#written = none
  }

  /** Emits a word whose operand A is the entry. */
  #emitA(code: number, d: number, at: number, t: number, flags = 0): void {
    const { kinds, low, high } = this.#entries
    this.#written = d
    if (kinds[at] === entry.constant) {
      this.code.emit(code, flags | flag.constantA, d, 0, 0, 0, t)
      this.code.constantA(low[at]!, high[at]!)
    } else this.code.emit(code, flags, d, this.#slotOf(at), 0, 0, t)
  }

  /** Emits a word whose operands A and B are the entries, and C a slot. */
  #emitAB(code: number, d: number, at: number, bt: number, c: number, t: number): void {
    const { kinds, low, high } = this.#entries
    const constantA = kinds[at] === entry.constant
    const constantB = kinds[bt] === entry.constant
    const flags = (constantA ? flag.constantA : 0) | (constantB ? flag.constantB : 0)
    this.#written = d
    this.code.emit(code, flags, d, constantA ? 0 : this.#slotOf(at), constantB ? 0 : this.#slotOf(bt), c, t)
    if (constantA) this.code.constantA(low[at]!, high[at]!)
    if (constantB) this.code.constantB(low[bt]!, high[bt]!)
  }

  /** The slot of an entry that is no constant. */
  #slotOf(at: number): number {
    const { kinds, low } = this.#entries
    return kinds[at] === entry.local ? low[at]! : this.#locals + at
  }

  /** The result of the last word becomes the topmost operand. */
  #own(): void {
    this.#written = this.#locals + this.#entries.height
    this.#entries.pushOwn()
  }

  #moveToOwnSlot(at: number): void {
    this.#emitA(move, this.#locals + at, at, 0)
    this.#entries.own(at)
  }

  /** Moves all operands to their own slots. */
  #settle(): void {
    const entries = this.#entries
    for (let at = entries.settled; at < entries.height; at++)
      if (entries.kinds[at] !== entry.own) this.#moveToOwnSlot(at)
    entries.settled = entries.height
  }

  /** Takes operand C: a slot. */
  #popC(): number {
    const at = this.#entries.pop()
    if (this.#entries.kinds[at] === entry.constant) {
      this.#emitA(move, this.#locals + at, at, 0)
      return this.#locals + at
    }
    return this.#slotOf(at)
  }

  #repeating(code: number): void {
    const c = this.#popC()
    const b = this.#entries.pop()
    const a = this.#entries.pop()
    this.#emitAB(code, 0, a, b, c, 0)
    this.#written = none
  }

  /** Passes the topmost operands, as many as the type has parameters, and takes them. */
  #args({ params }: FunctionType): void {
    const entries = this.#entries
    const first = entries.height - params.length
    for (let i = 0; i < params.length; i++) this.#emitA(arg, 0, first + i, i)
    entries.truncate(first)
  }

  /** The results of a call become operands. */
  #fetch({ results }: FunctionType, d: number): void {
    const entries = this.#entries
    if (results.length === 1) {
      entries.pushOwn()
      this.#written = d
      return
    }
    for (let i = 0; i < results.length; i++) {
      const last = i === results.length - 1
      this.#emit(result, this.#locals + entries.height, 0, last ? flag.emptiesArgs : 0, i)
      this.#own()
    }
  }

  /** Leaves the function with the topmost operands, which stay. */
  #return(): void {
    const first = this.#entries.height - this.#results
    if (this.#results === 1) {
      this.#emitA(returnOp, 0, first, 0, flag.hasValue)
    } else {
      for (let i = 0; i < this.#results; i++) this.#emitA(arg, 0, first + i, i)
      this.#emit(returnOp, 0, 0, 0, 0)
    }
    this.#written = none
  }

  /** What all edges of a `br_table` to one label share: as many words for each label. */
  #stub(block: number, values: number): void {
    const first = this.#entries.height - values
    if (block === 0 && values > 1) {
      this.#return()
      return
    }
    const base = block === 0 ? first : this.#bases[block]!
    for (let i = 0; i < values; i++) this.#emitA(move, this.#locals + base + i, first + i, 0)
    if (block === 0) this.#emit(returnOp, 0, this.#locals + first, flag.hasValue, 0)
    else this.#jumpTo(block)
  }

  #open(kind: number, params: number, results: number): void {
    const depth = ++this.#depth
    this.#kinds[depth] = kind
    this.#bases[depth] = this.#entries.height - params
    this.#params[depth] = params
    this.#ends[depth] = results
    this.#labels[depth] = none
    this.#elses[depth] = none
    this.#stubs[depth] = none
  }

  /** Values that a branch to the block passes on. */
  #arity(block: number): number {
    return this.#kinds[block] === loopKind ? this.#params[block]! : this.#ends[block]!
  }

  #isInPlace(block: number): boolean {
    const { kinds, height } = this.#entries
    const values = this.#arity(block)
    if (values === 0) return true
    const first = height - values
    if (first !== this.#bases[block]) return false
    for (let at = first; at < height; at++) if (kinds[at] !== entry.own) return false
    return true
  }

  /** Moves the values of a branch to the slots that the label expects; the operands stay what they are. */
  #moveTo(block: number): void {
    const { kinds, height } = this.#entries
    const values = this.#arity(block)
    const first = height - values
    const base = this.#bases[block]!
    for (let i = 0; i < values; i++)
      if (base !== first || kinds[first + i] !== entry.own)
        this.#emitA(move, this.#locals + base + i, first + i, 0)
  }

  #jumpTo(block: number): void {
    this.#emit(jump, 0, 0, 0, 0)
    this.#link(block)
  }

  /** Has the last word jump to the block's label. */
  #link(block: number): void {
    const { code } = this
    this.#written = none
    if (this.#kinds[block] === loopKind) code.setTarget(code.length - 1, this.#labels[block]!)
    else {
      code.setTarget(code.length - 1, this.#labels[block]! + 1)
      this.#labels[block] = code.length - 1
    }
  }

  /** Binds a label here: every word of the chain jumps to the next word. A target in a chain is 1 + a pc. */
  #bind(chain: number): void {
    const { code } = this
    for (let at = chain; at !== none; ) {
      const before = code.target(at) - 1
      code.setTarget(at, code.length)
      at = before
    }
    this.#written = none
  }

  /** Operands where control arrives from several sides: all own. */
  #restart(base: number, values: number): void {
    const entries = this.#entries
    entries.truncate(base)
    for (let i = 0; i < values; i++) entries.pushOwn()
    entries.settled = entries.height
  }

  #finishInstruction(): void {
    if (!this.#begun) return
    const steps = this.#cost === none ? this.code.length - this.#mark : this.#cost
    this.steps.push(steps | (this.#extra << 16))
    this.#begun = false
    this.#cost = none
    this.#extra = 0
  }
}

/** Slots that a call of a function takes from the machine's budget. */
export function weightOf(slots: number): number {
  return slots + limits.stackPerCall
}
