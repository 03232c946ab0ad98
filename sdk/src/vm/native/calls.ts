import { op } from './code.ts'
import type { StepWriter } from './count.ts'
import type { NativeLayout } from './layout.ts'
import type { Operands } from './operands.ts'

/** Writes the calls of a body. */
export class CallWriter {
  readonly #layout: NativeLayout
  readonly #count: StepWriter
  readonly #operands: Operands

  constructor(layout: NativeLayout, count: StepWriter, operands: Operands) {
    this.#layout = layout
    this.#count = count
    this.#operands = operands
  }

  /** A call, direct or of a host function; its arguments are on the stack. */
  call(index: number, words: number): void {
    const { module, helpers, globals, stubs } = this.#layout
    const out = this.#count.code
    const type = module.functions[index]!
    const imported = module.importedFunctions[index]
    this.#operands.lookAll(type.params.length)
    this.#operands.height -= type.params.length
    const isCall = imported === undefined || imported.host === undefined
    const after = isCall && type.results.length > 1 ? type.results.length : 0
    const before = words - after
    if (isCall) {
      this.#count.passBefore(before)
      out.with(op.localGet, this.#count.stack)
      out.with(op.call, stubs.get(index) ?? index)
      out.with(op.localSet, this.#count.steps)
      this.#count.calls = true
    } else if (imported.host === 'input_read' || imported.host === 'output_write') {
      this.#count.passBefore(before)
      out.with(op.call, imported.host === 'input_read' ? helpers.inputRead : helpers.outputWrite)
      out.with(op.localSet, this.#count.steps)
    } else {
      this.#count.beforeTrap(before)
      if (imported.host === 'exit') {
        this.#count.charge()
        out.with(op.localGet, this.#count.steps)
        out.with(op.globalSet, globals.left)
      }
      out.with(op.call, index)
    }
    this.#count.pending += after
    this.#operands.pushUnknown(type.results.length)
  }

  /** A call through the table; arguments and index are on the stack. */
  callIndirect(typeIndex: number, words: number): void {
    const { module, firstType } = this.#layout
    const out = this.#count.code
    const type = module.types[typeIndex]!
    this.#operands.pop()
    this.#operands.lookAll(type.params.length)
    this.#operands.height -= type.params.length
    const after = type.results.length > 1 ? type.results.length : 0
    out.with(op.localSet, this.#count.aside)
    this.#count.passBefore(words - after)
    out.with(op.localGet, this.#count.stack)
    out.with(op.localGet, this.#count.aside)
    out.with(op.callIndirect, firstType + type.number - 1)
    out.u8(0)
    out.with(op.localSet, this.#count.steps)
    this.#count.calls = true
    this.#count.pending += after
    this.#operands.pushUnknown(type.results.length)
  }
}
