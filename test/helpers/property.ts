import fc from 'fast-check'

/** Cases per property: few in every run, many on demand (`FUZZ_RUNS=20000`). A failure prints its seed and its path. */
const RUNS = process.env.FUZZ_RUNS

const SEED = process.env.FUZZ_SEED

/** How long a failing case is made simpler. Each try is calls to a chain, and large integers are never simple enough. */
const PATIENCE_MS = 3_000

type Holds<T extends unknown[]> = (...args: T) => Promise<void>

/** Asserts that `holds` for `runs` generated cases; `FUZZ_SEED` repeats a run. */
export async function forAll<T extends [unknown, ...unknown[]]>(
  values: { [K in keyof T]: fc.Arbitrary<T[K]> },
  holds: Holds<T>,
  runs = 100,
): Promise<void> {
  const seed = SEED === undefined ? {} : { seed: Number(SEED) }
  const property = fc.asyncProperty<T>(...values, untilPatienceEnds(holds))
  await fc.assert(property, { numRuns: Number(RUNS ?? runs), ...seed })
}

/**
 * The same until some time after its first failure; whatever comes then holds unseen, so that the simplest failure so far is
 * reported.
 */
export function untilPatienceEnds<T extends unknown[]>(
  holds: Holds<T>,
  now: () => number = () => performance.now(),
): Holds<T> {
  let limit: number | undefined
  return async (...args) => {
    if (limit !== undefined && now() > limit) return
    try {
      await holds(...args)
    } catch (error) {
      limit ??= now() + PATIENCE_MS
      throw error
    }
  }
}

/** Integers whose lengths in bits are spread evenly: amounts of every order of magnitude. */
export const bits = (most: number): fc.Arbitrary<bigint> =>
  fc.integer({ min: 0, max: most }).chain((n) => fc.bigInt({ min: 0n, max: (1n << BigInt(n)) - 1n }))

/** An amount of units, up to 2^80 - 1. */
export const units = bits(80)
