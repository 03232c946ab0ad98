import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Mutant } from './mutants.ts'

/**
 * What became of a mutant. `invalid`: it does not compile. `same`: the compiler makes the same code of it. `timeout`: the
 * tests did not end, which no user would call a success either.
 */
export type Status = 'killed' | 'survived' | 'timeout' | 'invalid' | 'same'

/** What became of a mutant, and how that is known. */
export interface Outcome {
  status: Status
  seconds: number
  /** The test that failed. */
  by?: { file: string; title: string; message: string }
}

/** A line of the file of results. */
export interface Result extends Outcome {
  key: string
  /** Hash of what the outcome rests on, see {@link evidenceOf}. */
  evidence: string
  mutant: Pick<Mutant, 'file' | 'line' | 'unit' | 'operator' | 'before' | 'after'>
}

/** Hashes of what the outcomes rest on, now. */
export interface Evidence {
  /** Of all contracts. */
  contracts: string
  /** Of all contracts and all tests. */
  everything: string
  /** Of each file of tests. */
  tests: ReadonlyMap<string, string>
}

/**
 * What an outcome rests on: a kill on the test that made it, a survival on every test and every contract, the
 * compiler's answer on the contracts. The mutant's own file is part of its key.
 */
export function evidenceOf({ status, by }: Outcome, evidence: Evidence): string {
  if (status === 'killed') return evidence.tests.get(by?.file ?? '') ?? 'gone'
  return status === 'invalid' || status === 'same' ? evidence.contracts : evidence.everything
}

/** Results that outlive the run: one line of JSON each, appended as they come, the last one of a key counts. */
export class Results {
  readonly #file: string
  readonly #results = new Map<string, Result>()
  /** What a run that was stopped in the middle of a line left undone. */
  #separator: '' | '\n'

  constructor(file: string) {
    this.#file = file
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    this.#separator = text === '' || text.endsWith('\n') ? '' : '\n'
    for (const line of text.split('\n')) {
      const result = parse(line)
      if (result !== undefined) this.#results.set(result.key, result)
    }
  }

  /** What is known about a mutant, unless what it rests on has changed. */
  find(key: string, evidence: Evidence): Result | undefined {
    const result = this.#results.get(key)
    if (result === undefined) return undefined
    return result.evidence === evidenceOf(result, evidence) ? result : undefined
  }

  add(result: Result): void {
    this.#results.set(result.key, result)
    mkdirSync(dirname(this.#file), { recursive: true })
    appendFileSync(this.#file, `${this.#separator}${JSON.stringify(result)}\n`)
    this.#separator = ''
  }

  /** How many mutants of a file each test has killed. */
  killsIn(file: string): Map<string, number> {
    const kills = new Map<string, number>()
    for (const { mutant, by } of this.#results.values()) {
      if (by !== undefined && mutant.file === file) kills.set(by.file, (kills.get(by.file) ?? 0) + 1)
    }
    return kills
  }
}

/** Nothing for a line that a stopped run left half written. */
function parse(line: string): Result | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'key' in value ? (value as Result) : undefined
  } catch {
    return undefined
  }
}
