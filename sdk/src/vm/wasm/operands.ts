import { ProgramLimitError, type ProgramPlace } from '../../errors/program.ts'
import { limits } from '../isa.ts'
import { maxMergedValues, maxNestedLoops, maxNesting, maxPassedValues, mergesOfLoop } from './limits.ts'
import { opcode } from './opcodes.ts'
import { WasmReader } from './reader.ts'
import { noValues, sameTypes, typeName, type ValueTypes } from './types.ts'

/** Type of an operand that only unreachable code can have: any. */
const anyType = 0

/**
 * Types of the operands of one body and the blocks that are open in it, as WebAssembly's validation algorithm
 * keeps them. Its errors name function and instruction.
 */
export class OperandReader extends WasmReader {
  functionIndex = 0
  /** Offset of the present instruction, and its name. */
  instructionAt = 0
  instruction = ''

  /** Blocks open around the present one; the body itself is block 0. */
  depth = -1
  /** The present instruction can be reached. */
  live = true
  /** Greatest number of operands in reachable code. */
  liveHeight = 0
  /** Values passed on so far, in the whole module. */
  passed = 0

  #loops = 0
  #merged = 0
  #height = 0
  #maxHeight = 0
  /** Operands below the present block, and whether operands of any type stand above them. */
  #base = 0
  #polymorphic = false

  readonly #types = new Uint8Array(limits.slots)
  #kinds = new Uint8Array(64)
  #bases = new Uint16Array(64)
  /** By block: whether it was entered by reachable code, and whether the block around it was polymorphic. */
  #entered = new Uint8Array(64)
  #outerPolymorphic = new Uint8Array(64)
  readonly #params: ValueTypes[] = []
  readonly #results: ValueTypes[] = []

  override place(offset = this.instructionAt): ProgramPlace {
    const { functionIndex, instruction } = this
    return { offset, functionIndex, instruction: instruction || undefined }
  }

  exceeds(what: string, value: number, limit: number): ProgramLimitError {
    return new ProgramLimitError({ what, value, limit, functionIndex: this.functionIndex })
  }

  /** Forgets the body before, and opens the block of a new one. */
  reset(locals: number, results: ValueTypes): void {
    this.depth = -1
    this.live = true
    this.liveHeight = 0
    this.#loops = 0
    this.#merged = 0
    this.#height = 0
    this.#maxHeight = limits.slots - locals
    this.#polymorphic = false
    this.openBlock(opcode.block, noValues, results)
  }

  /** Counts work that is not bounded by the bytes that ask for it. */
  pass(values: number): void {
    this.passed += values
    if (this.passed > maxPassedValues)
      throw this.exceeds('values passed by calls, blocks and branches', this.passed, maxPassedValues)
  }

