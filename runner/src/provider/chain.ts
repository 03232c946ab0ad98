import { setTimeout } from 'node:timers/promises'
import { isRetryable } from 'assay'
import type { Hex } from 'viem'
import { ChainReplacedError, factsOf } from '../errors.ts'
import type { ProviderContext } from './context.ts'

/** Waits, but not beyond the abort. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined)
}

/**
 * Repeats `step` while it fails for reasons that pass by themselves, with a growing pause; any other error is thrown, and so
 * is the last one when the provider stops or `until` (chain time, seconds) has passed.
 */
export async function persist<T>(
  context: Pick<ProviderContext, 'log' | 'signal' | 'chainTime'>,
  what: string,
  step: () => Promise<T>,
  { until = Number.POSITIVE_INFINITY, retryIf = isRetryable } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step()
    } catch (error) {
      if (context.signal.aborted || !retryIf(error) || context.chainTime() > until) throw error
      const seconds = Math.min(2 ** (attempt - 1) / 4, 8)
      const facts = { what, attempt, seconds, ...factsOf(error) }
      context.log.warn({ event: 'retry', ...facts }, `${what} failed, trying again`)
      await pause(seconds * 1_000, context.signal)
    }
  }
}

/** Hash of the chain's first block: two chains with the same id differ in it. */
async function genesisHash(client: ProviderContext['client']): Promise<Hex> {
  const block = await client.getBlock({ blockNumber: 0n })
  return block.hash
}

/**
 * Refuses to go on when the node serves another chain than before.
 *
 * @throws ChainReplacedError
 */
export async function assertSameChain({
  client,
  journal,
}: Pick<ProviderContext, 'client' | 'journal'>): Promise<void> {
  const actual = await genesisHash(client)
  const expected = journal.meta('genesis')
  if (expected === null) journal.setMeta('genesis', actual)
  else if (expected !== actual) throw new ChainReplacedError({ expected, actual, journal: journal.path })
}
