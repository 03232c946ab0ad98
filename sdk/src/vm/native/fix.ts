import { Code, op } from './code.ts'
import { isDouble } from './kinds.ts'
import type { Helpers } from './layout.ts'
import type { NanGraph } from './nans.ts'

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

/** Copies bodies with fixes behind the results that need them. */
export class FixSplicer {
  readonly #out = new Code(1 << 16)

  /**
   * @param source - The body, without fixes; a result's place is behind its opcode.
   * @param firstTemporary - A local of type f32, which one of type f64 follows.
   * @param helpers - Called instead of writing the fix out, where given.
   * @returns the copy: good until the next.
   */
  splice(source: Code, graph: NanGraph, firstTemporary: number, helpers: Helpers | undefined): Code {
    const out = this.#out
    const bytes = source.view()
    out.at = 0
    let from = 0
    for (let node = 1; node < graph.count; node++) {
      const place = graph.placeOf(node)
      if (place < 0) continue
      out.raw(bytes.subarray(from, place))
      from = place
      out.reserve(32)
      const isDoubleResult = isDouble(bytes[place - 1]!)
      if (helpers === undefined) writeFix(out, firstTemporary + (isDoubleResult ? 1 : 0), isDoubleResult)
      else out.with(op.call, isDoubleResult ? helpers.canonical64 : helpers.canonical32)
    }
    out.raw(bytes.subarray(from))
    return out
  }
}
