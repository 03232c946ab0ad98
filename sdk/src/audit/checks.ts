/** One thing that is not as it must be. */
export type Finding = {
  /** Which check found it. */
  check: CheckName
  /** What it is about: `account 0x… balance`. */
  subject: string
  expected: string
  actual: string
}

/** How much one check compared. */
export type CheckResult = { name: CheckName; checked: number; differences: number }

/** The checks in the order in which a report lists them, each with what it compares. */
export const checkNames = {
  chain: 'logs and headers are of one chain',
  events: "logs are the market's events, in a possible order",
  rules: 'each transition was allowed, each amount follows from the terms',
  market: 'reserve, fee recipient, guardian and posting rules in storage',
  parameters: 'parameter sets and assurance levels in storage',
  accounts: 'balances, stakes and bonds in storage',
  providers: 'declarations, faults, reputation and fees in storage',
  jobs: 'the five words of each job in storage',
  sums: 'the parts add up to deposits less withdrawals, the locked to the bonds',
  transfers: 'each deposit and withdrawal moved its tokens, nothing else did',
  solvency: 'the token balance covers all that is owed',
  results: 'published leaves have the root that was submitted',
  outputs: 'published outputs are those of the leaves',
  executions: 'sampled tasks executed again give their leaves',
} as const

export type CheckName = keyof typeof checkNames

export type Value = string | bigint | number | boolean

/** Collects what was compared and what differed. */
export class Checks {
  readonly findings: Finding[] = []
  readonly #checked = new Map<CheckName, number>()

  /** Counts comparisons that held. */
  count(check: CheckName, number = 1): void {
    this.#checked.set(check, (this.#checked.get(check) ?? 0) + number)
  }

  /** Compares and records a finding where the values differ. */
  equal(check: CheckName, subject: string, expected: Value, actual: Value): boolean {
    this.count(check)
    if (expected === actual) return true
    this.#add(check, subject, String(expected), String(actual))
    return false
  }

  /** Records a finding unless the condition holds; the texts are made only then. */
  that(check: CheckName, holds: boolean, finding: () => Omit<Finding, 'check'>): boolean {
    this.count(check)
    if (holds) return true
    const { subject, expected, actual } = finding()
    this.#add(check, subject, expected, actual)
    return false
  }

  results(): CheckResult[] {
    return (Object.keys(checkNames) as CheckName[])
      .filter((name) => this.#checked.has(name))
      .map((name) => ({
        name,
        checked: this.#checked.get(name)!,
        differences: this.findings.filter((finding) => finding.check === name).length,
      }))
  }

  #add(check: CheckName, subject: string, expected: string, actual: string): void {
    this.findings.push({ check, subject, expected, actual })
  }
}
