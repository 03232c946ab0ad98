import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import type { Address } from 'viem'
import { writeContract } from 'viem/actions'
import {
  attestersHash,
  contentRoot,
  encodeLeaves,
  jobMarketAbi,
  type LeafRow,
  type MarketClient,
  ResultRefutedError,
  type RunEvent,
  type RunJob,
  resultTree,
} from '../src/index.ts'
import { Collector } from '../src/run/collector.ts'
import type { RunContext } from '../src/run/context.ts'
import { JobKeys } from '../src/run/keys.ts'
import { single } from '../src/run/single.ts'
import { startChain, type TestChain } from './helpers/chain.ts'
import { fund, jobsOf, resources, units } from './helpers/jobs.ts'
import { rejection } from './helpers/rejection.ts'
import { startResultsServer } from './helpers/resultsServer.ts'

const shard = { first: 3, tasks: 1, maxPrice: units('2'), minPrice: units('1') }
const output = Uint8Array.of(1, 2, 3)
const row: LeafRow = {
  ...{ status: 'halted', exitCode: 0, steps: 1n },
  ...{ outputRoot: contentRoot(output), outputLength: output.length },
}

describe('run: one job', () => {
  let chain: TestChain
  let requester: MarketClient
  let provider: MarketClient
  let server: Awaited<ReturnType<typeof startResultsServer>>
  before(async () => {
    chain = await startChain()
    ;({ requester, provider } = await fund(chain))
    server = await startResultsServer()
    await provider.updateProviderSync({ resources, concurrency: 9, endpoint: server.url })
  })
  after(async () => {
    await server.close()
    await chain.close()
  })

  type Play = {
    context: RunContext
    job: RunJob
    events: RunEvent[]
    /** As the hook of its level, with a game to be played, would. */
    refute: () => Promise<void>
  }

  /** A job with a result whose outputs are served. */
  async function submitted(untilFinal: boolean): Promise<Play> {
    const assurance = attestersHash([requester.account?.address as Address])
    const { claimed } = jobsOf(chain, { requester, provider })
    const jobId = await claimed({ tasks: 1, level: 'attested', assurance, window: 3_600 })
    const { root: resultRoot, totalSteps } = resultTree([row])
    await provider.submitSync({ jobId, resultRoot, totalSteps })
    server.files.set(`/jobs/${jobId}/leaves`, encodeLeaves([row]))
    server.files.set(`/jobs/${jobId}/outputs`, output)
    const events: RunEvent[] = []
    const signal = new AbortController().signal
    const context: RunContext = {
      ...{ client: requester, attempts: 1, accept: false, signal, halted: signal, pollingInterval: 5 },
      ...{ patience: 0, collector: new Collector(4), maxOutput: 65_536, keys: new JobKeys(undefined) },
      untilFinal,
      emit: (event) => events.push(event),
      repost: () => expect.fail('it was posted again'),
    }
    const job: RunJob = {
      ...{ jobId, first: 3, tasks: 1, attempt: 1, seat: null, state: 'open' },
      ...{ provider: null, price: null, cost: 0n, reason: null },
    }
    const refute = async () => {
      await chain.impersonate(chain.attestation)
      const asHook = (functionName: 'challengeOpened' | 'reject', args: readonly unknown[]) =>
        writeContract(requester, {
          ...{ abi: jobMarketAbi, address: chain.market, functionName, args },
          ...{ account: chain.attestation, chain: null },
        } as never)
      await asHook('challengeOpened', [jobId])
      await asHook('reject', [jobId, 0n])
    }
    return { context, job, events, refute }
  }

  it('says so where its result is proven wrong after its outputs were handed out', async () => {
    const { context, job, events, refute } = await submitted(false)
    const { jobId } = job
    expect(await single.follow(context, shard, [job])).to.equal(null)
    const settling = rejection(single.settle(context, [job]), ResultRefutedError)
    await refute()
    expect(await settling).to.include({ jobId, first: 3, tasks: 1 })
    await rejection(single.settle(context, [job]), ResultRefutedError)
    expect(job).to.include({ state: 'lost', cost: 0n })
    expect(events.at(-1)).to.include({ type: 'lost', jobId })
  })

  describe('whose outputs count only once its result is final', () => {
    it('is lost, and can be posted again, where that is proven wrong', async () => {
      const { context, job, refute } = await submitted(true)
      const following = single.follow(context, shard, [job])
      await refute()
      expect(await following).to.match(/^the result of provider 0x\w+ was proven wrong$/)
      expect(job).to.include({ state: 'lost', cost: 0n })
    })

    it('is done once its window has passed', async () => {
      const { context, job } = await submitted(true)
      let isDone = false
      const following = single.follow(context, shard, [job]).finally(() => {
        isDone = true
      })
      await until(() => job.state === 'verified')
      expect(isDone).to.equal(false)
      await chain.pass(3_601)
      expect(await following).to.equal(null)
      expect(job).to.include({ state: 'settled' })
      await single.settle(context, [job])
    })
  })
})

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(5)
}
