import { expect } from 'chai'
import { custom, type EIP1193Parameters } from 'viem'
import { type MarketClient, NonceTakenError } from '../src/index.ts'
import { type Request, startChain, type TestChain } from './helpers/chain.ts'
import { fund } from './helpers/jobs.ts'
import { rejection } from './helpers/rejection.ts'

const SEND = 'eth_sendRawTransaction'
type Forward = (args: EIP1193Parameters) => Promise<unknown>

describe('sending a transaction', () => {
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
  afterEach(async () => {
    await chain.automine(true)
    await restore()
  })
  after(() => chain.close())

  /** The requester again, as another process would be, behind a node that `send` speaks for when it is sent something. */
  function behind(send: (args: EIP1193Parameters, forward: Forward) => Promise<unknown>): MarketClient {
    const forward = chain.request as unknown as Forward
    const request = (args: EIP1193Parameters) => (args.method === SEND ? send(args, forward) : forward(args))
    return chain.client('requester', {
      transport: custom({ request: request as unknown as Request }, { retryCount: 0 }),
    })
  }
  const staked = async () => (await requester.getAccount()).stake

  describe('given that another process of the account takes the nonce meanwhile', () => {
    it('signs anew where that transaction was mined', async () => {
      let rivals = 0
      const client = behind(async (args, forward) => {
        if (rivals++ < 2) await requester.stakeSync({ amount: 1n })
        return forward(args)
      })
      await client.stakeSync({ amount: 10n })
      expect({ rivals, staked: await staked() }).to.deep.equal({ rivals: 3, staked: 12n })
    })

    it('signs anew where that transaction waits in the pool', async () => {
      await chain.automine(false)
      let rivals = 0
      const client = behind(async (args, forward) => {
        if (rivals++ === 0) await requester.stake({ amount: 1n })
        return forward(args)
      })
      const hash = await client.stake({ amount: 10n })
      await chain.mine()
      expect(await staked()).to.equal(11n)
      expect((await client.getTransactionReceipt({ hash })).status).to.equal('success')
    })

    it('gives up after some attempts, and says so', async () => {
      let attempts = 0
      const client = behind(async (args, forward) => {
        attempts++
        await requester.stakeSync({ amount: 1n })
        return forward(args)
      })
      expect(await rejection(client.stake({ amount: 10n }), NonceTakenError)).to.include({ retryable: true })
      expect(await staked()).to.equal(BigInt(attempts))
    })

    it('keeps to a nonce that it was given', async () => {
      const nonce = await requester.getTransactionCount({ address: chain.accounts.requester.address })
      const client = behind(async (args, forward) => {
        await requester.stakeSync({ amount: 1n })
        return forward(args)
      })
      expect(await rejection(client.stake({ amount: 10n, nonce }), NonceTakenError)).to.include({
        nonce,
        retryable: false,
      })
      expect(await staked()).to.equal(1n)
    })
  })

  describe('given a transport that sends again what arrived', () => {
    for (const [when, automine] of [
      ['was mined', true],
      ['waits in the pool', false],
    ] as const) {
      it(`does not sign anew where it ${when}`, async () => {
        await chain.automine(automine)
        const client = behind(async (args, forward) => {
          await forward(args)
          return forward(args)
        })
        const hash = await client.stake({ amount: 10n })
        await chain.mine()
        expect(await staked()).to.equal(10n)
        expect((await client.getTransactionReceipt({ hash })).status).to.equal('success')
      })
    }

    it('does not sign anew where the node has it, and another one behind the same address does not', async () => {
      const forward = chain.request as unknown as Forward
      const request = async (args: EIP1193Parameters) => {
        if (args.method === 'eth_getTransactionByHash') return null
        const answer = await forward(args)
        if (args.method === SEND) throw new Error('already known')
        return answer
      }
      const client = chain.client('requester', {
        transport: custom({ request: request as unknown as Request }, { retryCount: 0 }),
      })
      await client.stake({ amount: 10n })
      await chain.mine()
      expect(await staked()).to.equal(10n)
    })
  })
})
