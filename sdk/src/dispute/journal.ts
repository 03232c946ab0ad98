import type { Hex } from 'viem'

/**
 * Where a player writes its moves down before it sends them, so that it never sends a second, different one: after a
 * restart, and whatever it would compute then, it sends what is written.
 */
export type DisputeJournal = {
  /** What is written under a key. */
  read: (key: string) => Hex | undefined | Promise<Hex | undefined>
  /** Writes under a key that has nothing yet. Durable when it returns. */
  write: (key: string, move: Hex) => void | Promise<void>
}

/** A journal that is lost with the page: for browsers, where a game is played while the page is open. */
export function memoryJournal(): DisputeJournal {
  const moves = new Map<string, Hex>()
  return {
    read: (key) => moves.get(key),
    write: (key, move) => {
      moves.set(key, move)
    },
  }
}
