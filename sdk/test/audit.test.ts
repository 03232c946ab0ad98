import { expect } from 'chai'
import {
  type Address,
  createClient,
  custom,
  defineChain,
  getAddress,
  type Hex,
  keccak256,
  toEventSelector,
} from 'viem'
import { jobMarketAbi } from '../src/abis.ts'
import { type AuditReport, audit, renderAuditReport } from '../src/audit/index.ts'
import {
  accountWord,
  agreementWord,
  claimWord,
  fixedWords,
  jobWords,
  levelWord,
  parametersWords,
  profileWord,
  slotOf,
} from '../src/audit/layout.ts'
import { mappingSlot, type WordSchema, word } from '../src/audit/words.ts'
import { liveALife } from './helpers/auditLife.ts'
import { type AuditMarket, deployAuditMarket } from './helpers/auditMarket.ts'

/** The name of the error an audit ends with. */
async function errorOf(audited: Promise<AuditReport>): Promise<string> {
  try {
    await audited
    return 'none'
  } catch (error) {
    return (error as Error).name
  }
}

const subjects = ({ findings }: AuditReport) => findings.map(({ check, subject }) => `[${check}] ${subject}`)

describe('audit', function () {
  this.timeout(20_000)

  let chain: AuditMarket
  let jobs: Record<string, Hex>
  let snapshot: Hex

  const run = () => audit(chain.client, { market: chain.market, jobs: [] })

  before(async () => {
    chain = await deployAuditMarket()
    jobs = await liveALife(chain)
    snapshot = await chain.snapshot()
  })
  afterEach(async () => {
    await chain.revert(snapshot)
    snapshot = await chain.snapshot()
  })
  after(() => chain.close())

  describe('given a market that went through every transition', () => {
    it('has emitted every event', async () => {
      const logs = (await chain.request('eth_getLogs', { address: chain.market, fromBlock: '0x0' })) as {
        topics: Hex[]
      }[]
      const seen = new Set(logs.map(({ topics }) => topics[0]))
      const missing = jobMarketAbi.filter((item) => item.type === 'event' && !seen.has(toEventSelector(item)))

      // of ERC-5267; the domain never changes
      expect(missing.map((item) => 'name' in item && item.name)).to.deep.equal(['EIP712DomainChanged'])
    })

    it('finds no difference', async () => {
      const report = await run()

      expect(report.findings).to.deep.equal([])
      expect(report.verdict).to.equal('solvent')
      expect(report.solvency.surplus).to.equal('0')
      expect(report.counts.jobs).to.deep.equal({
        settled: 12,
        cancelled: 4,
        released: 4,
        failed: 3,
        rejected: 3,
        open: 2,
        awaitingKey: 2,
        claimed: 2,
        seated: 1,
        submitted: 3,
      })
    })

    it('adds up to what was deposited and not withdrawn', async () => {
      const { solvency } = await run()

      expect(solvency.owed).to.equal(`${await chain.held()}`)
      expect(solvency.reserve).to.equal(`${await chain.read('reserve')}`)
      expect(BigInt(solvency.fees) > 0n && BigInt(solvency.escrow) > 0n).to.equal(true)
    })

    it('compares every word that the market uses', async () => {
      const { checks } = await run()
      const checked = Object.fromEntries(checks.map(({ name, checked }) => [name, checked]))

      const [origin, agreement, ...rest] = [4, 7, 12, 8, 1, 4]
      const each = rest.reduce((sum, fields) => sum + fields)
      expect(checked.jobs).to.equal(36 * each + 32 * origin! + 4 * agreement!)
      expect(checked.parameters).to.equal(2 * 13 + 2 * (4 + 1) * 3)
      expect(checked.market).to.equal(3 + 7 + 1 + 2)
      expect(checked.transfers).to.be.greaterThan(5)
      expect(checks.every(({ differences }) => differences === 0)).to.equal(true)
    })

    it('is plain JSON', async () => {
      const report = await run()

      expect(JSON.parse(JSON.stringify(report))).to.deep.equal(report)
    })

    it('writes a text that ends in the verdict', async () => {
      const text = renderAuditReport(await run())

      expect(text.split('\n').at(-1)).to.match(/^solvent: \d+ values compared, no difference$/)
      expect(text).to.contain('36 jobs: ')
    })

    it('stays clean as time passes', async () => {
      await chain.pass(100 * 86_400)

      expect((await run()).verdict).to.equal('solvent')
    })

    it('audits an older block as it was', async () => {
      const latest = BigInt((await chain.request('eth_blockNumber')) as Hex)
      const report = await audit(chain.client, { market: chain.market, jobs: [], blockNumber: latest - 20n })

      expect(report.findings).to.deep.equal([])
      expect(report.block.number).to.equal(`${latest - 20n}`)
    })
  })

  describe('given a word in storage that was changed', () => {
    /** Changes the lowest bit of every field of a word, and expects each of them to be found. */
    async function tamper(check: string, slot: bigint, schema: WordSchema, subject: string) {
      let mask = 0n
      let shift = 0n
      for (const bits of Object.values(schema)) {
        mask |= 1n << shift
        shift += BigInt(bits)
      }
      await chain.setStorage(slot, (await chain.storage(slot)) ^ mask)
      const report = await run()

      expect(report.verdict).not.to.equal('solvent')
      const expected = Object.keys(schema).map((field) => `[${check}] ${subject}: ${field}`)
      expect(subjects(report)).to.include.members(expected)
      return report
    }

    for (const [slot, schema] of Object.entries(fixedWords))
      it(`finds each field of the word at slot ${slot}`, () =>
        tamper('market', BigInt(slot), schema, 'market'))

    for (const [index, schema] of parametersWords.entries())
      it(`finds each field of word ${index} of a parameter set`, () =>
        tamper('parameters', slotOf.parameters(1n) + BigInt(index), schema, 'set 1'))

    it('finds each field of a level', () =>
      tamper('parameters', slotOf.level(1n, 1n), levelWord, 'set 1, level 1'))

    it('finds a level where there should be none', () =>
      tamper('parameters', slotOf.level(0n, 4n), levelWord, 'set 0, level 4'))

    it('finds each field of an account', () =>
      tamper(
        'accounts',
        slotOf.account(chain.provider1),
        accountWord,
        `account ${getAddress(chain.provider1)}`,
      ))

    it('finds each field of a profile', () =>
      tamper(
        'providers',
        slotOf.profile(chain.provider2),
        profileWord,
        `provider ${getAddress(chain.provider2)}`,
      ))

    it('finds an encryption key', () =>
      tamper(
        'providers',
        slotOf.contact(chain.provider1),
        { encryptionKey: 256 },
        `provider ${getAddress(chain.provider1)}`,
      ))

    it('finds a short endpoint', () =>
      tamper(
        'providers',
        slotOf.contact(chain.provider1) + 1n,
        { 'endpoint, word 1': 256 },
        `provider ${getAddress(chain.provider1)}`,
      ))

    it('finds a part of a long endpoint', () => {
      const slot = BigInt(keccak256(word(slotOf.contact(chain.provider2) + 1n)))
      return tamper(
        'providers',
        slot + 2n,
        { 'endpoint, word 4': 256 },
        `provider ${getAddress(chain.provider2)}`,
      )
    })

    for (const name of [
      'open',
      'awaitingKey',
      'claimed',
      'seated',
      'seatSettled',
      'settledByStep',
      'submitted',
      'settledByAccept',
      'released',
      'cancelled',
      'rejected',
    ])
      for (const [index, schema] of jobWords.entries())
        it(`finds each field of word ${index} of a job that is ${name}`, () =>
          tamper('jobs', slotOf.job(jobs[name]!) + BigInt(index), schema, `job ${jobs[name]}`))

    for (const [index, schema] of [...jobWords.entries()]
      .filter(([, schema]) => schema !== claimWord)
      .slice(1))
      it(`finds each field of word ${index} of a signed job`, () =>
        tamper('jobs', slotOf.job(jobs.signedClaimed!) + BigInt(index), schema, `job ${jobs.signedClaimed}`))

    it('finds each field of an agreement', () =>
      tamper('jobs', slotOf.job(jobs.signedClaimed!), agreementWord, `job ${jobs.signedClaimed}`))

    it('finds a signed job that is none', async () => {
      // posted and claimed in two transactions, stored as if agreed by signature
      const slot = slotOf.job(jobs.claimed!) + 2n
      await chain.setStorage(slot, (await chain.storage(slot)) | (1n << 255n))
      expect(subjects(await run())).to.include(`[jobs] job ${jobs.claimed}: isSigned`)
    })

    it('finds the time of a registration', () =>
      tamper(
        'providers',
        slotOf.contact(chain.provider1) + 2n,
        { registeredAt: 256 },
        `provider ${getAddress(chain.provider1)}`,
      ))

    it('finds sums that do not add up although each word was changed consistently with none', async () => {
      const slot = slotOf.account(chain.requester)
      await chain.setStorage(slot, (await chain.storage(slot)) + 5n)
      const report = await run()

      const finding = report.findings.find(({ check }) => check === 'sums')
      expect(finding?.subject).to.equal('balances + stakes + escrow + reserve + fees')
      expect(BigInt(finding!.actual) - BigInt(finding!.expected)).to.equal(5n)
      expect(report.verdict).to.equal('insolvent')
    })

    it('names what was expected and what is there', async () => {
      const slot = slotOf.account(chain.requester)
      const before = await chain.storage(slot)
      await chain.setStorage(slot, before - 7n)
      const report = await run()

      const balance = before & ((1n << 80n) - 1n)
      expect(report.findings[0]).to.deep.equal({
        check: 'accounts',
        subject: `account ${getAddress(chain.requester)}: balance`,
        expected: `${balance}`,
        actual: `${balance - 7n}`,
      })
      expect(report.verdict).to.equal('differences')
      expect(renderAuditReport(report)).to.contain(`  expected ${balance}\n  actual   ${balance - 7n}\n`)
    })
  })

  describe('given a token balance that is not the sum of all parts', () => {
    // OpenZeppelin's ERC20 keeps _balances at slot 0
    const balanceSlot = () => mappingSlot(0n, chain.market)

    it('calls a balance one short insolvent', async () => {
      const held = await chain.held()
      await chain.setStorage(balanceSlot(), held - 1n, chain.token)
      const report = await run()

      expect(report.verdict).to.equal('insolvent')
      expect(report.solvency.surplus).to.equal('-1')
      expect(subjects(report)).to.deep.equal([
        '[solvency] token balance of the market, in base units',
        '[transfers] token balance of the market, in base units',
      ])
      expect(renderAuditReport(report).split('\n').at(-1)).to.match(/^insolvent: 0\.000001 tokens missing, /)
    })

    it('reports a gift and stays solvent', async () => {
      await chain.transfer(chain.owner, chain.market, 123n)
      const report = await run()

      expect(report.findings).to.deep.equal([])
      expect(report.verdict).to.equal('solvent')
      expect([report.solvency.surplus, report.solvency.gifts]).to.deep.equal(['123', '123'])
    })

    it('takes no notice of a transfer of nothing that a stranger made in the name of the market', async () => {
      await chain.transferFrom(chain.owner, chain.market, chain.owner, 0n)
      const report = await run()

      expect(report.findings).to.deep.equal([])
      expect(report.verdict).to.equal('solvent')
    })

    it('finds tokens that left without a withdrawal even if a gift covers them', async () => {
      await chain.transfer(chain.owner, chain.market, 500n)
      await chain.request('hardhat_impersonateAccount', chain.market)
      await chain.request('hardhat_setBalance', chain.market, '0xde0b6b3a7640000')
      await chain.transfer(chain.market, chain.keeper, 300n)
      const report = await run()

      expect(subjects(report).map((subject) => subject.replace(/0x\w+/g, '…'))).to.deep.equal([
        '[transfers] transfer to …, transaction …',
      ])
      expect(report.verdict).to.equal('differences')
      expect(report.solvency.surplus).to.equal('200')
    })
  })

  describe('given a market without any activity', () => {
    let empty: AuditMarket

    before(async () => {
      empty = await deployAuditMarket()
    })
    after(() => empty.close())

    it('is solvent', async () => {
      const report = await audit(empty.client, { market: empty.market })

      expect(report.verdict).to.equal('solvent')
      expect(report.counts).to.deep.equal({ events: 3, accounts: 0, providers: 0, jobs: {} })
      expect(report.solvency.owed).to.equal('0')
      expect(renderAuditReport(report)).to.contain('0 jobs')
    })

    it('still finds what storage holds without an event', async () => {
      await empty.setStorage(0n, (await empty.storage(0n)) + 1n)

      expect((await audit(empty.client, { market: empty.market })).verdict).to.equal('insolvent')
    })
  })

  describe('given a token of 18 decimals', () => {
    let other: AuditMarket

    before(async () => {
      other = await deployAuditMarket({ decimals: 18 })
      await liveALife(other)
    })
    after(() => other.close())

    it('counts units of 10^12 base units', async () => {
      const report = await audit(other.client, { market: other.market, jobs: [] })

      expect(report.findings).to.deep.equal([])
      expect(report.verdict).to.equal('solvent')
      expect(report.solvency.owed).to.equal(`${await other.held()}${'0'.repeat(12)}`)
    })

    it('sees what is less than a unit', async () => {
      await other.transfer(other.owner, other.market, 1n)
      const report = await audit(other.client, { market: other.market, jobs: [] })

      expect([report.verdict, report.solvency.surplus]).to.deep.equal(['solvent', '1'])
      expect(renderAuditReport(report)).to.contain('0.000000000000000001\n')
    })
  })

  describe('given something that cannot be audited', () => {
    it('refuses a chain without a known market', async () => {
      const provider = {
        request: ({ method, params }: { method: string; params?: unknown[] }) =>
          method === 'eth_chainId' ? Promise.resolve('0xdead') : chain.request(method, ...(params ?? [])),
      }
      const client = createClient({ transport: custom(provider, { retryCount: 0 }) })

      expect(await errorOf(audit(client))).to.equal('MarketUnknownError')
    })

    it('refuses a node of another chain than the client', async () => {
      const client = createClient({
        chain: defineChain({
          id: 5,
          name: 'other',
          nativeCurrency: { name: 'E', symbol: 'E', decimals: 18 },
          rpcUrls: { default: { http: [] } },
        }),
        transport: custom(chain.provider, { retryCount: 0 }),
      })

      expect(await errorOf(audit(client, { market: chain.market }))).to.equal('WrongChainError')
    })

    it('refuses an address without code', async () => {
      const market: Address = `0x${'12'.repeat(20)}`

      expect(await errorOf(audit(chain.client, { market }))).to.equal('MarketNotDeployedError')
    })

    it('refuses a contract that is no market', async () => {
      expect(await errorOf(audit(chain.client, { market: chain.token }))).to.equal('AuditTokenError')
    })

    it('refuses logs that begin after the deployment', async () => {
      expect(await errorOf(audit(chain.client, { market: chain.market, fromBlock: 10n }))).to.equal(
        'AuditHistoryError',
      )
    })

    it('refuses jobs that the market does not have', async () => {
      expect(await errorOf(audit(chain.client, { market: chain.market, jobs: [word(1n)] }))).to.equal(
        'AuditParameterError',
      )
    })

    it('refuses a sample that is no number of tasks', async () => {
      expect(await errorOf(audit(chain.client, { market: chain.market, sample: 0.5 }))).to.equal(
        'AuditParameterError',
      )
    })

    it('ends when it is called off', async () => {
      const reason = new Error('enough')
      const signal = AbortSignal.abort(reason)

      const ended = await audit(chain.client, { market: chain.market, signal }).catch(
        (error: unknown) => error,
      )
      expect(ended).to.equal(reason)
    })
  })
})
