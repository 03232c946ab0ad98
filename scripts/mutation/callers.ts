import { referenceOf } from './ast.ts'
import { type Unit, unitsOf } from './code.ts'
import type { Project } from './project.ts'

/** A function, modifier or constant whose behaviour a mutation may change. */
export interface Reached {
  file: string
  name: string
  /** The contract or library it stands in; undefined for a free function. */
  owner: string | undefined
  /** Calls from it to what is mutated; 0 for that itself. */
  distance: number
}

/** Who uses what, among the contracts. */
export class Callers {
  readonly #units = new Map<number, Unit>()
  readonly #users = new Map<number, Set<number>>()

  constructor(project: Project) {
    for (const [file, tree] of project.trees) {
      if (!file.startsWith('contracts/')) continue
      for (const unit of unitsOf(file, tree, project.sources.get(file)!, project)) this.#add(unit)
    }
  }

  /** What uses a declaration, however indirectly, nearest first. */
  reach(declaration: number): Reached[] {
    const distances = new Map([[declaration, 0]])
    for (const [id, distance] of distances) {
      for (const user of this.#users.get(id) ?? []) {
        if (!distances.has(user)) distances.set(user, distance + 1)
      }
    }
    return [...distances].flatMap(([id, distance]) => {
      const unit = this.#units.get(id)
      if (unit === undefined) return []
      return [{ file: unit.file, name: unit.name, owner: unit.ownerOf(id)?.name, distance }]
    })
  }

  #add(unit: Unit): void {
    this.#units.set(unit.node.id, unit)
    for (const { node } of unit.nodes) {
      const used = referenceOf(node)
      if (used === undefined || used < 0) continue
      const users = this.#users.get(used) ?? new Set()
      this.#users.set(used, users.add(unit.node.id))
    }
  }
}
