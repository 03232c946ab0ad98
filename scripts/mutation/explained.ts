import { readFileSync } from 'node:fs'
import { MutationError } from './errors.ts'
import type { OperatorName } from './mutants.ts'

/** What a mutant changes, wherever it stands. */
export interface Description {
  file: string
  unit: string
  operator: OperatorName
  before: string
  after: string
}

/** A survivor that no test can kill, or need not, and why. */
export interface Explained extends Description {
  reason: string
}

const FIELDS = ['file', 'unit', 'operator', 'before', 'after', 'reason'] as const

/** @throws {MutationError} when the file is not a list of complete entries */
export function readExplained(path: string): Explained[] {
  const entries: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const isComplete = (entry: Record<string, unknown>) =>
    FIELDS.every((field) => typeof entry[field] === 'string' && entry[field] !== '')
  if (!Array.isArray(entries) || !entries.every(isComplete)) {
    throw new MutationError(`${path} is not a list of entries with ${FIELDS.join(', ')}.`)
  }
  return entries
}

/** The entry that explains a mutant. */
export function explanationOf(mutant: Description, entries: readonly Explained[]): Explained | undefined {
  return entries.find((entry) => nameOf(entry) === nameOf(mutant))
}

/** The entries that no mutant of the present code answers to. */
export function staleEntries(mutants: readonly Description[], entries: readonly Explained[]): Explained[] {
  const names = new Set(mutants.map(nameOf))
  return entries.filter((entry) => !names.has(nameOf(entry)))
}

function nameOf({ file, unit, operator, before, after }: Description): string {
  return JSON.stringify([file, unit, operator, before, after])
}
