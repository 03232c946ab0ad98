import { expect } from 'chai'
import { expectSolvent } from '../helpers/assertions.ts'
import { type Attack, callbackMarket, encoderOf } from '../helpers/callbacks.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { govern } from '../helpers/govern.ts'
import { chainId, claimed, draft, type Job, post, RESULT_ROOT, runBy, submitted } from '../helpers/jobs.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { jobIdOf, packTerms } from '../helpers/terms.ts'
import { at, DAY, now, travelTo } from '../helpers/time.ts'
import { expectNoProfit } from '../helpers/wealth.ts'

/** A contract that reverts whenever the token tells it of tokens, to stop whoever has to pay it or wants to be paid. */
describe('Griefing by refusing a payout', () => {
  let world: Attack

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(callbackMarket)
    // from now on every transfer to or from it fails: the call that it insists on is one that nobody may make
    const forbidden = world.market.interface.encodeFunctionData('setGuardian', [world.thief])
    await world.attacker.arm(world.address, forbidden, true)
  })

  const act = (name: string, args: unknown[]) =>
    world.attacker.execute(world.address, encoderOf(world.market.interface)(name, args))
  const balanceOf = async (who: string) => (await world.market.accountOf(who)).balance
  const expectUnasked = async () => {
    expect(await world.attacker.called(), 'the token was never moved').to.equal(false)
    await expectSolvent(world)
  }

  it('as a provider: it is paid in the ledger, alone or in a batch with others', async () => {
    const { market, actors, thief } = world
    const mine: Job[] = []
    for (let i = 0; i < 2; i++) {
      const job = await post(world)
      await act('claim', [job.jobId])
      await act('submit', [job.jobId, RESULT_ROOT, 1n])
      mine.push(job)
    }
    const other = await submitted(world)
    await travelTo((await now()) + DAY)
    const before = await balanceOf(thief)
    await market.connect(actors.keeper).settle((mine[0] as Job).jobId)
    await market.connect(actors.keeper).settleMany([(mine[1] as Job).jobId, other.jobId])
    for (const { jobId } of [...mine, other]) {
      expect(await market.statusOf(jobId)).to.equal(statusNumber('Settled'))
    }
    expect((await balanceOf(thief)) > before).to.equal(true)
    await expectUnasked()
  })

  it('as a requester: it is refunded in the ledger, and frees the bond of a late provider all the same', async () => {
    const { market, actors, thief, address } = world
    const terms = packTerms(await draft())
    const jobId = jobIdOf(chainId, address, thief, terms)
    await act('post', [terms])
    await market.connect(actors.provider).claim(jobId)
    const { runBy: deadline, price, bond } = await market.getJob(jobId)
    const before = await balanceOf(thief)
    await at(deadline + 1n, () => market.connect(actors.eve).failMany([jobId]))
    const [{ locked }, gained] = [await market.accountOf(actors.provider), (await balanceOf(thief)) - before]
    expect(locked).to.equal(0n)
    expect(gained - price <= bond / 5n).to.equal(true)
    await expectUnasked()
  })

  it('as the requester of a job that nobody claimed: anyone gives it its money back', async () => {
    const { market, actors, thief, address } = world
    const terms = packTerms(await draft())
    await act('post', [terms])
    const before = await balanceOf(thief)
    await travelTo((await now()) + 2n * DAY)
    await market.connect(actors.eve).cancel(jobIdOf(chainId, address, thief, terms))
    expect((await balanceOf(thief)) - before).to.equal((await draft()).maxPrice)
    await expectUnasked()
  })

  it('as a keeper: it fails a job for its own account and nobody else waits for it', async () => {
    const late = await claimed(world)
    await at(runBy(late) + 1n, () => act('fail', [late.jobId]))
    expect(await world.market.statusOf(late.jobId)).to.equal(statusNumber('Failed'))
    await expectUnasked()
  })

  it('as the fee recipient: fees are collected, and whoever owes them is rid of them', async () => {
    const { market, actors, thief } = world
    await govern(world, 'setFeeRecipient', [thief])
    const job = await submitted(world)
    await market.connect(actors.requester).accept(job.jobId)
    await market.connect(actors.eve).collectFees([actors.provider.address])
    expect((await market.providerOf(actors.provider)).feeOwed).to.equal(0n)
    await expectUnasked()
  })

  it('stops nothing but its own withdrawals, and brings it not a unit', async () => {
    const { market, actors, thief } = world
    const job = await submitted(world)
    await expectNoProfit(world, [thief], async () => {
      await expect(act('withdraw', [thief, 5n])).to.be.revertedWithCustomError(market, 'GovernedNotTimelock')
      await market.connect(actors.requester).accept(job.jobId)
      await market.connect(actors.provider).withdraw(actors.provider.address, 5n)
    })
    await world.attacker.arm(ethers.ZeroAddress, '0x', false)
    await act('withdraw', [thief, 5n])
    await expectSolvent(world)
  })
})
