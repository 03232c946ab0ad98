/** A part of the inputs: one job, or one group of seats. Prices are for all its jobs together. */
export type Shard = { first: number; tasks: number; maxPrice: bigint; minPrice: bigint }

/**
 * Splits `tasks` inputs into parts of at most `tasksPerJob`, as even as possible, and the prices by their tasks. Prices add up
 * to at most the given ones.
 */
export function planShards(tasks: number, tasksPerJob: number, maxPrice: bigint, minPrice: bigint): Shard[] {
  const count = Math.ceil(tasks / tasksPerJob)
  const shards: Shard[] = []
  for (let i = 0, first = 0; i < count; i++) {
    const end = Math.floor(((i + 1) * tasks) / count)
    const share = (price: bigint) => (price * BigInt(end - first)) / BigInt(tasks)
    shards.push({ first, tasks: end - first, maxPrice: share(maxPrice), minPrice: share(minPrice) })
    first = end
  }
  return shards
}
