import { limits } from '../isa.ts'
import { extraStepsOf, stepsOf } from '../lower/steps.ts'
import type { Program } from '../program.ts'
import { readBlockType } from '../wasm/immediates.ts'
import { form, forms } from '../wasm/opcodes.ts'
import { WasmReader } from '../wasm/reader.ts'
import { noValues } from '../wasm/types.ts'
import { CallWriter } from './calls.ts'
import { Code, noType, op } from './code.ts'
import { addedLocals, compactFrom, StepWriter, writeLocals } from './count.ts'
import { FixSplicer } from './fix.ts'
import { blind, floatKind, floatKinds, traps } from './kinds.ts'
import type { NativeLayout } from './layout.ts'
import { Operands } from './operands.ts'
import { skipConstant, skipUnreachable } from './skip.ts'

/**
 * Rewrites function bodies, one after the other, in one pass over the bytes: counts steps, keeps the stack's budget,
 * makes NaNs canonical, and leaves out what cannot be reached. The module must be valid.
 */
export class BodyInstrumenter {
  readonly #layout: NativeLayout
  readonly #reader: WasmReader
  readonly #program: Program
  readonly #code = new Code(1 << 16)
  readonly #count: StepWriter
  readonly #operands = new Operands()
  readonly #splicer = new FixSplicer()
  readonly #calls: CallWriter
  /** The present instruction can be reached. */
  #live = true
  /** Which of the program's costs is the next instruction's. */
  #entry = 0
  #params = 0

  constructor(layout: NativeLayout, program: Program) {
    this.#layout = layout
    this.#program = program
    this.#reader = new WasmReader(layout.module.bytes)
    this.#count = new StepWriter(layout, this.#code)
    this.#calls = new CallWriter(layout, this.#count, this.#operands)
  }

