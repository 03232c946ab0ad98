import { ProgramInstructionError } from '../../errors/program.ts'
import { limits } from '../isa.ts'
import { hex, readBlockType, readValueType } from './immediates.ts'
import { maxJumpTableEntries } from './limits.ts'
import {
  afterFc,
  form,
  forms,
  names,
  namesAfterFc,
  opcode as op,
  operandTypes,
  resultTypes,
  widthExponents,
} from './opcodes.ts'
import { OperandReader } from './operands.ts'
import { refusedInstruction } from './refused.ts'
import { type FunctionType, valueType, type WasmModule } from './types.ts'
import type { BodyVisitor } from './visitor.ts'

const { i32, i64, f32, f64 } = valueType

/** Decodes and validates the bodies of a module, one after the other, and tells a visitor. */
export class BodyValidator extends OperandReader {
  readonly #module: WasmModule
  readonly #visitor: BodyVisitor
  readonly #locals = new Uint8Array(limits.slots)
  #localCount = 0
  readonly #depths = new Uint32Array(maxJumpTableEntries + 1)
  /** By block: the last `br_table` that looked at it. */
  readonly #lookedAt: number[] = []
  #tables = 0

  constructor(module: WasmModule, visitor: BodyVisitor) {
    super(module.bytes)
    this.#module = module
    this.#visitor = visitor
  }

  /**
   * Reads the body of one function, locals first.
   * @throws {ProgramError}
   */
  read(functionIndex: number, start: number, end: number): void {
    const type = this.#module.functions[functionIndex]!
    this.functionIndex = functionIndex
    this.instruction = ''
    this.at = start
    this.end = end
    this.#readLocals(type)
    this.reset(this.#localCount, type.results)
    this.#visitor.begin(functionIndex, type, this.#localCount)
    while (this.depth >= 0) this.#readInstruction()
    this.instruction = ''
    if (!this.done) throw this.malformed('bytes after the end of a function')
    this.#visitor.finish(this.liveHeight)
  }

  #readLocals({ params }: FunctionType): void {
    this.#locals.set(params)
    let total = params.length
    for (let groups = this.count(2); groups > 0; groups--) {
      const count = this.u32()
      const first = total
      total += count
      if (total > limits.slots) throw this.exceeds('slots of a function', total, limits.slots)
      this.#locals.fill(readValueType(this), first, total)
    }
    this.#localCount = total
  }

