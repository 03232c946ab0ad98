import type { DatabaseSync } from 'node:sqlite'
import type { DisputeJournal } from 'assay/dispute'
import type { Hex } from 'viem'
import type { Journal } from '../provider/journal.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS dispute_moves (key TEXT PRIMARY KEY, move TEXT NOT NULL) STRICT;
`

/** The moves of a player, in a runner's journal: written before they are sent, each once. */
export class MoveJournal implements DisputeJournal {
  readonly #db: DatabaseSync

  constructor(journal: Journal) {
    this.#db = journal.database
    this.#db.exec(SCHEMA)
  }

  read(key: string): Hex | undefined {
    return this.#db.prepare('SELECT move FROM dispute_moves WHERE key = ?').get(key)?.['move'] as
      | Hex
      | undefined
  }

  write(key: string, move: Hex): void {
    this.#db.prepare('INSERT INTO dispute_moves VALUES (?, ?)').run(key, move)
  }
}