  /** Writes the new body of a defined function, its size first. */
  write(out: Code, defined: number): void {
    const { module, resultTypes } = this.#layout
    const { start, end } = module.bodies[defined]!
    const index = module.importedFunctions.length + defined
    const type = module.functions[index]!
    const reader = this.#reader
    reader.at = start
    this.#params = type.params.length
    this.#count.reset(this.#params, end - start > compactFrom)
    const groups: [count: number, type: number][] = []
    let locals = this.#params
    for (let left = reader.u32(); left > 0; left--) {
      const count = reader.u32()
      groups.push([count, reader.u8()])
      locals += count
    }
    this.#operands.reset(locals)
    this.#live = true
    this.#entry = this.#program.steps.firsts[defined]!
    this.#code.at = 0
    this.#operands.open(op.block, noValues, type.results)
    while (this.#operands.depth >= 0) this.#instruction()
    const needsFixes = this.#operands.graph.settle()

    // locals, prologue, a block around the body for its branches out, and the second result
    const head = writeLocals(groups, needsFixes && !this.#count.isCompact)
    this.#count.prologue(head, this.#program.slots[index]! + limits.stackPerCall)
    head.u8(op.block)
    if (type.results.length > 1) head.s32(resultTypes.get(type.number)!)
    else head.u8(type.results[0] ?? noType)
    // the last step was charged at the body's own end
    const tail = new Code(16)
    tail.with(op.localGet, this.#count.steps)
    tail.u8(op.end)

    const { graph } = this.#operands
    const helpers = this.#count.isCompact ? this.#layout.helpers : undefined
    const temporary = addedLocals + locals
    const code = needsFixes ? this.#splicer.splice(this.#code, graph, temporary, helpers) : this.#code
    out.reserve(5)
    out.u32(head.at + code.at + tail.at)
    out.raw(head.view())
    out.raw(code.view())
    out.raw(tail.view())
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
        this.#count.pending += words
        this.#operands.push(1 + index)
        return
      }
      case form.i32Const:
      case form.i64Const:
      case form.f32Const:
      case form.f64Const:
        skipConstant(reader, forms[code]!)
        break
      case form.binary: {
        const right = this.#operands.pop()
        const left = this.#operands.pop()
        // copysign: the sign of the right one shows
        if (blind[code] === 0) this.#operands.graph.look(right)
        this.#numeric(code, words, left)
        return
      }
      case form.unary:
        this.#numeric(code, words, this.#operands.pop())
        return
      case form.reinterpret:
        this.#operands.graph.look(this.#operands.pop())
        break
      case form.localSet: {
        const index = reader.u32()
        this.#operands.graph.connect(1 + index, this.#operands.pop())
        out.with(op.localSet, this.#local(index))
        this.#count.pending += words
        return
      }
      case form.localTee: {
        const index = reader.u32()
        this.#operands.graph.connect(1 + index, this.#operands.nodes[this.#operands.height - 1]!)
        out.with(op.localTee, this.#local(index))
        this.#count.pending += words
        return
      }
      case form.load:
        reader.u32()
        reader.u32()
        this.#operands.pop()
        this.#count.beforeTrap(words)
        out.copy(reader.bytes, start, reader.at)
        this.#operands.push(0)
        return
      case form.store:
        reader.u32()
        reader.u32()
        this.#operands.graph.look(this.#operands.pop())
        this.#operands.pop()
        this.#count.beforeTrap(words)
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
        this.#count.pending += words
        this.#operands.passTo(label)
        if (label === this.#operands.depth) this.#count.return()
        else {
          this.#count.charge()
          out.with(op.br, label)
        }
        this.#skip()
        return
      }
      case form.brIf:
        this.#branchIf(reader.u32(), words)
        return
      case form.brTable: {
        this.#operands.pop()
        const count = reader.u32()
        let label = 0
        for (let i = 0; i <= count; i++) {
          label = reader.u32()
          this.#operands.frames[this.#operands.depth - label]!.isTarget = true
        }
        this.#operands.lookAll(this.#operands.labelTypes(label).length)
        this.#count.pending += words
        this.#count.charge()
        out.raw(reader.bytes.subarray(start, reader.at))
        this.#skip()
        return
      }
      case form.return:
        this.#count.pending += words
        this.#operands.passTo(this.#operands.depth)
        this.#count.return()
        this.#skip()
        return
      case form.unreachable:
        this.#count.beforeTrap(words)
        this.#count.pending = 0
        out.u8(op.unreachable)
        this.#skip()
        return
      case form.call:
        this.#calls.call(reader.u32(), words)
        return
      case form.callIndirect:
        this.#calls.callIndirect(reader.u32(), words)
        // any encoding of table 0
        reader.u32()
        return
      case form.drop:
        this.#operands.pop()
        out.u8(code)
        this.#count.pending += words
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
        this.#operands.graph.look(this.#operands.pop())
        out.copy(reader.bytes, start, reader.at)
        this.#count.pending += words
        return
      case form.memorySize:
        reader.u8()
        break
      case form.memoryGrow:
        reader.u8()
        this.#count.pending += words
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
    this.#count.pending += words
    this.#operands.push(0)
  }

  #numeric(code: number, words: number, source: number): void {
    if (traps[code] === 1) this.#count.beforeTrap(words)
    else this.#count.pending += words
    const out = this.#code
    out.u8(code)
    const kind = floatKinds[code]!
    if (kind === floatKind.arithmetic) this.#operands.push(this.#operands.graph.add(out.at))
    else if (kind === floatKind.other || source === 0) this.#operands.push(0)
    else {
      const node = this.#operands.graph.add(-1)
      this.#operands.graph.connect(node, source)
      this.#operands.push(node)
    }
  }

  #select(words: number): void {
    this.#operands.pop()
    const right = this.#operands.pop()
    const left = this.#operands.pop()
    this.#code.u8(op.select)
    this.#count.pending += words
    if (left === 0 && right === 0) {
      this.#operands.push(0)
      return
    }
    const node = this.#operands.graph.add(-1)
    this.#operands.graph.connect(node, left)
    this.#operands.graph.connect(node, right)
    this.#operands.push(node)
  }

  #block(kind: number, start: number, words: number): void {
    const reader = this.#reader
    const out = this.#code
    const type = readBlockType(reader, this.#layout.module.types)
    if (kind === op.if) this.#operands.pop()
    this.#count.pending += words
    if (kind !== op.block) this.#count.charge()
    this.#operands.lookAll(type.params.length)
    out.copy(reader.bytes, start, reader.at)
    this.#operands.open(kind, type.params, type.results)
    if (kind === op.loop) this.#count.checkLoop()
  }

  #otherwise(words: number): void {
    const frame = this.#operands.frames[this.#operands.depth]!
    if (this.#live) {
      this.#count.pending += words
      this.#operands.passToFrame(frame)
      this.#count.charge()
    }
    this.#code.u8(op.else)
    frame.kind = op.else
    this.#live = true
    this.#operands.height = frame.base
    this.#operands.pushUnknown(frame.params.length)
  }

  #end(words: number): void {
    const frame = this.#operands.frames[this.#operands.depth]!
    if (this.#live) {
      this.#count.pending += words
      this.#operands.passToFrame(frame)
      const goesOnAlone = frame.kind === op.loop || (frame.kind === op.block && !frame.isTarget)
      if (!goesOnAlone || this.#operands.depth === 0) this.#count.charge()
    }
    this.#code.u8(op.end)
    this.#live = true
    this.#operands.depth--
    this.#operands.height = frame.base
    if (frame.node !== 0) this.#operands.push(frame.node)
    else this.#operands.pushUnknown(frame.results.length)
  }

  #branchIf(label: number, words: number): void {
    const out = this.#code
    this.#operands.pop()
    const arity = this.#operands.labelTypes(label).length
    this.#operands.passTo(label)
    this.#count.pending += stepsOf(words)
    this.#count.charge()
    const taken = extraStepsOf(words)
    if (taken === 0) {
      out.with(op.brIf, label)
      return
    }
    if (arity === 0) {
      out.u8(op.if)
      out.u8(noType)
      this.#count.pending = taken
      if (label === this.#operands.depth) this.#count.return()
      else {
        this.#count.charge()
        out.with(op.br, label + 1)
      }
      out.u8(op.end)
      return
    }
    out.with(op.localSet, this.#count.aside)
    out.with(op.localGet, this.#count.steps)
    out.u8(op.i64Const)
    out.s32(taken)
    out.u8(op.i64Sub)
    out.with(op.localGet, this.#count.steps)
    out.with(op.localGet, this.#count.aside)
    out.u8(op.select)
    out.with(op.localSet, this.#count.steps)
    out.with(op.localGet, this.#count.aside)
    out.with(op.brIf, label)
  }

  #afterFc(start: number, words: number): void {
    const reader = this.#reader
    const out = this.#code
    const second = reader.u32()
    if (second <= 7) {
      out.copy(reader.bytes, start, reader.at)
      this.#count.pending += words
      this.#operands.nodes[this.#operands.height - 1] = 0
      return
    }
    const isCopy = second === 10
    reader.at += isCopy ? 2 : 1
    this.#operands.height -= 3
    this.#count.passBefore(words)
    out.with(op.call, isCopy ? this.#layout.helpers.copy : this.#layout.helpers.fill)
    out.with(op.localSet, this.#count.steps)
  }

  #local(index: number): number {
    return index < this.#params ? index : index + addedLocals
  }

  #skip(): void {
    this.#live = false
    this.#entry += skipUnreachable(this.#reader)
  }
}
