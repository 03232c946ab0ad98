/** Why an assertion was not judged. */
export type SkipReason =
  | 'text format'
  | 'module refused'
  | 'needs other modules'
  | 'values of other types'
  | 'too many steps'
  | 'other commands'

/** What became of the assertions of scripts. */
export type Tally = {
  passed: number
  /** `line 12: what is wrong`. */
  failures: string[]
  skipped: Partial<Record<SkipReason, number>>
  /** Modules that were refused for what Assay does not have: `name.0.wasm: error`. */
  refused: string[]
  /** Invocations with more steps than an engine is given, by engine: judged by what the others say. */
  gaveUp: Record<string, number>
}

export function emptyTally(): Tally {
  return { passed: 0, failures: [], skipped: {}, refused: [], gaveUp: {} }
}

/** All of several tallies. */
export function sumOf(tallies: readonly Tally[]): Tally {
  const sum = emptyTally()
  for (const { passed, failures, skipped, refused, gaveUp } of tallies) {
    sum.passed += passed
    sum.failures.push(...failures)
    sum.refused.push(...refused)
    addCounts(sum.skipped, skipped)
    addCounts(sum.gaveUp, gaveUp)
  }
  return sum
}

export function skipsOf({ skipped }: Tally): number {
  return Object.values(skipped).reduce((sum, count) => sum + count, 0)
}

/** `passed/failed/skipped`, with the reasons of the latter. */
export function tallyText(tally: Tally): string {
  const notes = Object.entries(tally.skipped).map(([reason, count]) => `${count} ${reason}`)
  const counts = `${tally.passed}/${tally.failures.length}/${skipsOf(tally)}`
  const without = Object.entries(tally.gaveUp).map(([name, count]) => `${count} too long for ${name}`)
  const all = [...(notes.length === 0 ? [] : [`skipped: ${notes.join(', ')}`]), ...without]
  return all.length === 0 ? counts : `${counts} (${all.join('; ')})`
}

export function count<key extends string>(counts: Partial<Record<key, number>>, name: key, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by
}

function addCounts<key extends string>(
  counts: Partial<Record<key, number>>,
  more: Readonly<Partial<Record<key, number>>>,
): void {
  for (const [name, by] of Object.entries(more) as [key, number][]) count(counts, name, by)
}
