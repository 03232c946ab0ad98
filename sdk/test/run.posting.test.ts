import { expect } from 'chai'
import { custom, toFunctionSelector } from 'viem'
import {
  AccountInsufficientBalanceError,
  JobMarketPostingPausedError,
  jobMarketAbi,
  type MarketClient,
  type NamedJobTerms,
  ValueOutOfRangeError,
} from '../src/index.ts'
import { postOnce as post } from '../src/run/posting.ts'
import { single } from '../src/run/single.ts'
import { type Request, startChain, type TestChain } from './helpers/chain.ts'
import { fund, someTerms, units } from './helpers/jobs.ts'
import { rejection } from './helpers/rejection.ts'

describe('run: posting a batch', () => {
  let chain: TestChain
  let requester: MarketClient
  let restore: () => Promise<void>
  before(async () => {
    chain = await startChain()
    ;({ requester } = await fund(chain))
  })
  beforeEach(async () => {
    restore = await chain.snapshot()
  })
  afterEach(() => restore())
  after(() => chain.close())

  const context = (client = requester) => ({
    ...{ client, signal: new AbortController().signal, pollingInterval: 1 },
  })
  const postOnce = (where: ReturnType<typeof context>, batch: NamedJobTerms[]) =>
    post(where, batch, single.takeBack)
  let nonce = 0n
  const terms = async (changes: Partial<NamedJobTerms> = {}): Promise<NamedJobTerms> => ({
    ...(await someTerms(chain)),
    nonce: nonce++,
    ...changes,
  })

  it('gives the ids in the order of the terms', async () => {
    const batch = [await terms({ tasks: 3 }), await terms({ tasks: 1 }), await terms({ tasks: 2 })]
    const jobIds = await postOnce(context(), batch)
    const tasks = jobIds.map(async (jobId) => (await requester.getJob({ jobId })).tasks)
    expect(await Promise.all(tasks)).to.deep.equal([3, 1, 2])
  })

  it('throws the refusal of one and takes the others back', async () => {
    const batch = [await terms(), await terms({ maxOutput: 2 ** 30 + 1 }), await terms()]
    const error = await rejection(postOnce(context(), batch), ValueOutOfRangeError)
    expect(error.field).to.equal('maxOutput')
    const posted = await requester.getJobs()
    expect(posted.map(({ status }) => status)).to.deep.equal(['cancelled', 'cancelled'])
    expect(await requester.getAccount()).to.include({ balance: units('1000') })
  })

  it('throws what the whole batch lacks', async () => {
    const batch = [await terms({ maxPrice: units('600') }), await terms({ maxPrice: units('500') })]
    const error = await rejection(postOnce(context(), batch), AccountInsufficientBalanceError)
    expect(error).to.include({ available: units('400'), required: units('500') })
    expect(await requester.getAccount()).to.include({ balance: units('1000') })
  })

  it('throws once where all are refused', async () => {
    await chain.client('owner').pausePostingSync()
    await rejection(postOnce(context(), [await terms(), await terms()]), JobMarketPostingPausedError)
  })

  describe('while the answer of the node is lost', () => {
    /** A node that sends the first batch and then says that it did not. */
    function forgetful(onSend = () => {}) {
      const selector = toFunctionSelector(
        jobMarketAbi.find((item) => 'name' in item && item.name === 'postMany') as never,
      )
      let sends = 0
      const request = async (call: { method: string; params?: readonly unknown[] }) => {
        const answer = await chain.request(call as never)
        const isSend = call.method === 'eth_sendRawTransaction'
        if (isSend && `${call.params?.[0]}`.includes(selector.slice(2)) && sends++ === 0) {
          onSend()
          throw new Error('connection lost')
        }
        return answer
      }
      const client = chain.client('requester', {
        transport: custom({ request: request as unknown as Request }, { retryCount: 0 }),
      })
      return { client, sends: () => sends }
    }

    it('finds the jobs where they are and posts nothing twice', async () => {
      const { client, sends } = forgetful()
      const batch = [await terms(), await terms()]
      const jobIds = await postOnce(context(client), batch)
      expect(sends()).to.equal(1)
      expect((await requester.getJobs()).map(({ jobId }) => jobId)).to.deep.equal(jobIds)
    })

    it('asks again for what was refused, to learn why', async () => {
      const { client, sends } = forgetful()
      const batch = [await terms(), await terms({ maxPages: 0 })]
      const error = await rejection(postOnce(context(client), batch), ValueOutOfRangeError)
      expect(error.field).to.equal('maxPages')
      expect(sends()).to.equal(2)
      expect((await requester.getJobs()).map(({ status }) => status)).to.deep.equal(['cancelled'])
    })

    describe('and the run is halted meanwhile', () => {
      const halting = () => {
        const halt = new AbortController()
        const { client } = forgetful(() => halt.abort(new RangeError('another part failed')))
        return { ...context(client), signal: halt.signal }
      }

      it('gives the ids of what is there all the same: somebody has to take it back', async () => {
        const jobIds = await postOnce(halting(), [await terms(), await terms()])
        expect((await requester.getJobs()).map(({ jobId }) => jobId)).to.deep.equal(jobIds)
      })

      it('takes back what is there of it where the rest was refused', async () => {
        await rejection(
          postOnce(halting(), [await terms(), await terms({ maxPages: 0 })]),
          ValueOutOfRangeError,
        )
        expect((await requester.getJobs()).map(({ status }) => status)).to.deep.equal(['cancelled'])
        expect(await requester.getAccount()).to.include({ balance: units('1000') })
      })
    })
  })
})
