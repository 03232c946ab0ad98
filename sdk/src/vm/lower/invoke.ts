import { flag, op } from '../isa.ts'
import type { Program } from '../program.ts'
import { wordSize } from '../word.ts'
import { weightOf } from './body.ts'
import { CodeWriter } from './code.ts'

/**
 * The same program with another entry: a stub behind its code that calls one function with constant arguments
 * and returns. When it halts, slots 0 and up of the frame hold the results. For tests; a program so made has
 * another id.
 *
 * @param functionIndex - Of a defined function, or of an import that is exported or in a table.
 * @param args - The bits of each argument.
 */
export function withCall(program: Program, functionIndex: number, args: readonly bigint[]): Program {
  const { results } = program.module.functions[functionIndex]!
  const stub = new CodeWriter()
  for (const [i, value] of args.entries()) {
    stub.emit(op('arg'), flag.constantA, 0, 0, 0, 0, i)
    stub.constantA(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)))
  }
  stub.emit(op('call'), 0, 0, 0, 0, 0, program.pcs[functionIndex]!)
  stub.constantA(weightOf(program.slots[functionIndex]!), 0)
  if (results.length > 1)
    for (let i = 0; i < results.length; i++)
      stub.emit(op('result'), i === results.length - 1 ? flag.emptiesArgs : 0, i, 0, 0, 0, i)
  stub.emit(op('return'), 0, 0, 0, 0, 0, 0)
  const code = new Uint8Array(program.code.length + stub.length * wordSize)
  code.set(program.code)
  code.set(stub.finish(), program.code.length)
  return { ...program, code, entry: program.code.length / wordSize }
}
