import { valueType } from '../wasm/types.ts'
import { Code, noType, op } from './code.ts'
import type { NativeLayout } from './layout.ts'

/**
 * Locals that an instrumented function has between its parameters and its own locals: steps left and stack left,
 * which are parameters, too, and a place to put a condition or an index aside.
 */
export const addedLocals = 3

/** Declarations of a body's locals: the one put first, its own, and a place for floats of each type. */
export function writeLocals(groups: readonly [count: number, type: number][], hasTemporaries: boolean): Code {
  const head = new Code(128 + 8 * groups.length)
  head.u32(1 + groups.length + (hasTemporaries ? 2 : 0))
  head.raw([1, valueType.i32])
  for (const [count, type] of groups) {
    head.u32(count)
    head.u8(type)
  }
  if (hasTemporaries) head.raw([1, valueType.f32, 1, valueType.f64])
  return head
}

/**
 * Bodies larger than this call helpers where others have code: no instruction then grows more than sevenfold, and
 * the body stays below the 7,654,321 bytes that V8 takes. With more than 125 parameters all grow more: the
 * translation refuses such bodies beyond 256 KiB.
 */
export const compactFrom = 1 << 19

/** Writes the code of one body that counts steps and keeps the stack's budget. */
export class StepWriter {
  /** Where to: the body. */
  readonly code: Code
  /** Steps of code that was written and not charged yet. */
  pending = 0
  /** Calls: the steps must be looked at where it begins, since only calls and loops make a program long. */
  calls = false
  isCompact = false
  /** The added locals. */
  steps = 0
  stack = 0
  aside = 0
  readonly #layout: NativeLayout
  readonly #isPrecise: boolean

  constructor(layout: NativeLayout, code: Code) {
    this.#layout = layout
    this.#isPrecise = layout.build === 'precise'
    this.code = code
  }

  /** Begins a body. */
  reset(params: number, isCompact: boolean): void {
    this.steps = params
    this.stack = params + 1
    this.aside = params + 2
    this.isCompact = isCompact
    this.pending = 0
    this.calls = false
  }

  /** Takes the weight from the stack, and traps where it does not suffice or no steps are left. */
  prologue(code: Code, weight: number): void {
    code.with(op.localGet, this.stack)
    code.u8(op.i64Const)
    code.s32(weight)
    if (this.calls) {
      code.u8(op.i64Sub)
      code.with(op.localTee, this.stack)
      code.with(op.localGet, this.steps)
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
      code.with(op.localGet, this.steps)
      code.with(op.globalSet, this.#layout.globals.left)
    }
    code.u8(op.unreachable)
    code.u8(op.end)
  }

  /** Traps where no steps are left: every cycle comes past a loop's head or the beginning of a function. */
  checkLoop(): void {
    this.#trapIfNegative(false)
  }

  #trapIfNegative(isStored: boolean): void {
    const out = this.code
    out.with(op.localGet, this.steps)
    out.u8(op.i64Const)
    out.u8(0)
    out.u8(op.i64LtS)
    this.#trapIf(out, isStored)
  }

  /** Charges what is written and not charged yet. */
  charge(): void {
    if (this.pending === 0) return
    this.pass()
    this.code.with(op.localSet, this.steps)
  }

  /** Leaves the steps on the stack, as an argument or a result, after charging. */
  pass(): void {
    const out = this.code
    out.with(op.localGet, this.steps)
    if (this.pending === 0) return
    out.u8(op.i64Const)
    out.s32(this.pending)
    out.u8(op.i64Sub)
    this.pending = 0
  }

  /** Returns, with the results on the stack. */
  return(): void {
    this.pass()
    this.code.u8(op.return)
  }

  /** Comes before an instruction that takes these steps and may end the program. */
  beforeTrap(words: number): void {
    this.pending += words
    if (!this.#isPrecise) return
    if (this.isCompact) {
      this.#checkByHelper()
      this.code.with(op.localSet, this.steps)
    } else this.#check()
  }

  /** The same where the instruction takes the steps left, too: they are on the stack then. */
  passBefore(words: number): void {
    this.pending += words
    if (this.#isPrecise && this.isCompact) {
      this.#checkByHelper()
      return
    }
    if (this.#isPrecise) this.#check()
    this.pass()
  }

  #check(): void {
    const out = this.code
    this.pass()
    out.with(op.localTee, this.steps)
    out.with(op.globalSet, this.#layout.globals.left)
    this.#trapIfNegative(true)
  }

  /** Leaves the steps on the stack. */
  #checkByHelper(): void {
    const out = this.code
    out.with(op.localGet, this.steps)
    out.u8(op.i64Const)
    out.s32(this.pending)
    out.with(op.call, this.#layout.helpers.check)
    this.pending = 0
  }
}
