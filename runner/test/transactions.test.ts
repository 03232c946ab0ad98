import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AccountInsufficientBalanceError,
  cancel,
  depositSync,
  getAccount,
  InsufficientGasFundsError,
  isRetryable,
  JobMarketWrongStatusError,
  type MarketClient,
  postSync,
  stake,
  TransactionRevertedError,
} from 'assay'
import { expect } from 'chai'
import { pino } from 'pino'
import { custom, type EIP1193RequestFn, type Hex, HttpRequestError, keccak256 } from 'viem'
import { startChain, type TestChain } from '../../sdk/test/helpers/chain.ts'
import { someTerms } from '../../sdk/test/helpers/jobs.ts'
import { Journal, type SentTransaction } from '../src/provider/journal.ts'
import { Transactions } from '../src/provider/transactions.ts'

const UNIT = 1_000_000n

describe('transactions of a provider', () => {
  let chain: TestChain
  let folder: string
  let journal: Journal
  let transactions: Transactions
  let stop: AbortController
  let restore: () => Promise<void>
  /** What becomes of the next transactions that are sent. */
  let fate: 'pass' | 'lost' | 'unanswered'
  const sent: string[] = []

  before(async () => {
    chain = await startChain()
    await depositSync(chain.client('provider'), { amount: 100n * UNIT })
  })
  after(() => chain.close())

  beforeEach(async () => {
    restore = await chain.snapshot()
    folder = mkdtempSync(join(tmpdir(), 'assay-transactions-'))
    journal = new Journal(folder)
    fate = 'pass'
    sent.length = 0
    start()
  })
  afterEach(async () => {
    stop.abort()
    journal.close()
    rmSync(folder, { recursive: true, force: true })
    await chain.automine(true)
    await restore()
  })

  /** Another life of the same provider: nothing is left of the last one but its journal. */
  function start(): void {
    stop?.abort()
    stop = new AbortController()
    const request = (async (args) => {
      if (args.method !== 'eth_sendRawTransaction') return chain.request(args)
      const [raw] = args.params as [`0x${string}`]
      if (fate === 'lost') throw away()
      sent.push(keccak256(raw))
      const answer = await chain.request(args)
      if (fate === 'unanswered') throw away()
      return answer
    }) as EIP1193RequestFn
    const client: MarketClient = chain.client('provider', {
      transport: custom({ request }, { retryCount: 0 }),
    })
    const context = { client, journal, log: pino({ enabled: false }), signal: stop.signal }
    transactions = new Transactions(context, chain.accounts.provider, 5)
  }

  const away = () => new HttpRequestError({ url: 'http://node', details: 'gone' })
  const stakeCall = (amount: bigint) => stake.call({ market: chain.market, amount })
  const staked = async () => (await getAccount(chain.client('provider'), {})).stake
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => expect.fail('it did not fail'),
      (error: Error) => error,
    )
  async function untilSent(condition: () => boolean): Promise<void> {
    for (let turns = 0; turns < 100_000; turns++) {
      if (condition()) return
      await new Promise(setImmediate)
    }
    expect.fail('the transaction was not sent')
  }
  const nonce = () =>
    chain.client('provider').getTransactionCount({ address: chain.accounts.provider.address })

  it('sends a call, waits for it, and forgets it', async () => {
    const receipt = await transactions.send('stake', stakeCall(UNIT))
    expect(receipt.status).to.equal('success')
    expect(await staked()).to.equal(UNIT)
    expect(sent).to.deep.equal([receipt.transactionHash])
    expect(journal.transactions()).to.deep.equal([])
  })

  it('sends nothing that would revert, and tells why', async () => {
    expect(await failure(transactions.send('stake', stakeCall(101n * UNIT)))).to.be.instanceOf(
      AccountInsufficientBalanceError,
    )
    expect(sent).to.deep.equal([])
    expect(journal.transactions()).to.deep.equal([])
  })

  it('tells why a call reverted that was fine when it was sent', async () => {
    const jobId = await expiredJob()
    await chain.automine(false)
    const sending = failure(transactions.send('cancel', cancel.call({ market: chain.market, jobId })))
    await untilSent(() => sent.length >= 1)
    const dear = { gas: 200_000n, maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n }
    await cancel(chain.client('keeper'), { jobId, ...dear })
    await chain.mine()
    const error = await sending
    expect(error).to.be.instanceOf(TransactionRevertedError)
    expect(error.cause).to.be.instanceOf(JobMarketWrongStatusError)
    expect(journal.transactions()).to.deep.equal([])
  })

  /** A job that anyone may cancel. */
  async function expiredJob(): Promise<Hex> {
    const requester = chain.client('requester')
    await depositSync(requester, { amount: 2n * UNIT })
    const { jobId } = await postSync(requester, {
      terms: await someTerms(chain, { claimBy: (await chain.now()) + 10 }),
    })
    await chain.pass(11)
    return jobId
  }

  it('gives transactions that are sent together different nonces', async () => {
    const before = await nonce()
    await Promise.all(
      [1n, 2n, 3n, 4n].map((amount) => transactions.send(`stake:${amount}`, stakeCall(amount * UNIT))),
    )
    expect(await staked()).to.equal(10n * UNIT)
    expect((await nonce()) - before).to.equal(4)
  })

  for (const [what, loss] of [
    ['whose answer was lost', 'unanswered'],
    ['that did not arrive', 'lost'],
  ] as const) {
    describe(`given one ${what}`, () => {
      let before: number
      beforeEach(async () => {
        before = await nonce()
        await chain.automine(false)
        fate = loss
        expect(isRetryable(await failure(transactions.send('stake', stakeCall(UNIT))))).to.equal(true)
        fate = 'pass'
        expect(journal.transactions()).to.have.length(1)
      })

      async function expectOne(): Promise<void> {
        const [{ hash }] = journal.transactions() as [SentTransaction]
        const sending = transactions.send('stake', stakeCall(UNIT))
        await untilSent(() => sent.includes(hash))
        await chain.mine()
        expect((await sending).transactionHash).to.equal(hash)
        expect(new Set(sent)).to.deep.equal(new Set([hash]))
        expect(await staked()).to.equal(UNIT)
        expect((await nonce()) - before).to.equal(1)
        expect(journal.transactions()).to.deep.equal([])
      }

      it('goes on with the same one', expectOne)

      it('goes on with the same one in its next life', async () => {
        start()
        await expectOne()
      })

      it('sends it again at the start, so that nothing waits behind it', async () => {
        start()
        await transactions.resume()
        const next = transactions.send('next', stakeCall(2n * UNIT))
        await untilSent(() => sent.length >= 2)
        await chain.mine()
        await next
        expect(await staked()).to.equal(3n * UNIT)
      })
    })
  }

  it('signs anew where another transaction of the account has taken the place', async () => {
    fate = 'lost'
    await failure(transactions.send('stake', stakeCall(UNIT)))
    const [{ hash }] = journal.transactions() as [SentTransaction]
    fate = 'pass'
    await depositSync(chain.client('provider'), { amount: UNIT })
    const receipt = await transactions.send('stake', stakeCall(UNIT))
    expect(receipt.transactionHash).to.not.equal(hash)
    expect(await staked()).to.equal(UNIT)
    expect(journal.transactions()).to.deep.equal([])
  })

  it('finds one that was mined before its receipt was asked for', async () => {
    fate = 'unanswered'
    await failure(transactions.send('stake', stakeCall(UNIT)))
    fate = 'pass'
    start()
    await transactions.resume()
    expect(await staked()).to.equal(UNIT)
    const receipt = await transactions.send('stake', stakeCall(UNIT))
    expect(sent).to.deep.equal([receipt.transactionHash])
    expect(await staked()).to.equal(UNIT)
  })

  it('fills the gap that one leaves that can never be mined', async () => {
    fate = 'lost'
    await failure(transactions.send('stake', stakeCall(UNIT)))
    const [first] = journal.transactions()
    // Signed for another chain: no node of this one takes it.
    journal.dropTransaction(first as NonNullable<typeof first>)
    const raw = await chain.accounts.provider.signTransaction({
      type: 'eip1559',
      chainId: 1,
      nonce: first?.nonce ?? 0,
      gas: 21_000n,
      to: chain.market,
      maxFeePerGas: 10n ** 10n,
    })
    journal.putTransaction({ key: 'stake', nonce: first?.nonce ?? 0, hash: keccak256(raw), raw })
    fate = 'pass'
    await transactions.resume()
    expect(journal.transactions()).to.deep.equal([])
    await transactions.send('stake', stakeCall(UNIT))
    expect(await staked()).to.equal(UNIT)
  })

  it('says that there is no money for gas, and sends once there is', async () => {
    const { address } = chain.accounts.provider
    const setBalance = (value: string) =>
      chain.request({ method: 'hardhat_setBalance' as never, params: [address, value] as never })
    await setBalance('0x0')
    expect(await failure(transactions.send('stake', stakeCall(UNIT)))).to.be.instanceOf(
      InsufficientGasFundsError,
    )
    expect(journal.transactions()).to.deep.equal([])
    await setBalance('0xde0b6b3a7640000')
    await transactions.send('stake', stakeCall(UNIT))
    expect(await staked()).to.equal(UNIT)
  })

  it('stops waiting when the provider stops, and keeps what is on its way', async () => {
    await chain.automine(false)
    const sending = failure(transactions.send('stake', stakeCall(UNIT)))
    await untilSent(() => sent.length >= 1)
    stop.abort(new RangeError('stopped'))
    expect((await sending).message).to.equal('stopped')
    expect(journal.transactions()).to.have.length(1)
  })
})
