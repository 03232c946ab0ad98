import fc from 'fast-check'

/** Of all random tests of this process. */
export const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
const runs = Number(process.env.FUZZ_RUNS ?? 200)

/** Title of a group of random tests: says how to repeat it. */
export const seeded = (title: string): string => `${title} (FUZZ_SEED=${seed})`

/** Checks a property on random values, `FUZZ_RUNS` times. */
export function check<values>(property: fc.IProperty<values>, numRuns = runs): void {
  fc.assert(property, { seed, numRuns })
}

/** {@link check} for properties that ask a chain; a tenth of the runs. */
export async function checkAsync<values>(property: fc.IAsyncProperty<values>): Promise<void> {
  await fc.assert(property, { seed, numRuns: Math.ceil(runs / 10) })
}
