import type { Obligation } from './prove.ts'

/** A row of the table in docs/security/smt.md: why something that is not proven holds all the same. */
export type Explained = Pick<Obligation, 'contract' | 'file' | 'kind' | 'code'> & { why: string }

/** The rows of five cells: contract, file, kind, code (these but for the kind in backticks) and why. */
export function readTriage(markdown: string): Explained[] {
  const row = /^\| `(\w+)` \| `([^`]+)` \| ([^`|]+?) \| `([^`]+)` \| (.+?) \|$/gm
  return [...markdown.matchAll(row)].map(([, contract = '', file = '', kind = '', code = '', why = '']) => ({
    contract,
    file,
    kind,
    code,
    why,
  }))
}

/**
 * Compares what was not proven with what is explained.
 *
 * @returns `unexplained`: what is undecided and has no row; `stale`: rows of the contracts at hand for what is not there.
 * What has a row and was proven this time is no reason to complain: another machine may be slower. What is refuted cannot
 * be explained.
 */
export function compareTriage(
  found: readonly Obligation[],
  explained: readonly Explained[],
): { unexplained: Obligation[]; stale: Explained[] } {
  const isSame = (a: Obligation, b: Explained) =>
    a.contract === b.contract && a.file === b.file && a.kind === b.kind && a.code === b.code
  const contracts = new Set(found.map(({ contract }) => contract))
  return {
    unexplained: found.filter(
      (one) => one.verdict === 'undecided' && !explained.some((row) => isSame(one, row)),
    ),
    stale: explained.filter((row) => contracts.has(row.contract) && !found.some((one) => isSame(one, row))),
  }
}
