/** VM_SEED, or a seed of its own for each run; tests say it in their titles. */
export const vmSeed = Number(process.env.VM_SEED ?? Date.now() % 2 ** 31)

/** mulberry32: numbers and bytes that a seed repeats. */
export function createSeeded(seed: number) {
  let state = seed
  const word = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
  const below = (limit: number) => word() % limit
  return {
    word,
    below,
    pick: <item>(items: readonly item[]): item => items[below(items.length)]!,
    bytes: (length: number) => Uint8Array.from({ length }, () => word() & 0xff),
  }
}
