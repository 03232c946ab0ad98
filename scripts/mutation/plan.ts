import { basename } from 'node:path'
import type { Reached } from './callers.ts'

/** A file of tests. */
export interface TestFile {
  path: string
  text: string
  /** How long it takes without a mutation. */
  seconds: number
}

const MODEL = 'test/model/'

/**
 * The order in which the tests are asked: those of the touched function, those of its callers, the model, then the
 * others, first what has killed mutants of the same file.
 *
 * @param reached what the mutation may change, from {@link Callers}
 * @param kills mutants of the same file that each test killed so far
 */
export function planTests(
  reached: readonly Reached[],
  tests: readonly TestFile[],
  kills: ReadonlyMap<string, number> = new Map(),
): TestFile[] {
  const isModel = (test: TestFile) => test.path.startsWith(MODEL)
  const ranked = tests.map((test) => ({
    test,
    rank: [
      ...[isModel(test) ? Infinity : distanceOf(test, reached), isModel(test) ? 0 : 1],
      ...[-(kills.get(test.path) ?? 0), test.seconds],
    ],
  }))
  return ranked.sort((a, b) => compare(a.rank, b.rank)).map(({ test }) => test)
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((number, i) => number !== b[i])
  return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1
}

/** How far a test is from the mutation; Infinity where nothing tells. */
function distanceOf(test: TestFile, reached: readonly Reached[]): number {
  const subject = basename(test.path).split('.')[0]
  const distances = reached.map(({ file, name, owner, distance }) => {
    if (name === subject) return distance
    const isItsFile = owner === subject || basename(file, '.sol') === subject
    if (distance === 0 && isItsFile) return 0.5
    // A contract that only tests deploy is named by those that do.
    if (file.startsWith('contracts/mocks/') && owner !== undefined && test.text.includes(`'${owner}'`)) {
      return distance + 0.5
    }
    return Infinity
  })
  return Math.min(Infinity, ...distances)
}
