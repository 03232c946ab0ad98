import { AssayError } from 'assay'

/** A module wants WASI functions, which are not linked into it yet. */
export class WasiNotLinkedError extends AssayError {
  constructor({ program, imports }: { program: string; imports: readonly string[] }) {
    super('Program uses WASI, which has to be linked into it.', {
      name: 'WasiNotLinkedError',
      facts: { Program: program, Imports: imports.join(', ') },
      remedy: `Run \`assay build ${program}\` and take the module that it writes.`,
    })
  }
}

/** What the engines say differently about the same task. */
export type EngineDifference = { field: string; values: Readonly<Record<string, string>> }

/** Engines end the same task in different ways: at most one of them is right. */
export class EnginesDifferError extends AssayError {
  readonly differences: readonly EngineDifference[]

  constructor({ differences }: { differences: readonly EngineDifference[] }) {
    super('The engines end this task in different ways.', {
      name: 'EnginesDifferError',
      facts: Object.fromEntries(differences.map(({ field, values }) => [field, described(values)])),
      remedy:
        'Keep the program and its inputs and report both (SECURITY.md): a fault of an engine costs providers their bonds. The reference engine is the one that defines results.',
    })
    this.differences = differences
  }
}

function described(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([engine, value]) => `${engine} ${value}`)
    .join(', ')
}
