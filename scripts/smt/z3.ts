import { spawnSync } from 'node:child_process'
import { asBitVectors } from './bitVectors.ts'
import { asIntegers } from './integers.ts'

/** A way to ask: none decides everything, and which one does is hard to foresee. */
type Way = { form: 'integers' | 'bitVectors'; options?: string[]; tactic?: string }

const PREPARED = 'simplify propagate-values solve-eqs elim-uncnstr simplify'
const WAYS: Way[] = [
  { form: 'integers', options: ['smt.arith.solver=2'] },
  { form: 'integers' },
  { form: 'bitVectors' },
  { form: 'bitVectors', tactic: `(then ${PREPARED} (or-else (then max-bv-sharing bit-blast sat) smt))` },
  { form: 'integers', tactic: `(then ${PREPARED} qfnia)` },
  { form: 'integers', tactic: `(then ${PREPARED} purify-arith propagate-values solve-eqs smt)` },
]
/** What answered last comes first: neighbours are alike. */
let ways = WAYS
/** Seconds for the first round of asking, in which most is decided. */
const FIRST_ROUND = 2
const MEGABYTES = 2_048

/** The version of the z3 on the path; undefined where there is none. */
export function findZ3(): string | undefined {
  const { stdout, error } = spawnSync('z3', ['--version'], { encoding: 'utf8' })
  return error ? undefined : stdout.trim()
}

/**
 * Asks z3 in several ways, each at first for a short time, then for `seconds`.
 *
 * @param query SMT-LIB as the compiler writes it
 * @returns what the compiler wants to read: `sat` with values, `unsat` or `unknown`
 */
export function solve(query: string, seconds: number): string {
  const forms = { integers: asIntegers(query), bitVectors: asBitVectors(query) }
  for (const limit of seconds > FIRST_ROUND ? [FIRST_ROUND, seconds] : [seconds]) {
    for (const way of ways) {
      const { form, options = [], tactic } = way
      const text = forms[form]
      if (text === undefined) continue
      const input = tactic ? text.replace('(check-sat)', `(check-sat-using ${tactic})`) : text
      const { stdout = '' } = spawnSync('sh', ['-c', commandFor(limit, options)], {
        input,
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      })
      if (!/^(un)?sat\b/.test(stdout)) continue
      ways = [way, ...ways.filter((other) => other !== way)]
      return form === 'bitVectors' ? inDecimal(stdout) : stdout
    }
  }
  return 'unknown\n'
}

/** The seconds are the processor's: what is proven should not depend on what else a machine does. */
function commandFor(seconds: number, options: readonly string[]): string {
  return [`ulimit -t ${seconds}; exec z3 -in -smt2 -memory:${MEGABYTES}`, ...options].join(' ')
}

/** Bit vectors as the integers that they stand for. */
function inDecimal(answer: string): string {
  return answer.replace(/#(?<base>[xb])(?<digits>[0-9a-f]+)/g, (_, base: string, digits: string) => {
    const bits = digits.length * (base === 'x' ? 4 : 1)
    const value = BigInt.asIntN(bits, BigInt(`0${base}${digits}`))
    return value < 0n ? `(- ${-value})` : `${value}`
  })
}
