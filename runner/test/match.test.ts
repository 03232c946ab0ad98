import type { Job } from 'assay'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  askFor,
  type Capacity,
  gasFor,
  matchJob,
  type Policy,
  priceAt,
  priceFor,
  timeOfPrice,
  type Verdict,
} from '../src/core/match.ts'

const job = {
  postedAt: 1_000,
  claimBy: 1_600,
  ramp: 100,
  run: 60,
  minPrice: 1_000_000n,
  maxPrice: 2_000_000n,
  minReputation: 0n,
  floor: { cores: 1, memoryMiB: 256, diskGiB: 0 },
  level: 'optimistic' as Job['level'],
  isPrivate: false,
  meteredBps: 0,
  tasks: 10,
}
const policy: Policy = {
  minPrice: 0n,
  minPricePerTask: 0n,
  maxTasks: 100,
  minRun: 5,
  coinPrice: 0n,
  servesPrivate: true,
}
const capacity: Capacity = {
  resources: { cores: 4, memoryMiB: 1_024, diskGiB: 10 },
  reputation: 0n,
  freeSlots: 1,
  gasPrice: 10n ** 9n,
  coin: 10n ** 18n,
}

describe('matching a job', () => {
  const match = (
    changes: { job?: Partial<typeof job>; policy?: Partial<Policy>; capacity?: Partial<Capacity> } = {},
    time = 1_000,
  ): Verdict =>
    matchJob(
      { ...job, ...changes.job },
      { ...capacity, ...changes.capacity },
      { ...policy, ...changes.policy },
      time,
    )

  describe('given little money for gas', () => {
    for (const level of ['optimistic', 'replicated'] as const) {
      it(`takes a job of the level ${level} only with all that its transactions may need`, () => {
        const needed = gasFor(level) * capacity.gasPrice
        expect(match({ job: { level }, capacity: { coin: needed } })).to.deep.equal({ claim: true })
        expect(match({ job: { level }, capacity: { coin: needed - 1n } })).to.include({ at: 'capacity' })
      })
    }
  })

  describe('given a job that suits', () => {
    it('claims it up to the last second in which it may be claimed', () => {
      expect(match()).to.deep.equal({ claim: true })
      expect(match({}, job.claimBy)).to.deep.equal({ claim: true })
      expect(match({}, job.claimBy + 1)).to.include({ at: null, reason: 'its claim deadline has passed' })
    })

    it('claims what needs exactly what is offered', () => {
      expect(match({ job: { floor: capacity.resources, tasks: 100, run: 5 } })).to.deep.equal({ claim: true })
    })
  })

  describe('given a job that never suits', () => {
    it('says what is missing', () => {
      const over = { ...capacity.resources, cores: 5 }
      expect(match({ job: { floor: over } })).to.include({
        at: null,
        reason: 'needs 5 cores, 1024 MiB memory, 10 GiB disk, offered 4 cores, 1024 MiB memory, 10 GiB disk',
      })
      expect(match({ job: { tasks: 101 } })).to.include({ at: null })
      expect(match({ job: { run: 4 } })).to.include({ at: null })
      expect(match({ policy: { minPrice: 2_000_001n } })).to.include({
        at: null,
        reason: 'pays up to 2 ASSAY, the policy asks 2.000001 ASSAY',
      })
      expect(match({ policy: { minPrice: 2_000_000n }, job: { claimBy: 1_099 } })).to.include({ at: null })
    })
  })

  describe('given an assurance level', () => {
    it('serves those of the product and no others', () => {
      for (const level of ['optimistic', 'attested', 'replicated'] as const) {
        expect(match({ job: { level } })).to.deep.equal({ claim: true })
      }
      expect(match({ job: { level: 3 } })).to.include({ at: null, reason: 'assurance level 3 is not served' })
    })

    it('takes private jobs unless the policy says no', () => {
      expect(match({ job: { isPrivate: true } })).to.deep.equal({ claim: true })
      const none = { job: { isPrivate: true }, policy: { servesPrivate: false } }
      expect(match(none)).to.include({ at: null, reason: 'its inputs are private' })
    })
  })

  describe('given a metered job', () => {
    it('counts only what is paid whatever the steps are', () => {
      const asks = { minPrice: 500_000n }
      expect(match({ job: { meteredBps: 5_000 }, policy: asks })).to.deep.equal({ claim: true })
      expect(match({ job: { meteredBps: 5_001 }, policy: asks })).to.deep.equal({
        claim: false,
        at: 1_001,
        reason: 'the auction offers 1 ASSAY, 50.01 % of it by step, the policy asks 0.5 ASSAY',
      })
      expect(match({ job: { meteredBps: 7_501 }, policy: asks })).to.deep.equal({
        claim: false,
        at: null,
        reason: 'pays up to 2 ASSAY, 75.01 % of it by step, the policy asks 0.5 ASSAY',
      })
      expect(match({ job: { meteredBps: 10_000 }, policy: { minPrice: 1n } })).to.include({ at: null })
      expect(match({ job: { meteredBps: 10_000 } })).to.deep.equal({ claim: true })
    })
  })

  describe('given a price of gas', () => {
    // 300,000 gas at 1 gwei are 0.0003 coins; at 2,000 tokens each 0.6.
    const policy = { coinPrice: 2_000_000_000n }

    it('refuses what does not cover it for sure', () => {
      expect(match({ policy })).to.deep.equal({ claim: true })
      expect(match({ policy, job: { meteredBps: 4_000 } })).to.deep.equal({ claim: true })
      expect(match({ policy, job: { meteredBps: 4_001 } })).to.include({ at: 1_001 })
      expect(match({ policy, job: { meteredBps: 7_001 } })).to.include({
        at: null,
        reason: 'pays up to 2 ASSAY, 70.01 % of it by step, the policy asks 0.6 ASSAY',
      })
      expect(match({ policy, capacity: { gasPrice: 4n * 10n ** 9n } })).to.include({ at: null })
    })

    it('counts the transactions of a seat', () => {
      expect(gasFor('replicated')).to.equal(2n * gasFor('optimistic'))
      expect(match({ policy, job: { level: 'replicated' } })).to.include({ at: 1_020 })
    })
  })

  describe('given a job that may suit later', () => {
    it('says when its price is reached', () => {
      const verdict = match({ policy: { minPricePerTask: 150_000n } })
      expect(verdict).to.deep.equal({
        claim: false,
        at: 1_050,
        reason: 'the auction offers 1 ASSAY, the policy asks 1.5 ASSAY',
      })
      expect(match({ policy: { minPricePerTask: 150_000n } }, 1_050)).to.deep.equal({ claim: true })
    })

    it('waits for reputation and for a free slot', () => {
      expect(match({ job: { minReputation: 1n } })).to.include({ claim: false, at: 'capacity' })
      expect(match({ job: { minReputation: 1n }, capacity: { reputation: 1n } })).to.deep.equal({
        claim: true,
      })
      expect(match({ capacity: { freeSlots: 0 } })).to.include({ claim: false, at: 'capacity' })
    })
  })
})