  /** Counts what an engine does with all locals and operands at a block or a branch that can be reached. */
  merge(times = 1): void {
    if (!this.live) return
    this.#merged += times * (limits.slots - this.#maxHeight + this.#height)
    if (this.#merged > maxMergedValues)
      throw this.exceeds('locals and operands at blocks and branches', this.#merged, maxMergedValues)
  }

  push(type: number): void {
    if (this.#height >= this.#maxHeight)
      throw this.exceeds('slots of a function', limits.slots + 1, limits.slots)
    this.#types[this.#height++] = type
    if (this.#height > this.liveHeight && this.live) this.liveHeight = this.#height
  }

  /** Takes an operand of the type, or of any where it is 0. */
  pop(expected: number): number {
    if (this.#height === this.#base) {
      if (this.#polymorphic) return anyType
      throw this.invalid(`type mismatch: expected ${typeName(expected)}, found nothing`)
    }
    const found = this.#types[--this.#height]!
    if (found !== expected && found !== anyType && expected !== anyType)
      throw this.invalid(`type mismatch: expected ${typeName(expected)}, found ${typeName(found)}`)
    return found
  }

  pushAll(types: ValueTypes): void {
    this.pass(types.length)
    for (let i = 0; i < types.length; i++) this.push(types[i]!)
  }

  popAll(types: ValueTypes): void {
    this.pass(types.length)
    for (let i = types.length - 1; i >= 0; i--) this.pop(types[i]!)
  }

  /** Checks that the topmost operands have the types, and leaves them. */
  checkAll(types: ValueTypes): void {
    this.pass(types.length)
    let height = this.#height
    for (let i = types.length - 1; i >= 0; i--) {
      if (height === this.#base) {
        if (this.#polymorphic) return
        throw this.invalid(`type mismatch: expected ${typeName(types[i]!)}, found nothing`)
      }
      const found = this.#types[--height]!
      if (found !== types[i] && found !== anyType)
        throw this.invalid(`type mismatch: expected ${typeName(types[i]!)}, found ${typeName(found)}`)
    }
  }

  openBlock(kind: number, params: ValueTypes, results: ValueTypes): void {
    const depth = ++this.depth
    if (depth > maxNesting) throw this.exceeds('blocks within each other', depth, maxNesting)
    if (kind === opcode.loop && ++this.#loops > maxNestedLoops)
      throw this.exceeds('loops within each other', this.#loops, maxNestedLoops)
    if (depth >= this.#kinds.length) this.#grow()
    this.#kinds[depth] = kind
    this.#bases[depth] = this.#height
    this.#entered[depth] = this.live ? 1 : 0
    this.#outerPolymorphic[depth] = this.#polymorphic ? 1 : 0
    this.#params[depth] = params
    this.#results[depth] = results
    this.#base = this.#height
    this.#polymorphic = false
    this.pushAll(params)
    // the body itself is no block of the file
    if (depth > 0) this.merge(kind === opcode.loop ? mergesOfLoop : 1)
    if (kind === opcode.loop && this.live) this.pass(limits.slots - this.#maxHeight + this.#height)
  }

  /** Goes on to the `else` of an `if`. */
  turnBlock(): void {
    const { depth } = this
    if (this.#kinds[depth] !== opcode.if) throw this.malformed('else without if')
    this.#endOfBlock()
    this.#kinds[depth] = opcode.else
    this.#polymorphic = false
    this.live = this.#entered[depth] === 1
    this.pushAll(this.#params[depth]!)
  }

  closeBlock(): void {
    const { depth } = this
    this.#endOfBlock()
    const results = this.#results[depth]!
    if (this.#kinds[depth] === opcode.if && !sameTypes(this.#params[depth]!, results))
      throw this.invalid('type mismatch: if without else does not pass its parameters on')
    this.live = this.#entered[depth] === 1
    this.#polymorphic = this.#outerPolymorphic[depth] === 1
    if (this.#kinds[depth] === opcode.loop) this.#loops--
    this.depth--
    if (depth === 0) return
    this.#base = this.#bases[depth - 1]!
    this.pushAll(results)
  }

  /** What follows is never executed. */
  abandon(): void {
    this.#height = this.#base
    this.#polymorphic = true
    this.live = false
  }

  /** Types that a branch passes on, to a label counted from the innermost block. */
  labelTypes(label: number): ValueTypes {
    const block = this.depth - label
    if (block < 0) throw this.invalid(`unknown label ${label}`)
    return (this.#kinds[block] === opcode.loop ? this.#params : this.#results)[block]!
  }

  #endOfBlock(): void {
    this.popAll(this.#results[this.depth]!)
    if (this.#height !== this.#base) throw this.invalid('type mismatch: values are left over')
  }

  #grow(): void {
    const length = this.#kinds.length * 4
    const larger = <T extends Uint8Array | Uint16Array>(array: T, other: T): T => {
      other.set(array)
      return other
    }
    this.#kinds = larger(this.#kinds, new Uint8Array(length))
    this.#bases = larger(this.#bases, new Uint16Array(length))
    this.#entered = larger(this.#entered, new Uint8Array(length))
    this.#outerPolymorphic = larger(this.#outerPolymorphic, new Uint8Array(length))
  }
}
