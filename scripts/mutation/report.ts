import type { Explained } from './explained.ts'
import type { Result, Status } from './results.ts'

const STATUSES: readonly Status[] = ['killed', 'survived', 'timeout', 'invalid', 'same']
const HEADINGS: Record<Status, string> = {
  ...{ killed: 'killed', survived: 'survived', timeout: 'timed out' },
  ...{ invalid: 'not compiled', same: 'same code' },
}

/** A table of how many mutants ended how, a row for each group and one for all. */
export function table(
  heading: string,
  results: readonly Result[],
  group: (result: Result) => string,
): string {
  const names = [...new Set(results.map(group))].sort()
  const rows = [
    [heading, ...STATUSES.map((status) => HEADINGS[status])],
    ...names.map((name) =>
      countsOf(
        name,
        results.filter((result) => group(result) === name),
      ),
    ),
    countsOf('all', results),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function countsOf(name: string, results: readonly Result[]): string[] {
  return [name, ...STATUSES.map((status) => String(results.filter((one) => one.status === status).length))]
}

/** The part of the mutants that can be told from the original and were. */
export function score(results: readonly Result[]): string {
  const count = (...statuses: Status[]) => results.filter(({ status }) => statuses.includes(status)).length
  const noticed = count('killed', 'timeout')
  const all = noticed + count('survived')
  return all === 0 ? 'none tried' : `${noticed} of ${all} noticed (${((100 * noticed) / all).toFixed(1)} %)`
}

/** Where a mutant is and what it changes. */
export function describeMutant({ mutant }: Pick<Result, 'mutant'>): string {
  const { file, line, unit, operator, before, after } = mutant
  return [`${file}:${line} ${unit}, ${operator}`, `  - ${before}`, `  + ${after}`].join('\n')
}

/** An entry of the list of explained survivors. */
export function describeExplained({ file, unit, operator, before, after }: Explained): string {
  return [`${file} ${unit}, ${operator}`, `  - ${before}`, `  + ${after}`].join('\n')
}
