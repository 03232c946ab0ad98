import { edges, type Random } from '../../sdk/test/helpers/vmStates.ts'
import { leb } from '../../sdk/test/helpers/wasmBytes.ts'
import { constant, type FunctionType, type GlobalPlan, type ValueType, valueTypes } from './encode.ts'
import { type Access, accesses, numerics } from './instructions.ts'

/** What a body may use of its module. */
export type Surroundings = {
  /** Grows with the types of blocks. */
  types: FunctionType[]
  /** Type of each function, imports first. */
  functions: readonly number[]
  /** Indices of the host functions, by name. */
  hosts: ReadonlyMap<string, number>
  globals: readonly GlobalPlan[]
  /** Global that bounds loops and calls: an i32 that counts down. */
  fuel: number
  /** Global that all values end in which nothing else takes: an i64, so that no wrong bit gets lost. */
  sink: number
  /** Entries of the table, by place: the type of the function there. */
  table: readonly (number | undefined)[]
}

export type Frame = {
  kind: 'body' | 'block' | 'loop' | 'if'
  /** Operands below it. */
  height: number
  /** What a branch to it takes. */
  label: readonly ValueType[]
  results: readonly ValueType[]
  /** What follows is never executed, and takes operands that nobody put there. */
  isDead: boolean
}

/** All value types. */
export const all = Object.keys(valueTypes) as ValueType[]
/** What makes an i64 of all bits of a value. */
const widenings: Readonly<Record<ValueType, readonly number[]>> = {
  i32: [0xad],
  i64: [],
  f32: [0xbc, 0xad],
  f64: [0xbd],
}

/** What yields a value of a type and never traps. */
const byResult = new Map(
  all.map((type) => [type, numerics.filter(({ result, traps }) => result === type && !traps)]),
)
const loads = new Map(
  all.map((type) => [type, accesses.filter((access) => access.type === type && !access.isStore)]),
)
/** Opcodes of one byte. */
export const op = {
  ...{ unreachable: 0x00, nop: 0x01, block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b },
  ...{ br: 0x0c, brIf: 0x0d, brTable: 0x0e, return: 0x0f, call: 0x10, callIndirect: 0x11 },
  ...{ drop: 0x1a, select: 0x1b, localGet: 0x20, localSet: 0x21, localTee: 0x22 },
  ...{ globalGet: 0x23, globalSet: 0x24, memorySize: 0x3f, memoryGrow: 0x40 },
  ...{ i32Eqz: 0x45, i32Sub: 0x6b, i32And: 0x71, i32Or: 0x72, i64Or: 0x84, i64Add: 0x7c, i64Rotl: 0x89 },
} as const

/** The code of a body as far as it is written, with the operands and blocks that validation sees there. */
export class BodyWriter {
  readonly random: Random
  readonly around: Surroundings
  readonly locals: readonly ValueType[]
  readonly code: number[] = []
  readonly stack: ValueType[] = []
  readonly frames: Frame[] = []
  /** Instructions that are still to be written, roughly. */
  budget: number

  constructor(random: Random, around: Surroundings, locals: readonly ValueType[], budget: number) {
    this.random = random
    this.around = around
    this.locals = locals
    this.budget = budget
  }

  get frame(): Frame {
    return this.frames.at(-1)!
  }

  emit(...bytes: readonly number[]): void {
    this.code.push(...bytes)
    this.budget--
  }

  /** Returns what comes to hand when there is no fuel left; takes some of it otherwise. */
  spendFuel(): void {
    const { fuel } = this.around
    this.emit(op.globalGet, ...leb(fuel), op.i32Eqz, op.if, 0x40)
    for (const type of this.frames[0]!.results) this.emit(...constant(type, this.bits(type)))
    this.emit(op.return, op.end)
    this.emit(op.globalGet, ...leb(fuel), ...constant('i32', 1n), op.i32Sub, op.globalSet, ...leb(fuel))
  }

