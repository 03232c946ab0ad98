import { expect } from 'chai'
import type { Hex } from 'viem'
import type { MarketClient, RunJob } from '../src/index.ts'
import { Collector } from '../src/run/collector.ts'
import type { RunContext } from '../src/run/context.ts'
import { JobKeys } from '../src/run/keys.ts'
import type { Kind } from '../src/run/kind.ts'
import { followShard } from '../src/run/shard.ts'

const shard = { first: 0, tasks: 2, maxPrice: 100n, minPrice: 50n }

const jobOf = (jobId: Hex, attempt: number): RunJob => ({
  ...{ jobId, attempt, first: 0, tasks: 2, seat: null, state: 'open' },
  ...{ provider: null, price: null, cost: 0n, reason: null },
})

describe('run: a part that is posted again', () => {
  it('has no output of a result that was proven wrong', async () => {
    const collector = new Collector(2)
    const signal = new AbortController().signal
    const context: RunContext = {
      ...{
        client: {} as MarketClient,
        attempts: 2,
        accept: false,
        untilFinal: false,
        signal,
        halted: signal,
      },
      ...{ pollingInterval: 1, patience: 0, collector, maxOutput: 1, emit: () => undefined },
      keys: new JobKeys(undefined),
      repost: async (_, attempt) => [jobOf('0xb', attempt)],
    }
    const serve = (jobId: Hex, index: number, byte: number) =>
      collector.add({
        ...{ index, status: 'halted', exitCode: 0, bytes: Uint8Array.of(byte) },
        ...{ jobId, provider: '0x' },
      })
    // The first provider serves a wrong output, withholds the other, and is found out.
    const follow: Kind['follow'] = async (_, __, [job]) => {
      if (job?.jobId === '0xa') {
        serve('0xa', 0, 66)
        return 'its result was proven wrong'
      }
      serve('0xb', 0, 1)
      serve('0xb', 1, 2)
      return null
    }
    await followShard(context, { follow, jobsPerShard: 1 } as unknown as Kind, shard, [jobOf('0xa', 1)])
    const outputs = (await collector.all()).map(({ jobId, bytes }) => [jobId, ...bytes])
    expect(outputs).to.deep.equal([
      ['0xb', 1],
      ['0xb', 2],
    ])
  })
})
