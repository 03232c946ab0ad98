import { listFiles } from '../bootstrap/files.mjs'
import { fingerprint } from '../support/fingerprint.ts'
import type { PlacedMutant } from './mutants.ts'

/**
 * `count` mutants, drawn by a seed. A greater count keeps those of a smaller one and adds to them, so that a sample can
 * grow.
 */
export function sample<T extends { key: string }>(mutants: readonly T[], seed: number, count: number): T[] {
  return mutants
    .map((mutant) => ({ mutant, rank: fingerprint([String(seed), mutant.key]) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count)
    .map(({ mutant }) => mutant)
}

/** The files that patterns such as `contracts/**` or `!contracts/mocks/**`, or their names alone, stand for. */
export function chooseFiles(root: string, patterns: readonly string[]): string[] {
  const spelled = patterns.map((pattern) =>
    pattern.includes('/') ? pattern : pattern.replace(/^!?/, (not) => `${not}contracts/**/`),
  )
  return listFiles(root, spelled)
}

/** The mutants of functions, modifiers or constants of these names; of all where none is named. */
export function chooseUnits(mutants: readonly PlacedMutant[], names: readonly string[]): PlacedMutant[] {
  return names.length === 0 ? [...mutants] : mutants.filter(({ unit }) => names.includes(unit))
}