  /** Values at edges, small numbers, any bits. */
  bits(type: ValueType): bigint {
    const random = this.random
    const bits = random.chance(40)
      ? BigInt(random.below(200))
      : random.chance(70)
        ? random.pick(edges)
        : random.u64()
    return type === 'i32' || type === 'f32' ? BigInt.asUintN(32, bits) : bits
  }

  /** Puts a value of a type on the stack. */
  push(type: ValueType, depth = 0): void {
    const random = this.random
    const among = <value>(values: readonly value[], wanted: (value: value) => boolean) =>
      values.flatMap((value, index) => (wanted(value) ? [index] : []))
    const locals = among(this.locals, (local) => local === type)
    const globals = among(this.around.globals, (global) => global.type === type)
    const choice = random.below(100)
    if (choice < 45 && locals.length > 0) this.emit(op.localGet, ...leb(random.pick(locals)))
    else if (choice < 55 && globals.length > 0) this.emit(op.globalGet, ...leb(random.pick(globals)))
    else if (choice < 75 && depth < 3) {
      const instruction = random.pick(byResult.get(type)!)
      for (const param of instruction.params) this.push(param, depth + 1)
      this.pop(instruction.params.length)
      this.emit(...instruction.code)
    } else if (choice < 82 && depth < 3) {
      this.address(depth + 1)
      this.pop(1)
      this.access(random.pick(loads.get(type)!))
    } else this.emit(...constant(type, this.bits(type)))
    this.stack.push(type)
  }

  /** Puts an address on the stack, mostly one that there is. */
  address(depth = 0): void {
    if (this.random.chance(40)) {
      this.emit(...constant('i32', BigInt(this.random.below(0xff00))))
      this.stack.push('i32')
      return
    }
    this.push('i32', depth)
    if (!this.random.chance(97)) return
    this.emit(...constant('i32', BigInt(this.random.pick([0xff, 0x1fff, 0x7ff8, 0xfeff]))), op.i32And)
  }

  access({ code, width }: Access): void {
    const random = this.random
    const offset = random.chance(60) ? 0 : random.chance(98) ? random.below(200) : random.next()
    this.emit(code, random.below(Math.log2(width) + 1), ...leb(offset))
  }

  /** Takes the topmost value from the stack, and mostly mixes it into the sink. */
  dispose(): void {
    const type = this.stack.at(-1)!
    this.pop(1)
    if (this.random.chance(15)) {
      this.emit(op.drop)
      return
    }
    const sink = leb(this.around.sink)
    this.emit(...widenings[type], op.globalGet, ...sink, ...constant('i64', 13n), op.i64Rotl, op.i64Add)
    this.emit(op.globalSet, ...sink)
  }

  /** Takes values from the stack; in dead code also such as nobody put there. */
  pop(count: number): void {
    const { height, isDead } = this.frame
    const left = this.stack.length - count
    this.stack.length = isDead ? Math.max(height, left) : left
  }

  /** Sees to it that values of some types are on top: those that are there, or new ones. */
  ensure(types: readonly ValueType[]): void {
    const { height, isDead } = this.frame
    const there = this.stack.slice(Math.max(height, this.stack.length - types.length))
    const enough = there.length === types.length || isDead
    const fits = enough && there.every((type, i) => type === types[types.length - there.length + i])
    if (fits && this.random.chance(80)) return
    for (const type of types) this.push(type)
  }

  /** Leaves exactly some results above what the frame began with. */
  fit(results: readonly ValueType[]): void {
    const { height, isDead } = this.frame
    const above = this.stack.slice(height)
    let kept = 0
    while (kept < above.length && above[kept] === results[kept]) kept++
    if (isDead && kept < above.length) kept = 0
    for (let i = above.length; i > kept; i--) this.dispose()
    if (isDead && (kept === 0 || kept === results.length)) {
      this.stack.length = height
      this.stack.push(...results)
      return
    }
    for (const type of results.slice(kept)) this.push(type)
  }

  die(): void {
    this.stack.length = this.frame.height
    this.frame.isDead = true
  }
}
