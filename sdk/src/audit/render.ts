import { formatUnits } from 'viem'
import { printable } from '../utils/format.ts'
import { checkNames } from './checks.ts'
import type { AuditReport } from './report.ts'

/** How many findings and missing contents are written out. */
const maxLines = 50

/** A report as text for people: what was read, a table of checks, the money, what differs; the last line is the verdict. */
export function renderAuditReport(report: AuditReport): string {
  const sections = [summary(report), checksTable(report), money(report), contents(report), findings(report)]
  return [
    ...sections.filter((lines) => lines.length > 0).flatMap((lines) => [...lines, '']),
    verdict(report),
  ].join('\n')
}

function summary({ chainId, market, block, fromBlock, counts }: AuditReport): string[] {
  const time = new Date(block.timestamp * 1000).toISOString().replace('.000Z', 'Z')
  const jobs = Object.entries(counts.jobs).map(([status, count]) => `${count} ${status}`)
  const total = Object.values(counts.jobs).reduce((sum, count) => sum + count, 0)
  return [
    `Market ${market} on chain ${chainId}`,
    `Block ${block.number} (${time}), ${plural(counts.events, 'event')} from block ${fromBlock}`,
    `${plural(counts.accounts, 'account')}, ${plural(counts.providers, 'provider')}, ${plural(total, 'job')}${jobs.length > 0 ? `: ${jobs.join(', ')}` : ''}`,
  ]
}

function checksTable({ checks }: AuditReport): string[] {
  const rows = checks.map(({ name, checked, differences }) => [
    name,
    `${checked}`,
    `${differences}`,
    checkNames[name],
  ])
  return table([['Check', 'Compared', 'Differences', ''], ...rows], [false, true, true, false])
}

function money({ solvency, decimals }: AuditReport): string[] {
  const rows = [
    ['Token balance', solvency.tokenBalance],
    ['Owed', solvency.owed],
    ['  balances', solvency.balances],
    ['  stakes', solvency.stakes],
    ['  escrow', solvency.escrow],
    ['  reserve', solvency.reserve],
    ['  fees', solvency.fees],
    [solvency.surplus.startsWith('-') ? 'Missing' : 'Surplus', solvency.surplus.replace('-', '')],
  ] as const
  return table(
    rows.map(([label, amount]) => [label, fixed(amount, decimals)]),
    [false, true],
  )
}

function contents({ results, executions, notServed }: AuditReport): string[] {
  const lines: string[] = []
  if (results) {
    const { jobs, verified, tasks, outputs } = results
    const ofTasks = `the outputs of ${outputs} of ${plural(tasks, 'task')}`
    lines.push(`Verified the leaves of ${verified} of ${plural(jobs, 'result')}, ${ofTasks}`)
  }
  if (executions) {
    const { executed, requested, seed, failed } = executions
    lines.push(`Executed ${plural(executed.length, 'task')} again, of ${requested} asked for (seed ${seed})`)
    const reasons = failed.map(
      ({ jobId, taskIndex, reason }) => `  job ${jobId}, task ${taskIndex}: ${reason}`,
    )
    if (failed.length > 0)
      lines.push(`Could not execute ${plural(failed.length, 'task')}:`, ...shortened(reasons))
  }
  const missing = notServed.map(
    ({ jobId, what, url, reason }) => `  job ${jobId}: ${what}${url && ` at ${url}`}: ${reason}`,
  )
  if (missing.length > 0) lines.push(`Not served, so not verified: ${missing.length}`, ...shortened(missing))
  return lines.map(printable)
}

function findings(report: AuditReport): string[] {
  if (report.findings.length === 0) return []
  const texts = report.findings.map(({ check, subject, expected, actual }) =>
    [`[${check}] ${subject}`, `  expected ${expected}`, `  actual   ${actual}`].map(printable).join('\n'),
  )
  return ['Differences:', ...shortened(texts)]
}

function verdict({ verdict, findings, checks, solvency, decimals, results }: AuditReport): string {
  const compared = checks.reduce((sum, { checked }) => sum + checked, 0)
  const differences = findings.length === 0 ? 'no difference' : plural(findings.length, 'difference')
  const missing =
    verdict === 'insolvent' ? `${fixed(solvency.surplus.slice(1), decimals)} tokens missing, ` : ''
  const verified = results ? `, ${results.verified} of ${plural(results.jobs, 'result')} verified` : ''
  return `${verdict}: ${missing}${plural(compared, 'value')} compared, ${differences}${verified}`
}

function shortened(lines: readonly string[]): string[] {
  const more = lines.length - maxLines
  return more > 0 ? [...lines.slice(0, maxLines), `  … and ${more} more`] : [...lines]
}

/** All decimals, so that the points of a column stand below each other. */
function fixed(amount: string, decimals: number): string {
  const [whole, fraction = ''] = formatUnits(BigInt(amount), decimals).split('.')
  return decimals === 0 ? whole! : `${whole}.${fraction.padEnd(decimals, '0')}`
}

function table(rows: readonly (readonly string[])[], right: readonly boolean[]): string[] {
  const widths = right.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row
      .map((cell, column) => (right[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
