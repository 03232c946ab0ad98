import { limits } from '../isa.ts'
import { extraStepsOf, stepsOf } from '../lower/steps.ts'
import type { Program } from '../program.ts'
import { form, forms } from '../wasm/opcodes.ts'
import { WasmReader } from '../wasm/reader.ts'
import { noValues, type ValueTypes, valueType } from '../wasm/types.ts'
import { Code, noType, op } from './code.ts'
import { blind, floatKind, floatKinds, isDouble, traps } from './kinds.ts'
import type { NativeLayout } from './layout.ts'
import { NanGraph } from './nans.ts'

/**
 * Locals that an instrumented function has between its parameters and its own locals: steps left and stack left,
 * which are parameters, too, and a place to put a condition or an index aside.
 */
const addedLocals = 3

/**
 * Bodies larger than this call helpers where others have code: no instruction then grows more than sevenfold, and
 * the body stays below the 7,654,321 bytes that V8 takes.
 */
const compactFrom = 1 << 19

const none: ValueTypes = noValues
const single: Readonly<Record<number, ValueTypes>> = Object.fromEntries(
  Object.values(valueType).map((type) => [type, Uint8Array.of(type)]),
)

type Frame = {
  /** Opcode of `block`, `loop`, `if` or, after it, `else`. */
  kind: number
  params: ValueTypes
  results: ValueTypes
  /** Operands below. */
  base: number
  /** Node of the only result where it is a float. */
  node: number
  /** Something branches to its end. */
  isTarget: boolean
}

/**
 * Rewrites function bodies, one after the other, in one pass over the bytes: counts steps, keeps the stack's budget,
 * makes NaNs canonical, and leaves out what cannot be reached. The module must be valid.
 */
export class BodyInstrumenter {
  readonly #layout: NativeLayout
  readonly #reader: WasmReader
  readonly #program: Program
  readonly #isPrecise: boolean
  readonly #code = new Code(1 << 16)
  readonly #graph = new NanGraph()

  /** Nodes of the operands. */
  #nodes = new Int32Array(2_048)
  #height = 0
  #frames: Frame[] = []
  /** Open frames without the function's own: the depth of its label. */
  #depth = 0
  #live = true
  /** Steps of code that was written and not charged yet. */
  #pending = 0
  #entry = 0
  #params = 0
  #steps = 0
  #stack = 0
  #aside = 0
  #isCompact = false
  /** Calls: the steps must be looked at where it begins, since only calls and loops make a program long. */
  #calls = false

  constructor(layout: NativeLayout, program: Program) {
    this.#layout = layout
    this.#program = program
    this.#isPrecise = layout.build === 'precise'
    this.#reader = new WasmReader(layout.module.bytes)
  }

