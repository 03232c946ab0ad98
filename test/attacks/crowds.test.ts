import { expect } from 'chai'
import type { ContractTransactionResponse } from 'ethers'
import { networkHelpers } from '../helpers/chain.ts'
import { FUNDS } from '../helpers/defaults.ts'
import { busyMarket, enlist, fund, type World } from '../helpers/fixtures.ts'
import { claim, claimed, draft, type Job, post, RESULT_ROOT, runBy, windowEnd } from '../helpers/jobs.ts'
import { packTerms } from '../helpers/terms.ts'
import { at, now } from '../helpers/time.ts'
import { addressesOf, expectNoProfit } from '../helpers/wealth.ts'

const CROWD = 60

/** What differs without any reason of the market's: zero bytes in a call, and words that were zero before. */
const SLACK = 60n

/**
 * Somebody fills the market with jobs, claims and providers, so that what others call becomes too dear, or too large for
 * a block.
 */
describe('Crowding a market', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const gasOf = async (sending: ContractTransactionResponse) => (await sending.wait())?.gasUsed ?? 0n

  /** The gas of each call of one job's life, and of a late one, between the same two people as the crowd's. */
  const lives = async () => {
    const { market, actors } = world
    const [requester, provider] = [market.connect(actors.requester), market.connect(actors.provider)]
    const snapshot = await networkHelpers.takeSnapshot()
    const gas: Record<string, bigint> = {}
    gas.post = await gasOf(await requester.post(packTerms(await draft({ tasks: 1n }))))
    const first = await post(world)
    gas.claim = await gasOf(
      await at(first.postedAt + 700n, () => market.connect(actors.provider).claim(first.jobId)),
    )
    gas.submit = await gasOf(await provider.submit(first.jobId, RESULT_ROOT, 1n))
    const done = { ...first, submittedAt: await now() }
    gas.settle = await gasOf(
      await at(windowEnd(done) + 1n, () => market.connect(actors.eve).settle(done.jobId)),
    )
    const late: Job = await claim(world, await post(world))
    gas.fail = await gasOf(await at(runBy(late) + 1n, () => market.connect(actors.eve).fail(late.jobId)))
    const given = await claim(world, await post(world))
    gas.release = await gasOf(await provider.release(given.jobId))
    gas.cancel = await gasOf(await requester.cancel((await post(world)).jobId))
    gas.stake = await gasOf(await provider.stake(1_000n))
    gas.unstake = await gasOf(await provider.unstake(1_000n))
    gas.withdraw = await gasOf(await provider.withdraw(actors.provider.address, 1_000n))
    await snapshot.restore()
    return gas
  }

  const expectSame = (before: Record<string, bigint>, after: Record<string, bigint>) => {
    for (const [call, gas] of Object.entries(before)) {
      const more = (after[call] ?? 0n) - gas
      expect(more <= SLACK, `${call}: ${more} gas more`).to.equal(true)
    }
  }

  /** One job that went through everything, so that no word of the two is written for the first time below. */
  const warmUp = async () => {
    const { market, actors } = world
    const late = await claimed(world)
    await at(runBy(late) + 1n, () => market.connect(actors.eve).fail(late.jobId))
    const { jobId } = await claimed(world)
    await market.connect(actors.provider).submit(jobId, RESULT_ROOT, 1n)
    await market.connect(actors.requester).accept(jobId)
  }

  it('with jobs of the same requester and claims of the same provider: no call of theirs takes more gas', async () => {
    await warmUp()
    // one claim stands in both cases: the first locks a word that was zero
    await claimed(world, { claimAfter: 1n, terms: { maxPrice: 1n, ramp: 0n } })
    const before = await lives()
    for (let i = 0; i < CROWD; i++)
      await claimed(world, { claimAfter: 1n, terms: { maxPrice: 1n, ramp: 0n } })
    for (let i = 0; i < CROWD; i++) await post(world, { terms: { maxPrice: 1n } })
    expectSame(before, await lives())
  })

  it('by strangers, and with providers that declare and stake: no call of others takes more gas', async () => {
    await warmUp()
    const before = await lives()
    const { eve } = world.actors
    await fund(world, eve, FUNDS.stake)
    await enlist(world, eve)
    await expectNoProfit(world, addressesOf(world, 'eve'), async () => {
      for (let i = 0; i < CROWD; i++)
        await claimed(world, {
          requester: eve,
          provider: eve,
          claimAfter: 1n,
          terms: { maxPrice: 1n, ramp: 0n },
        })
    })
    expectSame(before, await lives())
  })

  it('with tasks: a job of 2^32 - 1 tasks costs as much as one of a single task', async () => {
    const { market, actors } = world
    const gasFor = async (tasks: bigint) => {
      const snapshot = await networkHelpers.takeSnapshot()
      const fields = await draft({ tasks })
      const posted = await gasOf(await market.connect(actors.requester).post(packTerms(fields)))
      await snapshot.restore()
      return posted
    }
    const [one, most] = [await gasFor(1n), await gasFor(2n ** 32n - 1n)]
    expect(most - one <= 4n * 12n, `${most - one} gas more`).to.equal(true)
  })

  it('of challenges: a result that was challenged a hundred times is rejected at the price of one', async () => {
    const { market, actors } = world
    const hook = market.connect(actors.hook)
    const rejecting = async (challenges: number) => {
      const snapshot = await networkHelpers.takeSnapshot()
      const job = await claimed(world)
      await market.connect(actors.provider).submit(job.jobId, RESULT_ROOT, 1n)
      for (let i = 0; i < challenges; i++) await hook.challengeOpened(job.jobId)
      const gas = await gasOf(await hook.reject(job.jobId, 0n))
      await snapshot.restore()
      return gas
    }
    const [one, many] = [await rejecting(1), await rejecting(100)]
    expect(many - one <= SLACK, `${many - one} gas more`).to.equal(true)
  })
})
