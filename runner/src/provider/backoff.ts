const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/** When to try again what failed: after a second, and after twice as long each time it fails again, up to a minute. */
export class Backoff {
  #failures = 0
  #notBefore = 0

  /** Whether it is too early to try again. */
  get isPausing(): boolean {
    return performance.now() < this.#notBefore
  }

  succeeded(): void {
    this.#failures = 0
  }

  /** @returns milliseconds of the pause that begins */
  failed(): number {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures++, LONGEST_PAUSE_MS)
    this.#notBefore = performance.now() + pauseMs
    return pauseMs
  }
}
