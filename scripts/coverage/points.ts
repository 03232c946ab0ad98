/** What coverage counts. */

export type PointKind = 'function' | 'statement' | 'branch'

/** A place in the contracts that tests must reach. */
export type Point = {
  id: number
  kind: PointKind
  /** Path from the project's root. */
  file: string
  line: number
  /** The source text, in one line; of a function, its name. */
  code: string
  /** Of a branch: which way it goes. */
  outcome?: string
}

/**
 * A modifier at a function, and its two branches. Four probes in a row tell them apart: `first` is reached before the
 * modifier, the second in its place by calls made while the function was being executed already, the third and fourth
 * likewise after the modifier.
 */
export type Gate = { first: number; passed: number; refused: number }

export const GATE_PROBES = 4

/** Numbers of probes; one counter for all files of a run. */
export class Ids {
  #next = 1

  /** The first of `count` numbers in a row. */
  take(count = 1): number {
    const first = this.#next
    this.#next += count
    return first
  }
}

/** The branches of gates that a transaction took: `hits` are the probes it reached. */
export function branchesOf(gates: readonly Gate[], hits: ReadonlySet<number>): number[] {
  return gates.flatMap(({ first, passed, refused }) => {
    const calls = [0, 1].filter((depth) => hits.has(first + depth))
    const through = calls.filter((depth) => hits.has(first + 2 + depth))
    return [...(through.length > 0 ? [passed] : []), ...(through.length < calls.length ? [refused] : [])]
  })
}

/** What a run of the tests tells: all points, and the ids of those that were reached. */
export type Measured = { points: Point[]; reached: number[] }
