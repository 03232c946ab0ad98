/** Runs `fn` over all items, at most `limit` at once, results in the order of the items. */
export async function mapPooled<item, result>(
  items: readonly item[],
  fn: (item: item, index: number) => Promise<result>,
  options: {
    limit: number
    signal?: AbortSignal | undefined
    onEach?: ((done: number, total: number) => void) | undefined
  },
): Promise<result[]> {
  const results = new Array<result>(items.length)
  let next = 0
  let done = 0
  let failed = false
  const work = async () => {
    while (next < items.length && !failed) {
      options.signal?.throwIfAborted()
      const index = next++
      try {
        results[index] = await fn(items[index]!, index)
      } catch (error) {
        failed = true
        throw error
      }
      options.onEach?.(++done, items.length)
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.limit, items.length) }, work))
  return results
}
