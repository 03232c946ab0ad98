import { expect } from 'chai'
import { expectSolvent } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { ENDPOINT, FUNDS, OFFERED } from '../helpers/defaults.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { chainId, claimed, draft, runBy } from '../helpers/jobs.ts'
import { priceAt, releasePenalty } from '../helpers/reference.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { jobIdOf, packTerms, word } from '../helpers/terms.ts'
import { at } from '../helpers/time.ts'

const JOBS = 10
const MAX_PRICE = 10_000_000n

/** What it costs to keep jobs from being done. None of it pays; these tests hold its price. */
describe('Claiming without working', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  describe('given a contract that claims and releases in one transaction', () => {
    /** Posts jobs and has them all released at once by an attacker that may hold one; what that cost its stake. */
    const strike = async (minBps: bigint) => {
      const { market, token, actors, address } = world
      const contract = await ethers.deployContract('CallbackAccountMock')
      const attacker = await contract.getAddress()
      const call = (name: string, args: unknown[]) =>
        market.interface.encodeFunctionData(name as 'claim', args as never)
      await token.connect(actors.owner).transfer(attacker, FUNDS.stake)
      const approve = token.interface.encodeFunctionData('approve', [address, FUNDS.stake])
      await contract.execute(await token.getAddress(), approve)
      await contract.executeAll(address, [
        call('deposit', [FUNDS.stake]),
        call('stake', [FUNDS.stake]),
        call('updateProvider', [OFFERED, 1n, ENDPOINT, word('key')]),
      ])

      const drafts = await Promise.all(
        Array.from({ length: JOBS }, () => draft({ maxPrice: MAX_PRICE, minBps })),
      )
      const terms = drafts.map(packTerms)
      const { balance } = await market.accountOf(actors.requester)
      await market.connect(actors.requester).postMany(terms)
      const ids = terms.map((each) => jobIdOf(chainId, address, actors.requester.address, each))
      await contract.executeAll(
        address,
        ids.flatMap((id) => [call('claim', [id]), call('release', [id])]),
      )

      for (const id of ids) expect(await market.statusOf(id)).to.equal(statusNumber('Released'))
      expect((await market.accountOf(actors.requester)).balance).to.equal(balance)
      const { stake, locked } = await market.accountOf(attacker)
      expect(locked).to.equal(0n)
      await expectSolvent(world)
      return FUNDS.stake - stake
    }

    it('costs 2 % of each price, all of it for the reserve, and the requester nothing but gas', async () => {
      const reserve = await world.market.reserve()
      const cost = await strike(10_000n)
      expect(cost).to.equal(BigInt(JOBS) * releasePenalty(MAX_PRICE, MAX_PRICE))
      expect((await world.market.reserve()) - reserve).to.equal(cost)
    })

    it('costs less the lower an auction starts: what keeps it dear is the price at posting', async () => {
      const second = priceAt({ maxPrice: MAX_PRICE, minBps: 0n, ramp: 600n }, 1n)
      const cost = await strike(0n)
      expect(cost).to.equal(BigInt(JOBS) * releasePenalty(second, MAX_PRICE))
      expect(cost < MAX_PRICE / 1_000n).to.equal(true)
    })
  })

  it('until the run time is over costs a fifth of the bond, which is never below the least one', async () => {
    const { market, actors, parameters } = world
    for (const terms of [
      { maxPrice: 1n, ramp: 0n },
      { maxPrice: MAX_PRICE, minBps: 0n },
      { maxPrice: MAX_PRICE, ramp: 0n },
    ]) {
      const job = await claimed(world, { claimAfter: 1n, terms })
      const { bond } = await market.getJob(job.jobId)
      const { stake } = await market.accountOf(actors.provider)
      await at(runBy(job) + 1n, () => market.connect(actors.keeper).fail(job.jobId))
      const cost = stake - (await market.accountOf(actors.provider)).stake
      expect(cost).to.equal(bond / 5n)
      expect(5n * cost >= parameters.minBond).to.equal(true)
    }
  })
})
