import { flag, limits, op } from '../isa.ts'
import type { FunctionType, WasmModule } from '../wasm/types.ts'
import type { BodyVisitor } from '../wasm/visitor.ts'
import { BlockLowering, bodyKind } from './blocks.ts'
import { none } from './emitter.ts'
import { entry } from './entries.ts'
import { StepCounter } from './steps.ts'

const arg = op('arg')
const callOp = op('call')
const callIndirect = op('call_indirect')
const firstTruncSat = op('i32.trunc_sat_f32_s')
const globalGet = op('global_get')
const globalSet = op('global_set')
const memoryCopy = op('memory_copy')
const memoryFill = op('memory_fill')
const memoryGrow = op('memory_grow')
const memorySize = op('memory_size')
const move = op('move')
const result = op('result')
const select = op('select')
const unreachable = op('unreachable')

/**
 * Lowers bodies to instruction words, in one pass: operands stay where they are until an instruction takes them.
 * The rules are those of docs/vm/machine.md, "Translation". Opcodes of loads, stores and of numeric instructions
 * of one byte are the machine's own.
 */
export class BodyLowering extends BlockLowering implements BodyVisitor {
  readonly steps = new StepCounter()
  /** By function index: where its code begins, or -1, and how many slots it has. */
  readonly pcs: Int32Array
  readonly slots: Uint16Array

  readonly #module: WasmModule
  #functionIndex = 0
  /** An instruction was begun; where its words begin. */
  #begun = false
  #mark = 0

  constructor(module: WasmModule) {
    super()
    this.#module = module
    this.pcs = new Int32Array(module.functions.length).fill(none)
    this.slots = new Uint16Array(module.functions.length)
  }

  begin(functionIndex: number, type: FunctionType, locals: number): void {
    this.pcs[functionIndex] = this.code.length
    this.#functionIndex = functionIndex
    this.locals = locals
    this.results = type.results.length
    this.entries.truncate(0)
    this.written = none
    this.#begun = false
    this.depth = none
    this.open(bodyKind, 0, this.results)
    this.steps.beginFunction()
  }

  next(): void {
    this.#finishInstruction()
    this.#begun = true
    this.#mark = this.code.length
  }

  finish(height: number): void {
    this.#finishInstruction()
    this.slots[this.#functionIndex] = this.locals + height
  }

  unreachable(): void {
    this.emit(unreachable, 0, 0, 0, 0)
  }

  return(): void {
    this.leave()
  }

  call(functionIndex: number, type: FunctionType): void {
    this.#args(type)
    const host = this.#module.importedFunctions[functionIndex]?.host
    const single = type.results.length === 1
    const d = single ? this.locals + this.entries.height : 0
    // pc and weight of the callee are filled in when all functions are lowered
    this.emit(host === undefined ? callOp : op(host), d, 0, 0, host === undefined ? functionIndex : 0)
    this.#fetch(type, d)
  }

  callIndirect(type: FunctionType): void {
    const index = this.entries.pop()
    this.#args(type)
    const d = type.results.length === 1 ? this.locals + this.entries.height : 0
    this.emitA(callIndirect, d, index, type.number)
    this.#fetch(type, d)
  }

  drop(): void {
    this.entries.pop()
  }

  select(): void {
    const c = this.popC()
    const b = this.entries.pop()
    const a = this.entries.pop()
    this.emitAB(select, this.locals + a, a, b, c, 0)
    this.own()
  }

  localGet(index: number): void {
    this.entries.pushLocal(index)
  }

  localSet(index: number): void {
    const entries = this.entries
    const at = entries.pop()
    for (let i = entries.settled; i < entries.height && entries.usesOf(index) > 0; i++)
      if (entries.kinds[i] === entry.local && entries.low[i] === index) this.moveToOwnSlot(i)
    // a move above has written another slot
    if (entries.kinds[at] === entry.own && this.written === this.locals + at) {
      this.code.redirect(index)
      this.written = index
    } else this.emitA(move, index, at, 0)
  }

  localTee(index: number): void {
    this.localSet(index)
    this.entries.pushLocal(index)
  }

  globalGet(index: number): void {
    this.emit(globalGet, this.locals + this.entries.height, 0, 0, index)
    this.own()
  }

  globalSet(index: number): void {
    this.emitA(globalSet, 0, this.entries.pop(), index)
    this.written = none
  }

  load(code: number, offset: number): void {
    const a = this.entries.pop()
    this.emitA(code, this.locals + a, a, offset)
    this.own()
  }

  store(code: number, offset: number): void {
    const b = this.entries.pop()
    const a = this.entries.pop()
    this.emitAB(code, 0, a, b, 0, offset)
    this.written = none
  }

  memorySize(): void {
    this.emit(memorySize, this.locals + this.entries.height, 0, 0, 0)
    this.own()
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
    this.entries.pushConstant(low, high)
  }

  unary(code: number): void {
    const a = this.entries.pop()
    this.emitA(code < 0x100 ? code : firstTruncSat + (code - 0x100), this.locals + a, a, 0)
    this.own()
  }

  binary(code: number): void {
    const b = this.entries.pop()
    const a = this.entries.pop()
    this.emitAB(code, this.locals + a, a, b, 0, 0)
    this.own()
  }

  #repeating(code: number): void {
    const c = this.popC()
    const b = this.entries.pop()
    const a = this.entries.pop()
    this.emitAB(code, 0, a, b, c, 0)
    this.written = none
  }

  /** Passes the topmost operands, as many as the type has parameters, and takes them. */
  #args({ params }: FunctionType): void {
    const entries = this.entries
    const first = entries.height - params.length
    for (let i = 0; i < params.length; i++) this.emitA(arg, 0, first + i, i)
    entries.truncate(first)
  }

  /** The results of a call become operands. */
  #fetch({ results }: FunctionType, d: number): void {
    const entries = this.entries
    if (results.length === 1) {
      entries.pushOwn()
      this.written = d
      return
    }
    for (let i = 0; i < results.length; i++) {
      const last = i === results.length - 1
      this.emit(result, this.locals + entries.height, 0, last ? flag.emptiesArgs : 0, i)
      this.own()
    }
  }

  #finishInstruction(): void {
    if (!this.#begun) return
    const steps = this.cost === none ? this.code.length - this.#mark : this.cost
    this.steps.push(steps | (this.extra << 16))
    this.#begun = false
    this.cost = none
    this.extra = 0
  }
}

/** What a call of a function takes from the machine's budget of slots. */
export function weightOf(slots: number): number {
  return slots + limits.stackPerCall
}
