import type { TrapReason } from '../engine.ts'

/**
 * V8's messages of traps, and those of the host functions natively, that stand for one reason. V8 has one message for several
 * others, and an instrumented module has checks of its own that end in `unreachable`.
 */
const reasons: ReadonlyMap<string, TrapReason> = new Map([
  ['memory access out of bounds', 'out of bounds memory access'],
  ['divide by zero', 'integer divide by zero'],
  ['remainder by zero', 'integer divide by zero'],
  ['divide result unrepresentable', 'integer overflow'],
  ['out of bounds memory access', 'out of bounds memory access'],
  ['output limit exceeded', 'output limit exceeded'],
  ['invalid state', 'invalid state'],
])

/** The machine's word for a trap of the native engine; undefined where that engine does not know it. */
export function trapReasonOf(message: string): TrapReason | undefined {
  return reasons.get(message)
}
