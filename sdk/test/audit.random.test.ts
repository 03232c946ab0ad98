import { expect } from 'chai'
import { type Address, type Hex, toHex } from 'viem'
import { audit } from '../src/audit/index.ts'
import { type AuditMarket, defaultRules, deployAuditMarket } from './helpers/auditMarket.ts'

const actions = 300
const seed = Number(process.env.AUDIT_SEED ?? Date.now() % 2 ** 31)

/** mulberry32: numbers that a seed repeats. */
function createRandom(start: number) {
  let state = start
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % limit
  }
  return { below, pick: <item>(items: readonly item[]): item => items[below(items.length)]! }
}

describe(`audit: a random life of ${actions} actions, AUDIT_SEED=${seed}`, function () {
  this.timeout(60_000)

  let chain: AuditMarket

  before(async () => {
    chain = await deployAuditMarket()
  })
  after(() => chain.close())

  it('is clean in the middle and at the end', async () => {
    const { below, pick } = createRandom(seed)
    const { send, post, requester, requester2, provider1, provider2, keeper, hook, owner } = chain
    const requesters = [requester, requester2, provider1]
    const providers = [provider1, provider2, requester2]
    const everyone = [requester, requester2, provider1, provider2, keeper, hook]
    const jobs: Hex[] = []
    const done: Record<string, number> = {}
    let refused = 0

    for (const address of everyone) await chain.fund(address, 400_000_000n)
    for (const address of providers) {
      await send(address, 'stake', 150_000_000n)
      await chain.register(address, `http://127.0.0.1:${below(60_000)}/${'x'.repeat(below(60))}`)
    }

    const amount = () => BigInt(1 + below(20_000_000))
    const providerOf = async (jobId: Hex) =>
      ((await chain.read('getJob', jobId)) as { provider: Address }).provider
    const requesterOf = async (jobId: Hex) =>
      ((await chain.read('getJob', jobId)) as { requester: Address }).requester
    const postJob = async () => {
      const from = pick(requesters)
      const level = below(4) === 0 ? 2n : BigInt(below(2))
      const free = level === 2n ? 0n : 1n
      jobs.push(
        await post(from, {
          maxPrice: amount() / 4n + 1n,
          minBps: BigInt(below(10_001)),
          ramp: BigInt(below(200)),
          run: BigInt(5 + below(300)),
          window: BigInt(5 + below(300)),
          minReputation: BigInt(below(9) === 0 ? below(10_000) : 0),
          claimBy: (await chain.now()) + BigInt(50 + below(100_000)),
          tasks: BigInt(1 + below(1_000)),
          level,
          isPrivate: free * BigInt(below(3) === 0 ? 1 : 0),
          meteredBps: free * BigInt(below(2) * below(10_001)),
        }),
      )
    }
    const agree = async () => {
      jobs.push(
        await chain.agree(pick(['JobRequest', 'JobOffer'] as const), {
          requester: pick(requesters),
          provider: pick(providers),
          isOpen: below(2) === 0,
          maxPrice: amount() / 4n + 1n,
          run: BigInt(5 + below(300)),
          window: BigInt(5 + below(300)),
          isPrivate: BigInt(below(2)),
          meteredBps: BigInt(below(2) * below(10_001)),
        }),
      )
    }
    const forJob: Record<number, ((jobId: Hex) => [string, () => Promise<unknown>])[]> = {
      1: [
        (jobId) => ['claim', () => send(pick(providers), 'claim', jobId)],
        (jobId) => ['claim', () => send(pick(providers), 'claim', jobId)],
        (jobId) => ['claim', () => send(pick(providers), 'claim', jobId)],
        (jobId) => ['cancel', async () => send(await requesterOf(jobId), 'cancel', jobId)],
      ],
      2: [(jobId) => ['deliverKey', async () => send(await requesterOf(jobId), 'deliverKey', jobId, '0x01')]],
      4: [
        (jobId) => [
          'conclude',
          () => {
            const commitment = toHex(below(2) * below(1e9), { size: 32 })
            return chain.mediate('conclude', jobId, commitment, BigInt(below(10_001)), below(2) === 0)
          },
        ],
        (jobId) => ['freezeBond', () => chain.mediate('freezeBond', jobId)],
      ],
      3: [
        (jobId) => [
          'submit',
          async () =>
            send(
              await providerOf(jobId),
              'submit',
              jobId,
              toHex(below(1e9), { size: 32 }),
              BigInt(below(1e9)),
            ),
        ],
        (jobId) => [
          'submit',
          async () =>
            send(
              await providerOf(jobId),
              'submit',
              jobId,
              toHex(below(1e9), { size: 32 }),
              (1n << 127n) + BigInt(below(1e9)),
            ),
        ],
        (jobId) => ['release', async () => send(await providerOf(jobId), 'release', jobId)],
      ],
      5: [
        (jobId) => ['accept', async () => send(await requesterOf(jobId), 'accept', jobId)],
        (jobId) => ['challengeOpened', () => send(hook, 'challengeOpened', jobId)],
      ],
      11: [(jobId) => ['cancelExpired', () => send(keeper, 'cancel', jobId)]],
      12: [(jobId) => ['releaseKeyless', () => send(keeper, 'release', jobId)]],
      13: [
        (jobId) => ['fail', () => send(pick(everyone), 'fail', jobId)],
        () => ['failMany', () => send(pick(everyone), 'failMany', jobs.slice(-20))],
      ],
      14: [
        (jobId) => ['challengeClosed', () => send(hook, 'challengeClosed', jobId)],
        (jobId) => ['challengeOpened', () => send(hook, 'challengeOpened', jobId)],
        (jobId) => ['reject', () => send(hook, 'reject', jobId, amount())],
      ],
      15: [
        (jobId) => ['settle', () => send(keeper, 'settle', jobId)],
        () => ['settleMany', () => send(keeper, 'settleMany', jobs.slice(-20))],
      ],
    }
    const others: [string, () => Promise<unknown>][] = [
      ['agree', agree],
      ['agree', agree],
      ['agree', agree],
      ['withdraw', () => send(pick(everyone), 'withdraw', owner, amount())],
      ['transfer', () => send(pick(everyone), 'transfer', pick([...everyone, chain.market]), amount(), '0x')],
      ['stake', () => send(pick(providers), 'stake', amount())],
      ['unstake', () => send(pick(providers), 'unstake', amount())],
      ['deposit', () => chain.fund(pick(everyone), amount())],
      [
        'updateProvider',
        () => chain.register(pick(providers), 'y'.repeat(below(200)), { concurrency: 1 + below(9) }),
      ],
      ['collectFees', () => send(keeper, 'collectFees', [...providers, keeper])],
      ['setFeeRecipient', () => chain.govern('setFeeRecipient', pick(everyone))],
      ['gift', () => chain.transfer(owner, chain.market, amount())],
      [
        'addParameters',
        () =>
          chain.govern(
            'addParameters',
            {
              ...defaultRules,
              keyTime: 1 + below(500),
              feeBps: below(1_001),
              bondBps: 2_000 + below(48_001),
              surchargeBps: below(30_001),
              latenessBps: below(2_001),
              baseExposure: below(4) === 0 ? 0n : 1_000_000_000n,
              minBond: BigInt(30_000 + below(2_000_000)),
            },
            chain.levels
              .slice(0, 3)
              .map((level, i) => (i === 1 ? { ...level, hook: pick(everyone) } : level)),
          ),
      ],
    ]

    for (let count = 0; count < actions; count++) {
      if (below(4) === 0) await chain.pass(pick([1, 3, 20, 60, 200, below(20) === 0 ? 3_000_000 : 5]))
      let [name, act]: [string, () => Promise<unknown>] = ['post', postJob]
      const choice = below(10)
      if (choice < 2) [name, act] = pick(others)
      else if (choice < 9) {
        // most of the newest jobs are still alive
        for (let tries = 0; tries < 4 && name === 'post' && jobs.length > 0; tries++) {
          const jobId = pick(jobs.slice(-8))
          const possible = forJob[Number(await chain.read('statusOf', jobId))]
          if (possible) [name, act] = pick(possible)(jobId)
        }
      }
      try {
        await act()
        done[name] = (done[name] ?? 0) + 1
      } catch {
        refused++
      }
      if (count === actions / 2) {
        const { findings } = await audit(chain.client, { market: chain.market, jobs: [] })
        expect(findings, `AUDIT_SEED=${seed}`).to.deep.equal([])
      }
    }

    const report = await audit(chain.client, { market: chain.market, jobs: [] })
    console.log(`      ${JSON.stringify(done)}, ${refused} refused; ${JSON.stringify(report.counts.jobs)}`)
    expect(report.findings, `AUDIT_SEED=${seed}`).to.deep.equal([])
    expect(report.verdict).to.equal('solvent')
    expect(refused).to.be.lessThan(actions / 2)
    expect(report.solvency.surplus).to.equal(report.solvency.gifts)
    expect(report.solvency.owed).to.equal(`${await chain.held()}`)
  })
})
