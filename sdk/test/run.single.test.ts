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

  it('says so where its result is proven wrong after its outputs were handed out', async () => {
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
      emit: (event) => events.push(event),
      repost: () => expect.fail('it was posted again'),
    }
    const job: RunJob = {
      ...{ jobId, first: 3, tasks: 1, attempt: 1, seat: null, state: 'open' },
      ...{ provider: null, price: null, cost: 0n, reason: null },
    }
    expect(await single.follow(context, shard, [job])).to.equal(null)
    const settling = rejection(single.settle(context, [job]), ResultRefutedError)

    // As the hook of its level, with a game to be played, would.
    await chain.impersonate(chain.attestation)
    const asHook = (functionName: 'challengeOpened' | 'reject', args: readonly unknown[]) =>
      writeContract(requester, {
        ...{ abi: jobMarketAbi, address: chain.market, functionName, args },
        ...{ account: chain.attestation, chain: null },
      } as never)
    await asHook('challengeOpened', [jobId])
    await asHook('reject', [jobId, 0n])

    expect(await settling).to.include({ jobId, first: 3, tasks: 1 })
    await rejection(single.settle(context, [job]), ResultRefutedError)
    expect(job).to.include({ state: 'lost', cost: 0n })
    expect(events.at(-1)).to.include({ type: 'lost', jobId })
  })
})
