import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Counts, Tally } from '../../test/model/tally.ts'
import { listFiles } from '../bootstrap/files.mjs'
import { fingerprint } from '../support/fingerprint.ts'

/** What a market went through that was played to its end. */
export interface Episode {
  seed: number
  seconds: number
  counts: Counts
}

/** What the outcome of an episode rests on: contracts, how they are compiled and run, model and witness. */
const EVIDENCE = [
  ...['contracts/**/*.sol', '!contracts/**/*.t.sol', 'hardhat.config.ts', 'package-lock.json'],
  ...['test/model/*.ts', '!test/model/*.test.ts', 'test/invariant/*.ts', '!test/invariant/*.test.ts'],
]

/** Episodes that outlive the run: one line of JSON each, in a file named by what they rest on. */
export class Episodes {
  readonly file: string
  readonly totals = new Tally()
  readonly #seeds = new Set<number>()
  /** What a run that was stopped in the middle of a line left undone. */
  #separator: '' | '\n'

  /** @param folder - Where the file is, or will be. */
  constructor(root: string, folder: string) {
    const texts = listFiles(root, EVIDENCE).map(
      (path) => `${path}\n${readFileSync(join(root, path), 'utf8')}`,
    )
    this.file = join(folder, `${fingerprint(texts)}.jsonl`)
    const text = existsSync(this.file) ? readFileSync(this.file, 'utf8') : ''
    this.#separator = text === '' || text.endsWith('\n') ? '' : '\n'
    for (const line of text.split('\n')) {
      const episode = parse(line)
      if (episode !== undefined) this.#count(episode)
    }
  }

  /** How many there are. */
  get size(): number {
    return this.#seeds.size
  }

  /** Keeps an episode; the same one twice counts once. */
  add(episode: Episode): void {
    if (!this.#count(episode)) return
    mkdirSync(dirname(this.file), { recursive: true })
    appendFileSync(this.file, `${this.#separator}${JSON.stringify(episode)}\n`)
    this.#separator = ''
  }

  #count({ seed, counts }: Episode): boolean {
    if (this.#seeds.has(seed)) return false
    this.#seeds.add(seed)
    this.totals.add(counts)
    return true
  }
}

/** Nothing for a line that a stopped run left half written. */
function parse(line: string): Episode | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && 'counts' in value ? (value as Episode) : undefined
  } catch {
    return undefined
  }
}
