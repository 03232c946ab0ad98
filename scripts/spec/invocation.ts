import { flag, op } from '../../sdk/src/vm/isa.ts'
import type { Program } from '../../sdk/src/vm/program.ts'
import { encodeWord, type Word, wordSize } from '../../sdk/src/vm/word.ts'

/** A module's code with one more stub behind it, which calls one function with constants. */
export type Invocation = {
  readonly code: Uint8Array
  /** pc of the stub. */
  readonly entry: number
  /** How many globals behind those of the module take the results. */
  readonly results: number
  /** Steps of the stub before the function's first instruction, and after its last. */
  readonly before: number
  readonly after: number
}

/**
 * The program that calls a function: `arg`s, `call`, the results into globals of their own, `return`. Globals outlive the frame
 * of the stub, and belong to the state of each engine.
 */
export function invocationOf(program: Program, functionIndex: number, args: readonly bigint[]): Invocation {
  const results = program.module.functions[functionIndex]!.results.length
  const words: (Partial<Word> & { op: number })[] = args.map((value, t) => ({
    op: op('arg'),
    flags: flag.constantA,
    t,
    x: value,
  }))
  const weight = program.slots[functionIndex]! + 16
  words.push({ op: op('call'), t: program.pcs[functionIndex]!, x: BigInt(weight) })
  const before = words.length
  for (let i = 0; i < results; i++) {
    const last = i === results - 1 ? flag.emptiesArgs : 0
    if (results > 1) words.push({ op: op('result'), flags: last, t: i })
    words.push({ op: op('global_set'), t: program.globals.length + i })
  }
  words.push({ op: op('return') })

  const code = new Uint8Array(program.code.length + words.length * wordSize)
  code.set(program.code)
  for (const [index, word] of words.entries())
    code.set(encodeWord(word), program.code.length + index * wordSize)
  return { code, entry: program.code.length / wordSize, results, before, after: words.length - before }
}