  /** Writes the new body of a defined function, its size first. */
  write(out: Code, defined: number): void {
    const { module, resultTypes } = this.#layout
    const { slots } = this.#program
    const { start, end } = module.bodies[defined]!
    const type = module.functions[module.importedFunctions.length + defined]!
    const reader = this.#reader
    reader.at = start
    reader.end = end
    this.#params = type.params.length
    this.#steps = this.#params
    this.#stack = this.#params + 1
    this.#aside = this.#params + 2
    this.#isCompact = end - start > compactFrom
    this.#calls = false
    const groups: [count: number, type: number][] = []
    let locals = this.#params
    for (let left = reader.u32(); left > 0; left--) {
      const count = reader.u32()
      groups.push([count, reader.u8()])
      locals += count
    }
    this.#graph.reset(locals)
    this.#height = 0
    this.#depth = -1
    this.#live = true
    this.#pending = 0
    this.#entry = this.#program.steps.firsts[defined]!
    this.#code.at = 0
    this.#open(op.block, none, type.results)
    while (this.#depth >= 0) this.#instruction()
    const needsFixes = this.#graph.settle()

    // locals, prologue, a block around the body for its branches out, and the second result
    const head = new Code(64 + 8 * groups.length)
    const temporaries = needsFixes && !this.#isCompact ? 2 : 0
    head.u32(1 + groups.length + temporaries)
    head.raw([1, valueType.i32])
    for (const [count, of] of groups) {
      head.reserve(6)
      head.u32(count)
      head.u8(of)
    }
    const firstTemporary = addedLocals + locals
    if (temporaries > 0) head.raw([1, valueType.f32, 1, valueType.f64])
    head.reserve(64)
    this.#prologue(head, slots[module.importedFunctions.length + defined]! + limits.stackPerCall)
    head.u8(op.block)
    if (type.results.length > 1) head.s32(resultTypes.get(type.number)!)
    else head.u8(type.results[0] ?? noType)
    // the body's own end was written; there, the last step was charged
    const tail = new Code(16)
    tail.with(op.localGet, this.#steps)
    tail.u8(op.end)

    if (needsFixes) this.#spliceFixes(firstTemporary)
    const code = needsFixes ? this.#spliced : this.#code
    out.reserve(5)
    out.u32(head.at + code.at + tail.at)
    out.raw(head.view())
    out.raw(code.view())
    out.raw(tail.view())
  }

  /** Takes the weight from the stack, and traps where it does not suffice or no steps are left. */
  #prologue(code: Code, weight: number): void {
    code.with(op.localGet, this.#stack)
    code.u8(op.i64Const)
    code.s32(weight)
    if (this.#calls) {
      code.u8(op.i64Sub)
      code.with(op.localTee, this.#stack)
      code.with(op.localGet, this.#steps)
      code.u8(op.i64Or)
      code.u8(op.i64Const)
      code.s32(0)
    }
    code.u8(op.i64LtS)
    this.#trapIf(code, this.#isPrecise)
  }

  /**
   * Traps if the topmost value is not 0; a negative number of steps is then found in the global. Not by a branch to
   * one place for all: an engine would merge all locals there, from each of thousands of checks.
   * @param isStored - The global has the number already.
   */
  #trapIf(code: Code, isStored: boolean): void {
    code.u8(op.if)
    code.u8(noType)
    if (!isStored) {
      code.with(op.localGet, this.#steps)
      code.with(op.globalSet, this.#layout.globals.left)
    }
    code.u8(op.unreachable)
    code.u8(op.end)
  }

  readonly #spliced = new Code(1 << 16)

  /** Copies the body, with fixes behind the results that need them. */
  #spliceFixes(firstTemporary: number): void {
    const graph = this.#graph
    const source = this.#code.view()
    const out = this.#spliced
    out.at = 0
    let from = 0
    for (let node = 1; node < graph.count; node++) {
      const place = graph.placeOf(node)
      if (place < 0) continue
      out.raw(source.subarray(from, place))
      from = place
      out.reserve(32)
      const isDoubleResult = isDouble(source[place - 1]!)
      if (this.#isCompact) {
        const { canonical32, canonical64 } = this.#layout.helpers
        out.with(op.call, isDoubleResult ? canonical64 : canonical32)
        continue
      }
      const temporary = firstTemporary + (isDoubleResult ? 1 : 0)
      writeFix(out, temporary, isDoubleResult)
    }
    out.raw(source.subarray(from))
  }

  #instruction(): void {
    const reader = this.#reader
    const out = this.#code
    out.reserve(96)
    const start = reader.at
    const code = reader.u8()
    const words = this.#program.steps.costs[this.#entry++]!
    switch (forms[code]) {
      case form.localGet: {
        const index = reader.u32()
        out.with(op.localGet, this.#local(index))
        this.#pending += words
        this.#push(1 + index)
        return
      }
      case form.i32Const:
        reader.s32()
        break
      case form.i64Const:
        reader.skipS64()
        break
      case form.f32Const:
        reader.at += 4
        break
      case form.f64Const:
        reader.at += 8
        break
      case form.binary: {
        const right = this.#pop()
        const left = this.#pop()
        if (blind[code] === 0) {
          // copysign: the sign of the right one shows
          this.#graph.look(right)
        }
        this.#numeric(code, words, left)
        return
      }
      case form.unary:
        this.#numeric(code, words, this.#pop())
        return
      case form.reinterpret:
        this.#graph.look(this.#pop())
        break
      case form.localSet: {
        const index = reader.u32()
        this.#graph.connect(1 + index, this.#pop())
        out.with(op.localSet, this.#local(index))
        this.#pending += words
        return
      }
      case form.localTee: {
        const index = reader.u32()
        this.#graph.connect(1 + index, this.#nodes[this.#height - 1]!)
        out.with(op.localTee, this.#local(index))
        this.#pending += words
        return
      }
      case form.load:
        reader.u32()
        reader.u32()
        this.#pop()
        this.#beforeTrap(words)
        out.copy(reader.bytes, start, reader.at)
        this.#push(0)
        return
      case form.store:
        reader.u32()
        reader.u32()
        this.#graph.look(this.#pop())
        this.#pop()
        this.#beforeTrap(words)
        out.copy(reader.bytes, start, reader.at)
        return
      case form.block:
        this.#block(code, start, words)
        return
      case form.else:
        this.#otherwise(words)
        return
      case form.end:
        this.#end(words)
        return
      case form.br: {
        const label = reader.u32()
        this.#pending += words
        this.#passTo(label)
        if (label === this.#depth) this.#return()
        else {
          this.#charge()
          out.with(op.br, label)
        }
        this.#skip()
        return
      }
      case form.brIf:
        this.#branchIf(reader.u32(), words)
        return
      case form.brTable: {
        this.#pop()
        const count = reader.u32()
        let label = 0
        for (let i = 0; i <= count; i++) {
          label = reader.u32()
          this.#frames[this.#depth - label]!.isTarget = true
        }
        this.#lookAll(this.#labelTypes(label).length)
        this.#pending += words
        this.#charge()
        out.raw(reader.bytes.subarray(start, reader.at))
        this.#skip()
        return
      }
      case form.return:
        this.#pending += words
        this.#passTo(this.#depth)
        this.#return()
        this.#skip()
        return
      case form.unreachable:
        this.#beforeTrap(words)
        this.#pending = 0
        out.u8(op.unreachable)
        this.#skip()
        return
      case form.call:
        this.#call(reader.u32(), words)
        return
      case form.callIndirect:
        this.#callIndirect(reader.u32(), words)
        return
      case form.drop:
        this.#pop()
        out.u8(code)
        this.#pending += words
        return
      case form.selectTyped:
        reader.u32()
        reader.at++
        this.#select(words)
        return
      case form.select:
        this.#select(words)
        return
      case form.globalGet:
        reader.u32()
        break
      case form.globalSet:
        reader.u32()
        this.#graph.look(this.#pop())
        out.copy(reader.bytes, start, reader.at)
        this.#pending += words
        return
      case form.memorySize:
        reader.u8()
        break
      case form.memoryGrow:
        reader.u8()
        this.#pending += words
        out.with(op.call, this.#layout.helpers.grow)
        return
      case form.nop:
        return
      case form.prefixFc:
        this.#afterFc(start, words)
        return
    }
    // instructions that push a value which is not arithmetic's
    out.copy(reader.bytes, start, reader.at)
    this.#pending += words
    this.#push(0)
  }

  #numeric(code: number, words: number, source: number): void {
    if (traps[code] === 1) this.#beforeTrap(words)
    else this.#pending += words
    const out = this.#code
    out.u8(code)
    const kind = floatKinds[code]!
    if (kind === floatKind.arithmetic) this.#push(this.#graph.add(out.at))
    else if (kind === floatKind.other || source === 0) this.#push(0)
    else {
      const node = this.#graph.add(-1)
      this.#graph.connect(node, source)
      this.#push(node)
    }
  }

  #select(words: number): void {
    this.#pop()
    const right = this.#pop()
    const left = this.#pop()
    this.#code.u8(op.select)
    this.#pending += words
    if (left === 0 && right === 0) {
      this.#push(0)
      return
    }
    const node = this.#graph.add(-1)
    this.#graph.connect(node, left)
    this.#graph.connect(node, right)
    this.#push(node)
  }

  #block(kind: number, start: number, words: number): void {
    const reader = this.#reader
    const out = this.#code
    const short = reader.bytes[reader.at]!
    const results = short === noType ? none : single[short]
    let type = { params: none, results: results ?? none }
    if (results === undefined && short !== noType) type = this.#layout.module.types[reader.s33()]!
    else reader.at++
    if (kind === op.if) this.#pop()
    this.#pending += words
    if (kind !== op.block) this.#charge()
    this.#lookAll(type.params.length)
    out.copy(reader.bytes, start, reader.at)
    this.#open(kind, type.params, type.results)
    if (kind === op.loop) this.#trapIfNegative(false)
  }

  /** Traps where no steps are left: every cycle comes past a loop's head or the beginning of a function. */
  #trapIfNegative(isStored: boolean): void {
    const out = this.#code
    out.with(op.localGet, this.#steps)
    out.u8(op.i64Const)
    out.u8(0)
    out.u8(op.i64LtS)
    this.#trapIf(out, isStored)
  }

  #otherwise(words: number): void {
    const frame = this.#frames[this.#depth]!
    if (this.#live) {
      this.#pending += words
      this.#passToFrame(frame)
      this.#charge()
    }
    this.#code.u8(op.else)
    frame.kind = op.else
    this.#live = true
    this.#height = frame.base
    this.#pushUnknown(frame.params.length)
  }

  #end(words: number): void {
    const frame = this.#frames[this.#depth]!
    if (this.#live) {
      this.#pending += words
      this.#passToFrame(frame)
      const goesOnAlone = frame.kind === op.loop || (frame.kind === op.block && !frame.isTarget)
      if (!goesOnAlone || this.#depth === 0) this.#charge()
    }
    this.#code.u8(op.end)
    this.#live = true
    this.#depth--
    this.#height = frame.base
    if (frame.node !== 0) this.#push(frame.node)
    else this.#pushUnknown(frame.results.length)
  }

  #branchIf(label: number, words: number): void {
    const out = this.#code
    this.#pop()
    const arity = this.#labelTypes(label).length
    this.#passTo(label)
    this.#pending += stepsOf(words)
    this.#charge()
    const taken = extraStepsOf(words)
    if (taken === 0) {
      out.with(op.brIf, label)
      return
    }
    if (arity === 0) {
      out.u8(op.if)
      out.u8(noType)
      this.#pending = taken
      if (label === this.#depth) this.#return()
      else {
        this.#charge()
        out.with(op.br, label + 1)
      }
      out.u8(op.end)
      return
    }
    out.with(op.localSet, this.#aside)
    out.with(op.localGet, this.#steps)
    out.u8(op.i64Const)
    out.s32(taken)
    out.u8(op.i64Sub)
    out.with(op.localGet, this.#steps)
    out.with(op.localGet, this.#aside)
    out.u8(op.select)
    out.with(op.localSet, this.#steps)
    out.with(op.localGet, this.#aside)
    out.with(op.brIf, label)
  }

  #call(index: number, words: number): void {
    const { module, helpers, globals, stubs } = this.#layout
    const out = this.#code
    const type = module.functions[index]!
    const imported = module.importedFunctions[index]
    this.#lookAll(type.params.length)
    this.#height -= type.params.length
    const isCall = imported === undefined || imported.host === undefined
    const after = isCall && type.results.length > 1 ? type.results.length : 0
    const before = words - after
    if (isCall) {
      this.#passStepsBefore(before)
      out.with(op.localGet, this.#stack)
      out.with(op.call, stubs.get(index) ?? index)
      out.with(op.localSet, this.#steps)
      this.#calls = true
    } else if (imported.host === 'input_read' || imported.host === 'output_write') {
      this.#passStepsBefore(before)
      out.with(op.call, imported.host === 'input_read' ? helpers.inputRead : helpers.outputWrite)
      out.with(op.localSet, this.#steps)
    } else {
      this.#beforeTrap(before)
      if (imported.host === 'exit') {
        this.#charge()
        out.with(op.localGet, this.#steps)
        out.with(op.globalSet, globals.left)
      }
      out.with(op.call, index)
    }
    this.#pending += after
    this.#pushUnknown(type.results.length)
  }

  #callIndirect(typeIndex: number, words: number): void {
    const { module, firstType } = this.#layout
    const out = this.#code
    const type = module.types[typeIndex]!
    // any encoding of table 0
    this.#reader.u32()
    this.#pop()
    this.#lookAll(type.params.length)
    this.#height -= type.params.length
    const after = type.results.length > 1 ? type.results.length : 0
    out.with(op.localSet, this.#aside)
    this.#passStepsBefore(words - after)
    out.with(op.localGet, this.#stack)
    out.with(op.localGet, this.#aside)
    out.with(op.callIndirect, firstType + type.number - 1)
    out.u8(0)
    out.with(op.localSet, this.#steps)
    this.#calls = true
    this.#pending += after
    this.#pushUnknown(type.results.length)
  }

  #afterFc(start: number, words: number): void {
    const reader = this.#reader
    const out = this.#code
    const second = reader.u32()
    if (second <= 7) {
      out.copy(reader.bytes, start, reader.at)
      this.#pending += words
      this.#nodes[this.#height - 1] = 0
      return
    }
    const isCopy = second === 10
    reader.at += isCopy ? 2 : 1
    this.#height -= 3
    this.#passStepsBefore(words)
    out.with(op.call, isCopy ? this.#layout.helpers.copy : this.#layout.helpers.fill)
    out.with(op.localSet, this.#steps)
  }

  /** Charges what is written and not charged yet. */
  #charge(): void {
    if (this.#pending === 0) return
    this.#passSteps()
    this.#code.with(op.localSet, this.#steps)
  }

  /** Leaves the steps on the stack, as an argument or a result, after charging. */
  #passSteps(): void {
    const out = this.#code
    out.with(op.localGet, this.#steps)
    if (this.#pending === 0) return
    out.u8(op.i64Const)
    out.s32(this.#pending)
    out.u8(op.i64Sub)
    this.#pending = 0
  }

  #return(): void {
    this.#passSteps()
    this.#code.u8(op.return)
  }

  /** Comes before an instruction that takes these steps and may end the program. */
  #beforeTrap(words: number): void {
    this.#pending += words
    if (!this.#isPrecise) return
    if (this.#isCompact) {
      this.#checkByHelper()
      this.#code.with(op.localSet, this.#steps)
    } else this.#check()
  }

  /** The same where the instruction takes the steps left, too: they are on the stack then. */
  #passStepsBefore(words: number): void {
    this.#pending += words
    if (this.#isPrecise && this.#isCompact) {
      this.#checkByHelper()
      return
    }
    if (this.#isPrecise) this.#check()
    this.#passSteps()
  }

  #check(): void {
    const out = this.#code
    this.#passSteps()
    out.with(op.localTee, this.#steps)
    out.with(op.globalSet, this.#layout.globals.left)
    this.#trapIfNegative(true)
  }

  /** Leaves the steps on the stack. */
  #checkByHelper(): void {
    const out = this.#code
    out.with(op.localGet, this.#steps)
    out.u8(op.i64Const)
    out.s32(this.#pending)
    out.with(op.call, this.#layout.helpers.check)
    this.#pending = 0
  }

  #local(index: number): number {
    return index < this.#params ? index : index + addedLocals
  }

  #push(node: number): void {
    this.#nodes[this.#height++] = node
  }

  #pushUnknown(count: number): void {
    for (let i = 0; i < count; i++) this.#nodes[this.#height++] = 0
  }

  #pop(): number {
    return this.#nodes[--this.#height]!
  }

  /** The bits of the topmost values show. */
  #lookAll(count: number): void {
    for (let i = 1; i <= count; i++) this.#graph.look(this.#nodes[this.#height - i]!)
  }

  #open(kind: number, params: ValueTypes, results: ValueTypes): void {
    const isFloat = results.length === 1 && (results[0] === valueType.f32 || results[0] === valueType.f64)
    // a function's result is looked at by whoever called it
    const node = isFloat && this.#depth >= 0 ? this.#graph.add(-1) : 0
    const base = this.#height - params.length
    this.#depth++
    this.#frames[this.#depth] = { kind, params, results, base, node, isTarget: false }
    this.#height = base
    this.#pushUnknown(params.length)
  }

  #labelTypes(label: number): ValueTypes {
    const { kind, params, results } = this.#frames[this.#depth - label]!
    return kind === op.loop ? params : results
  }

  #passTo(label: number): void {
    const frame = this.#frames[this.#depth - label]!
    frame.isTarget = true
    if (frame.kind === op.loop) this.#lookAll(frame.params.length)
    else this.#passToFrame(frame)
  }

  #passToFrame({ node, results }: Frame): void {
    if (node === 0) this.#lookAll(results.length)
    else this.#graph.connect(node, this.#nodes[this.#height - 1]!)
  }

  /** Passes over what cannot be reached, up to the end or the other part of the present block. */
  #skip(): void {
    const reader = this.#reader
    this.#live = false
    let inner = 0
    for (;;) {
      const code = reader.bytes[reader.at]!
      if (inner === 0 && (code === op.end || code === op.else)) return
      reader.at++
      this.#entry++
      switch (forms[code]) {
        case form.block:
          inner++
          reader.s33()
          break
        case form.end:
          inner--
          break
        case form.br:
        case form.brIf:
        case form.call:
        case form.localGet:
        case form.localSet:
        case form.localTee:
        case form.globalGet:
        case form.globalSet:
        case form.memorySize:
        case form.memoryGrow:
          reader.u32()
          break
        case form.callIndirect:
        case form.load:
        case form.store:
          reader.u32()
          reader.u32()
          break
        case form.brTable:
          for (let count = reader.u32(); count >= 0; count--) reader.u32()
          break
        case form.selectTyped:
          reader.u32()
          reader.at++
          break
        case form.i32Const:
          reader.s32()
          break
        case form.i64Const:
          reader.skipS64()
          break
        case form.f32Const:
          reader.at += 4
          break
        case form.f64Const:
          reader.at += 8
          break
        case form.prefixFc: {
          const second = reader.u32()
          if (second >= 8) reader.at += second === 10 ? 2 : 1
        }
      }
    }
  }
}

/** Replaces a NaN on the stack by the canonical one. */
export function writeFix(out: Code, temporary: number, isDoubleResult: boolean): void {
  out.with(op.localTee, temporary)
  if (isDoubleResult) {
    out.u8(op.f64Const)
    out.raw([0, 0, 0, 0, 0, 0, 0xf8, 0x7f])
  } else {
    out.u8(op.f32Const)
    out.raw([0, 0, 0xc0, 0x7f])
  }
  out.with(op.localGet, temporary)
  out.with(op.localGet, temporary)
  out.u8(isDoubleResult ? op.f64Eq : op.f32Eq)
  out.u8(op.select)
}
