import fc from 'fast-check'

/** Cases per property: few in every run, many on demand (`FUZZ_RUNS=20000`). A failure prints its seed and its path. */
const RUNS = process.env.FUZZ_RUNS

const SEED = process.env.FUZZ_SEED

/** Asserts that `holds` for `runs` generated cases; `FUZZ_SEED` repeats a run. */
export async function forAll<T extends [unknown, ...unknown[]]>(
  values: { [K in keyof T]: fc.Arbitrary<T[K]> },
  holds: (...args: T) => Promise<void>,
  runs = 100,
): Promise<void> {
  const seed = SEED === undefined ? {} : { seed: Number(SEED) }
  await fc.assert(fc.asyncProperty(...values, holds), { numRuns: Number(RUNS ?? runs), ...seed })
}

/** Integers whose lengths in bits are spread evenly: amounts of every order of magnitude. */
export const bits = (most: number): fc.Arbitrary<bigint> =>
  fc.integer({ min: 0, max: most }).chain((n) => fc.bigInt({ min: 0n, max: (1n << BigInt(n)) - 1n }))

/** An amount of units, up to 2^80 - 1. */
export const units = bits(80)
