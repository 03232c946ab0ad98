/** Why an assertion was not judged. */
export type SkipReason =
  | 'text format'
  | 'module refused'
  | 'needs other modules'
  | 'values of other types'
  | 'too many steps'

/** What became of the assertions of a script. */
export class Tally {
  passed = 0
  /** `line 12: what is wrong`. */
  readonly failures: string[] = []
  readonly skipped = new Map<SkipReason, number>()
  /** Modules that were refused for what Assay does not have: `name.0.wasm: error`. */
  readonly refused: string[] = []
  /** Invocations that an engine gave up while another one came to an end, by engine. */
  readonly gaveUp = new Map<string, number>()

  skip(reason: SkipReason): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1)
  }

  get skips(): number {
    return [...this.skipped.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Adds what another script came to. */
  add(other: Tally, prefix: string): void {
    this.passed += other.passed
    this.failures.push(...other.failures.map((failure) => `${prefix}: ${failure}`))
    this.refused.push(...other.refused)
    for (const [reason, count] of other.skipped)
      this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + count)
    for (const [name, count] of other.gaveUp) this.gaveUp.set(name, (this.gaveUp.get(name) ?? 0) + count)
  }

  /** `passed/failed/skipped`, with the reasons of the latter. */
  toString(): string {
    const reasons = [...this.skipped].map(([reason, count]) => `${count} ${reason}`)
    const counts = `${this.passed}/${this.failures.length}/${this.skips}`
    return reasons.length === 0 ? counts : `${counts} (skipped: ${reasons.join(', ')})`
  }
}
