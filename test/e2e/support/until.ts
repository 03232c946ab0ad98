import { setTimeout } from 'node:timers/promises'

/** Asks again and again until there is an answer, and gives up with `what` that was to come. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  { timeout = 30_000, every = 50 }: { timeout?: number; every?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeout
  while (true) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new NeverHappenedError(what, timeout)
    await setTimeout(every)
  }
}

/** The promise's value, unless it takes too long. */
export async function within<T>(what: string, promise: Promise<T>, timeout = 30_000): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(timeout, undefined, { signal: late.signal }).then(
    () => {
      throw new NeverHappenedError(what, timeout)
    },
    () => new Promise<never>(() => {}),
  )
  return Promise.race([promise, timer]).finally(() => late.abort())
}

export class NeverHappenedError extends Error {
  constructor(what: string, timeout: number) {
    super(`did not happen within ${timeout} ms: ${what}`)
    this.name = 'NeverHappenedError'
  }
}