  #readInstruction(): void {
    const visitor = this.#visitor
    this.instructionAt = this.at
    const code = this.u8()
    this.instruction = names[code]!
    visitor.next(this.instructionAt)
    switch (forms[code]) {
      case form.localGet: {
        const index = this.#readLocal()
        this.push(this.#locals[index]!)
        if (this.live) visitor.localGet(index)
        return
      }
      case form.i32Const: {
        const value = this.s32()
        this.push(i32)
        if (this.live) visitor.constant(value, 0)
        return
      }
      case form.binary: {
        const operand = operandTypes[code]!
        this.pop(operand)
        this.pop(operand)
        this.push(resultTypes[code]!)
        if (this.live) visitor.binary(code)
        return
      }
      case form.localSet: {
        const index = this.#readLocal()
        this.pop(this.#locals[index]!)
        if (this.live) visitor.localSet(index)
        return
      }
      case form.localTee: {
        const index = this.#readLocal()
        this.pop(this.#locals[index]!)
        this.push(this.#locals[index]!)
        if (this.live) visitor.localTee(index)
        return
      }
      case form.load: {
        const offset = this.#readMemoryArgument(code)
        this.pop(i32)
        this.push(resultTypes[code]!)
        if (this.live) visitor.load(code, offset)
        return
      }
      case form.store: {
        const offset = this.#readMemoryArgument(code)
        this.pop(operandTypes[code]!)
        this.pop(i32)
        if (this.live) visitor.store(code, offset)
        return
      }
      case form.unary:
        this.pop(operandTypes[code]!)
        this.push(resultTypes[code]!)
        if (this.live) visitor.unary(code)
        return
      case form.reinterpret:
        this.pop(operandTypes[code]!)
        this.push(resultTypes[code]!)
        return
      case form.block:
        this.#block(code)
        return
      case form.else: {
        const reached = this.live
        this.turnBlock()
        if (this.live) visitor.otherwise(reached)
        return
      }
      case form.end: {
        const reached = this.live
        this.closeBlock()
        if (this.live) visitor.end(reached)
        return
      }
      case form.br: {
        const label = this.u32()
        this.merge()
        this.popAll(this.labelTypes(label))
        if (this.live) visitor.br(label)
        this.abandon()
        return
      }
      case form.brIf: {
        const label = this.u32()
        this.pop(i32)
        this.merge()
        const types = this.labelTypes(label)
        this.popAll(types)
        this.pushAll(types)
        if (this.live) visitor.brIf(label)
        return
      }
      case form.brTable:
        this.#branchTable()
        return
      case form.return:
        this.popAll(this.labelTypes(this.depth))
        if (this.live) visitor.return()
        this.abandon()
        return
      case form.call: {
        const { functions } = this.#module
        const index = this.u32()
        const type = functions[index]
        if (type === undefined) throw this.invalid(`unknown function ${index} of ${functions.length}`)
        this.popAll(type.params)
        this.pushAll(type.results)
        if (this.live) visitor.call(index, type)
        return
      }
      case form.callIndirect: {
        const type = this.#readTypeIndex()
        this.#readTableIndex()
        this.pop(i32)
        this.popAll(type.params)
        this.pushAll(type.results)
        if (this.live) visitor.callIndirect(type)
        return
      }
      case form.drop:
        this.pop(0)
        if (this.live) visitor.drop()
        return
      case form.select: {
        this.pop(i32)
        const second = this.pop(0)
        const first = this.pop(second)
        this.push(first === 0 ? second : first)
        if (this.live) visitor.select()
        return
      }
      case form.selectTyped: {
        if (this.u32() !== 1) throw this.invalid('invalid result arity: select has one type')
        const type = readValueType(this)
        this.pop(i32)
        this.pop(type)
        this.pop(type)
        this.push(type)
        if (this.live) visitor.select()
        return
      }
      case form.globalGet: {
        const index = this.u32()
        this.push(this.#globalAt(index).type)
        if (this.live) visitor.globalGet(index)
        return
      }
      case form.globalSet: {
        const index = this.u32()
        const { type, mutable } = this.#globalAt(index)
        if (!mutable) throw this.invalid(`global ${index} is immutable`)
        this.pop(type)
        if (this.live) visitor.globalSet(index)
        return
      }
      case form.memorySize:
        this.#readMemoryIndex()
        this.push(i32)
        if (this.live) visitor.memorySize()
        return
      case form.memoryGrow:
        this.#readMemoryIndex()
        this.pop(i32)
        this.push(i32)
        if (this.live) visitor.memoryGrow()
        return
      case form.i64Const: {
        const low = this.s64()
        this.push(i64)
        if (this.live) visitor.constant(low, this.high)
        return
      }
      case form.f32Const: {
        const bits = this.word()
        this.push(f32)
        if (this.live) visitor.constant(bits, 0)
        return
      }
      case form.f64Const: {
        const low = this.word()
        const high = this.word()
        this.push(f64)
        if (this.live) visitor.constant(low, high)
        return
      }
      case form.unreachable:
        if (this.live) visitor.unreachable()
        this.abandon()
        return
      case form.nop:
        return
      case form.prefixFc:
        this.#afterFc()
        return
      default:
        this.#refuse(code)
    }
  }

  #block(code: number): void {
    const type = readBlockType(this, this.#module.types)
    if (code === op.if) this.pop(i32)
    this.popAll(type.params)
    if (this.live) this.#visitor.block(code, type.params, type.results)
    this.openBlock(code, type.params, type.results)
  }

  #branchTable(): void {
    const count = this.count()
    if (count > maxJumpTableEntries) throw this.exceeds('entries of a br_table', count, maxJumpTableEntries)
    const depths = this.#depths
    for (let i = 0; i <= count; i++) depths[i] = this.u32()
    this.pop(i32)
    const expected = this.labelTypes(depths[count]!)
    const table = ++this.#tables
    for (let i = 0; i <= count; i++) {
      const block = this.depth - depths[i]!
      if (this.#lookedAt[block] === table) continue
      const types = this.labelTypes(depths[i]!)
      this.#lookedAt[block] = table
      this.merge()
      if (types.length !== expected.length)
        throw this.invalid(`type mismatch: labels of ${expected.length} and of ${types.length} values`)
      this.checkAll(types)
    }
    this.popAll(expected)
    if (this.live) this.#visitor.brTable(depths, count + 1)
    this.abandon()
  }

  #afterFc(): void {
    const visitor = this.#visitor
    const second = this.u32()
    this.instruction = namesAfterFc[second] ?? ''
    if (second <= afterFc.truncSatLast) {
      this.pop((second & 2) === 0 ? f32 : f64)
      this.push(second < 4 ? i32 : i64)
      if (this.live) visitor.unary(0x100 | second)
      return
    }
    if (second !== afterFc.memoryCopy && second !== afterFc.memoryFill) this.#refuse(op.prefixFc, second)
    this.#readMemoryIndex()
    if (second === afterFc.memoryCopy) this.#readMemoryIndex()
    this.pop(i32)
    this.pop(i32)
    this.pop(i32)
    if (!this.live) return
    if (second === afterFc.memoryCopy) visitor.memoryCopy()
    else visitor.memoryFill()
  }

  #refuse(code: number, second?: number): never {
    // of the prefixes, only this one's number was read so far
    const number = second ?? (code === 0xfb || code === 0xfd || code === 0xfe ? this.u32() : undefined)
    throw new ProgramInstructionError({
      functionIndex: this.functionIndex,
      offset: this.instructionAt,
      opcode: number === undefined ? hex(code) : `${hex(code)} ${hex(number)}`,
      ...refusedInstruction(code, number),
    })
  }

  #readLocal(): number {
    const index = this.u32()
    if (index >= this.#localCount) throw this.invalid(`unknown local ${index} of ${this.#localCount}`)
    return index
  }

  #globalAt(index: number) {
    const { globals } = this.#module
    const global = globals[index]
    if (global === undefined) throw this.invalid(`unknown global ${index} of ${globals.length}`)
    return global
  }

  #readTypeIndex(): FunctionType {
    const { types } = this.#module
    const index = this.u32()
    const type = types[index]
    if (type === undefined) throw this.invalid(`unknown type ${index} of ${types.length}`)
    return type
  }

  /** Any encoding of 0: compilers with reference types leave room for larger indices. */
  #readTableIndex(): void {
    const index = this.u32()
    if (index !== 0) throw this.missing('several tables', `table index ${index}`)
    if (this.#module.table === undefined) throw this.invalid('unknown table 0')
  }

  /** One byte, which the standard keeps for the index of a memory. */
  #readMemoryIndex(): void {
    const index = this.u8()
    if (index >= 0x80) throw this.malformed('zero byte expected')
    if (index !== 0) throw this.missing('several memories', `memory index ${index}`)
    this.#needMemory()
  }

  #needMemory(): void {
    if (this.#module.memory === undefined) throw this.invalid('unknown memory 0')
  }

  #readMemoryArgument(code: number): number {
    const align = this.u32()
    // bit 6 says that a memory index follows
    if (align >= 0x40 && align < 0x80) throw this.missing('several memories', 'memory index')
    if (align > widthExponents[code]!) throw this.invalid(`alignment 2^${align} is larger than natural`)
    this.#needMemory()
    return this.u32()
  }
}
