import type { Exclusion } from './exclusions.ts'
import type { Measured, Point, PointKind } from './points.ts'

export type Count = { reached: number; total: number }
export type FileCoverage = { file: string } & Record<PointKind, Count>

export type Coverage = {
  files: FileCoverage[]
  /** Points that were neither reached nor excluded. */
  missed: Point[]
  /** Points that an exclusion takes out of the counts. */
  excluded: { point: Point; reason: string }[]
  /** Exclusions without a point that is not reached: they say something that is no longer true. */
  stale: Exclusion[]
}

const KINDS = ['statement', 'branch', 'function'] as const

/** Counts by file what was reached, without what is excluded. */
export function assess({ points, reached }: Measured, exclusions: readonly Exclusion[]): Coverage {
  const hits = new Set(reached)
  const excluded = points.flatMap((point) => {
    const exclusion = hits.has(point.id) ? undefined : exclusions.find((one) => applies(one, point))
    return exclusion ? [{ point, exclusion }] : []
  })
  const left = points.filter((point) => !excluded.some((one) => one.point === point))
  const missed = left.filter(({ id }) => !hits.has(id))
  const files = Map.groupBy(left, ({ file }) => file)
  return {
    files: [...files].map(([file, all]) => ({ file, ...countByKind(all, hits) })).toSorted(byFile),
    missed: missed.toSorted((a, b) => byFile(a, b) || a.line - b.line),
    excluded: excluded.map(({ point, exclusion: { reason } }) => ({ point, reason })),
    stale: exclusions.filter((one) => !excluded.some(({ exclusion }) => exclusion === one)),
  }
}

/** True when nothing is missed and every exclusion is needed; never for a run that measured nothing. */
export function isComplete({ files, missed, stale }: Coverage): boolean {
  return files.length > 0 && missed.length === 0 && stale.length === 0
}

/** The report: a table, then what is missed, excluded and stale, with file and line. */
export function render(coverage: Coverage): string {
  const { files, missed, excluded, stale } = coverage
  const width = Math.max(...files.map(({ file }) => file.length), 'all'.length)
  const row = (name: string, cells: string[]) =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(16))].join('')
  const all = Object.fromEntries(KINDS.map((kind) => [kind, sum(files.map((file) => file[kind]))]))
  return [
    row('', ['statements', 'branches', 'functions']),
    ...[...files, { file: 'all', ...all } as FileCoverage].map((one) =>
      row(
        one.file,
        KINDS.map((kind) => cell(one[kind])),
      ),
    ),
    ...section('Not reached', missed.map(describe)),
    ...section(
      'Excluded',
      excluded.map(({ point, reason }) => `${describe(point)}\n    ${reason}`),
    ),
    ...section(
      'Exclusions that name nothing',
      stale.map(({ file, code, outcome }) => [file, code, outcome].filter(Boolean).join(' · ')),
    ),
  ].join('\n')
}

function applies({ file, code, outcome }: Exclusion, point: Point): boolean {
  return point.file === file && point.code === code && (outcome === undefined || point.outcome === outcome)
}

function countByKind(points: readonly Point[], hits: ReadonlySet<number>): Record<PointKind, Count> {
  const count = (kind: PointKind): Count => {
    const all = points.filter((point) => point.kind === kind)
    return { reached: all.filter(({ id }) => hits.has(id)).length, total: all.length }
  }
  return { statement: count('statement'), branch: count('branch'), function: count('function') }
}

function sum(counts: readonly Count[]): Count {
  return counts.reduce((a, b) => ({ reached: a.reached + b.reached, total: a.total + b.total }), {
    reached: 0,
    total: 0,
  })
}

/** Rounded down: 100 % means all. */
function cell({ reached, total }: Count): string {
  if (total === 0) return '–'
  return `${reached}/${total} ${String(Math.floor((reached / total) * 100)).padStart(3)} %`
}

function describe({ file, line, kind, code, outcome }: Point): string {
  const text = code.length > 90 ? `${code.slice(0, 89)}…` : code
  return `${file}:${line} ${kind}${outcome === undefined ? '' : ` ${outcome}`}: ${text}`
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)]
}

function byFile(a: { file: string }, b: { file: string }): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : 0
}
