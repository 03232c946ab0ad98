import { expect } from 'chai'
import { networkHelpers } from '../helpers/chain.ts'
import { TOKEN } from '../helpers/defaults.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { claimed, RESULT_ROOT, submit, windowEnd } from '../helpers/jobs.ts'
import type { Metered } from '../helpers/reputationCosts.ts'
import { tableBelow } from '../helpers/reputationPage.ts'
import {
  attackNumbers,
  limits,
  METERED,
  PRICE,
  submissions,
  tokens,
  WORK,
  withLimit,
} from '../helpers/reputationTables.ts'
import { at } from '../helpers/time.ts'
import { addressesOf, wealthOf } from '../helpers/wealth.ts'

/** What the page says of metered jobs, done on the chain instead of calculated. */
describe('docs/design/reputation.md: metered jobs, on the chain', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const wealth = (who: 'requester' | 'provider') => wealthOf(world, ...addressesOf(world, who))

  /** One life of such a job: who has how much more or less at its end than before it was posted. */
  const live = async (job: Metered, steps: bigint, isRejected = false) => {
    const { market, actors } = world
    const snapshot = await networkHelpers.takeSnapshot()
    const before = { requester: await wealth('requester'), provider: await wealth('provider') }
    const { price: maxPrice, ...metered } = job
    const posted = await claimed(world, { claimAfter: 1n, terms: { maxPrice, ramp: 0n, ...metered } })
    const { bond } = await market.getJob(posted.jobId)
    const done = await submit(world, posted, RESULT_ROOT, steps)
    if (isRejected) {
      await market.connect(actors.hook).challengeOpened(done.jobId)
      await market.connect(actors.hook).reject(done.jobId, 0n)
    } else await at(windowEnd(done) + 1n, () => market.settle(done.jobId))
    const { feeOwed, reputation } = await market.providerOf(actors.provider)
    const result = {
      bond,
      fee: feeOwed,
      reputation,
      requester: (await wealth('requester')) - before.requester,
      provider: (await wealth('provider')) - before.provider,
    }
    await snapshot.restore()
    return result
  }

  for (const [i, [what, steps]] of Object.entries(submissions).entries()) {
    it(`pays as the page says for ${what}`, async () => {
      const { requester, provider, fee, reputation } = await live(METERED, steps)
      const amounts = [-requester, fee, provider, PRICE + requester].map((amount) => tokens(amount))
      expect([what, ...amounts]).to.deep.equal(tableBelow('Metered jobs')[i])
      expect(provider + fee).to.equal(-requester)
      expect(reputation).to.equal(fee)
    })
  }

  for (const [i, bits] of limits.entries()) {
    it(`pays as the page says with a step limit of 2^${bits}`, async () => {
      const paid = async (steps: bigint) => -(await live(withLimit(bits), steps)).requester
      const rate = (await paid(2n ** 30n)) - (await paid(0n))
      expect([`2^${bits}`, tokens(rate, 6), tokens(await paid(WORK))]).to.deep.equal(
        tableBelow('A step limit that is too high')[i],
      )
    })
  }

  /** The numbers of an attack's row, which the page is checked against. */
  const numbersOf = (start: string) => attackNumbers[start]

  it('overstating its steps gains a provider what the page says, and loses more where it is found', async () => {
    const honest = await live(METERED, 0n)
    const most = await live(METERED, 4n * METERED.tasks * METERED.stepLimit)
    const found = await live(METERED, 4n * METERED.tasks * METERED.stepLimit, true)
    const gain = most.provider - honest.provider
    const [gained, , metered, bond] = numbersOf('metered: overstating') ?? []
    expect([tokens(gain), tokens(honest.requester - most.requester)]).to.deep.equal([gained, metered])
    expect([tokens(-found.provider), tokens(found.bond)]).to.deep.equal([bond, bond])
    expect(found.provider + gain <= 0n, 'a found one, with what another brought').to.equal(true)
  })

  it('traps at once cost their requester the base, and gain it nothing', async () => {
    const { requester, bond } = await live(METERED, METERED.tasks)
    const [bound, base] = numbersOf('metered: instant traps') ?? []
    expect([tokens(bond), tokens(-requester)]).to.deep.equal([bound, base])
    expect(requester <= 0n).to.equal(true)
  })

  it('a high price with a low base binds a bond for the price of the base, whatever the steps', async () => {
    for (const meteredBps of [9_999n, 10_000n]) {
      const { requester, bond } = await live({ ...METERED, meteredBps }, 1n)
      expect(tokens(bond)).to.equal(numbersOf('metered: a high price')?.[0])
      expect(requester).to.equal(meteredBps === 10_000n ? 0n : -TOKEN / 100n)
    }
  })

  it('understating saves provider and requester together the fee of it, and no more', async () => {
    const budget = METERED.tasks * METERED.stepLimit
    const together = async (steps: bigint) => {
      const { requester, provider, fee, reputation } = await live(METERED, steps)
      expect([requester + provider, reputation]).to.deep.equal([-fee, fee])
      return -fee
    }
    const [honest, understated] = [await together(budget), await together(0n)]
    const leftOut = (PRICE * METERED.meteredBps) / 10_000n
    expect(understated - honest).to.equal(leftOut / 100n)
  })
})
