import { expect } from 'chai'
import fc from 'fast-check'
import { planShards } from '../src/run/plan.ts'
import { check, seeded } from './helpers/property.ts'

describe('splitting a run into jobs', () => {
  it('keeps what fits in one', () => {
    expect(planShards(3, 5, 10n, 4n)).to.deep.equal([{ first: 0, tasks: 3, maxPrice: 10n, minPrice: 4n }])
  })

  it('makes parts as even as possible, and pays each by its tasks', () => {
    expect(planShards(10, 4, 100n, 50n)).to.deep.equal([
      { first: 0, tasks: 3, maxPrice: 30n, minPrice: 15n },
      { first: 3, tasks: 3, maxPrice: 30n, minPrice: 15n },
      { first: 6, tasks: 4, maxPrice: 40n, minPrice: 20n },
    ])
  })

  describe(seeded('any run'), () => {
    const run = fc
      .record({ tasks: fc.integer({ min: 1, max: 200 }), perJob: fc.integer({ min: 1, max: 250 }) })
      .chain(({ tasks, perJob }) =>
        fc
          .tuple(fc.bigInt(BigInt(tasks), 10n ** 20n), fc.bigInt(0n, 100n))
          .map(([maxPrice, share]) => ({ tasks, perJob, maxPrice, minPrice: (maxPrice * share) / 100n })),
      )

    it('is covered once, in parts that fit, for no more than its price', () => {
      check(
        fc.property(run, ({ tasks, perJob, maxPrice, minPrice }) => {
          const shards = planShards(tasks, perJob, maxPrice, minPrice)
          let next = 0
          for (const shard of shards) {
            expect(shard.first).to.equal(next)
            expect(shard.tasks).to.be.within(1, perJob)
            expect(shard.minPrice <= shard.maxPrice).to.equal(true)
            // No job is worth nothing: the market refuses such.
            expect(shard.maxPrice > 0n).to.equal(true)
            next += shard.tasks
          }
          expect(next).to.equal(tasks)
          const sizes = shards.map((shard) => shard.tasks)
          expect(Math.max(...sizes) - Math.min(...sizes)).to.be.at.most(1)
          const total = shards.reduce((sum, shard) => sum + shard.maxPrice, 0n)
          expect(total <= maxPrice && total > maxPrice - BigInt(shards.length)).to.equal(true)
        }),
      )
    })
  })
})