describe('the price that a policy waits for', () => {
  it('is the larger of that of a job and that of its tasks', () => {
    const asks = { ...policy, minPrice: 10n, minPricePerTask: 3n }
    expect(askFor({ tasks: 3, level: 'optimistic' }, asks, 1n)).to.equal(10n)
    expect(askFor({ tasks: 4, level: 'optimistic' }, asks, 1n)).to.equal(12n)
  })

  it('is the least whose sure part reaches it', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 80n), fc.integer({ min: 0, max: 9_999 }), (ask, meteredBps) => {
        const price = priceFor(ask, meteredBps) as bigint
        const sure = (amount: bigint) => (amount * BigInt(10_000 - meteredBps)) / 10_000n
        expect(sure(price) >= ask).to.equal(true)
        expect(sure(price - 1n) < ask).to.equal(true)
      }),
    )
  })

  it('is reached in the second that is named, and not before', () => {
    const amount = fc.bigInt(0n, 2n ** 80n)
    const auctions = fc
      .record({ minPrice: amount, rise: amount, ramp: fc.nat(2_592_000), ask: amount })
      .map(({ rise, ...auction }) => ({ ...auction, maxPrice: auction.minPrice + rise, postedAt: 1_000 }))
    fc.assert(
      fc.property(auctions, ({ ask, ...auction }) => {
        const time = timeOfPrice(auction, ask)
        if (time === null) expect(ask > auction.maxPrice).to.equal(true)
        else {
          expect(priceAt(auction, time) >= ask).to.equal(true)
          if (time > auction.postedAt) expect(priceAt(auction, time - 1) < ask).to.equal(true)
        }
      }),
    )
  })
})
