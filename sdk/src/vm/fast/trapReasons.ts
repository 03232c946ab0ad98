import type { TrapReason } from '../engine.ts'
import * as at from './layout.ts'

/** By the number with which the machine comes back. */
export const trapReasons: Readonly<Record<number, TrapReason>> = {
  [at.trapUnreachable]: 'unreachable',
  [at.trapMemory]: 'out of bounds memory access',
  [at.trapDivideByZero]: 'integer divide by zero',
  [at.trapOverflow]: 'integer overflow',
  [at.trapNotANumber]: 'invalid conversion to integer',
  [at.trapStack]: 'call stack exhausted',
  [at.trapTableIndex]: 'undefined element',
  [at.trapNullEntry]: 'uninitialized element',
  [at.trapType]: 'indirect call type mismatch',
  [at.trapOutput]: 'output limit exceeded',
  [at.trapInstruction]: 'invalid instruction',
}
