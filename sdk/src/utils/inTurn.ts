const tails = new Map<string, Promise<unknown>>()

/**
 * Runs `step` once every earlier step of the same key has ended, well or not.
 *
 * The node counts a transaction as soon as it was sent: senders that take turns get different nonces from it, and a
 * transaction that could not be sent leaves no gap behind.
 */
export function inTurn<T>(key: string, step: () => Promise<T>): Promise<T> {
  const turn = (tails.get(key) ?? Promise.resolve()).then(step, step)
  tails.set(key, turn)
  const leave = () => {
    if (tails.get(key) === turn) tails.delete(key)
  }
  turn.then(leave, leave)
  return turn
}
