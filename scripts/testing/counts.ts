/** Names the file a test runner writes its counts to. */
export const COUNTS_FILE = 'ASSAY_TEST_COUNTS'

/** What a test runner writes when it reached its end. */
export type SuiteCounts = { passed: number; failed: number; skipped: number; failures: string[] }

/** How the process of a suite ended. */
export type Ending = { code: number | null; signal: NodeJS.Signals | null; timedOut: boolean }

/**
 * The counts of a suite, with one more failure for whatever its tests do not tell: a runner that died, hung, found no
 * test, or reports an error although every test passed.
 *
 * @param counts undefined when the runner wrote none
 */
export function judge(counts: SuiteCounts | undefined, ending: Ending): SuiteCounts {
  const fault = faultOf(counts, ending)
  const { passed, failed, skipped, failures } = counts ?? { passed: 0, failed: 0, skipped: 0, failures: [] }
  if (fault === undefined) return { passed, failed, skipped, failures }
  return { passed, failed: failed + 1, skipped, failures: [...failures, fault] }
}

function faultOf(counts: SuiteCounts | undefined, { code, signal, timedOut }: Ending): string | undefined {
  const end = signal ? `ended by ${signal}` : `exit code ${code}`
  if (timedOut) return 'the test runner did not end in time'
  if (counts === undefined) return `the test runner did not reach its end (${end})`
  if (counts.failed === 0 && code !== 0) return `the test runner failed after its tests passed (${end})`
  if (counts.passed + counts.failed + counts.skipped === 0) return 'the test runner found no test'
  return undefined
}

export function total(all: SuiteCounts[]): SuiteCounts {
  const sum = (field: 'passed' | 'failed' | 'skipped') => all.reduce((n, counts) => n + counts[field], 0)
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    failures: all.flatMap(({ failures }) => failures),
  }
}

/** `N passed, N failed`, and the skipped ones if there are any: the last line of `npm test`. */
export function closingLine({ passed, failed, skipped }: SuiteCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
