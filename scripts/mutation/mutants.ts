import { fingerprint } from '../support/fingerprint.ts'
import { type Edit, type Operator, type Unit, unitsOf } from './code.ts'
import { assembly } from './operators/assembly.ts'
import { arithmetic, boundary, comparison, condition, minMax } from './operators/expressions.ts'
import { constant, literal } from './operators/literals.ts'
import { argumentOrder, neighbour, party } from './operators/names.ts'
import { effect, guard } from './operators/statements.ts'
import type { Project } from './project.ts'

/** Every kind of mutation. To add one, add an entry. */
export const operators = {
  ...{ arithmetic, comparison, boundary, condition, literal, constant, guard, effect },
  ...{ 'min/max': minMax, party, arguments: argumentOrder, neighbour, assembly },
} satisfies Record<string, Operator>

export type OperatorName = keyof typeof operators

/** One change of one source. */
export interface Mutant extends Edit {
  /** Names it as long as its file stays as it is. */
  key: string
  file: string
  /** The function, modifier or constant that it changes. */
  unit: string
  operator: OperatorName
  line: number
  /** The changed lines as they are, and as they would be, with single spaces. */
  before: string
  after: string
}

/** A mutant with the declaration that it changes. */
export interface PlacedMutant extends Mutant {
  declaration: number
}

/** Every mutant of some files, in the order of the sources. Two that read the same are one. */
export function generateMutants(project: Project, files: readonly string[]): PlacedMutant[] {
  return files.flatMap((file) => {
    const source = project.sources.get(file)!
    const version = fingerprint([source.text])
    const found = new Map<string, PlacedMutant>()
    for (const unit of unitsOf(file, project.trees.get(file)!, source, project)) {
      for (const [name, operator] of Object.entries(operators)) {
        for (const edit of operator(unit)) {
          const mutant = describe(unit, edit, name as OperatorName, version)
          const same = JSON.stringify([edit.start, edit.end, edit.text])
          if (mutant.before !== mutant.after && !found.has(same)) found.set(same, mutant)
        }
      }
    }
    return [...found.values()].sort((a, b) => a.start - b.start || a.end - b.end)
  })
}

function describe(unit: Unit, edit: Edit, operator: OperatorName, version: string): PlacedMutant {
  const { source, file, name, node } = unit
  const lines = source.linesAround(edit)
  const shorten = (text: string) => text.replace(/\s+/g, ' ').trim()
  const after = [
    source.slice({ start: lines.start, end: edit.start }),
    edit.text,
    source.slice({ start: edit.end, end: lines.end }),
  ].join('')
  return {
    ...edit,
    key: fingerprint([version, String(edit.start), String(edit.end), operator, edit.text]),
    ...{ file, unit: name, operator, declaration: node.id },
    line: source.lineOf(edit.start),
    before: shorten(source.slice(lines)),
    after: shorten(after),
  }
}
