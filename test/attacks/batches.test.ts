import { expect } from 'chai'
import { expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { busyMarket, MOCKED, type World } from '../helpers/fixtures.ts'
import { type Job, post, submitted, windowEnd } from '../helpers/jobs.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { word } from '../helpers/terms.ts'
import { travelTo } from '../helpers/time.ts'

const Answer = { No: 0, Yes: 1, Revert: 2, BurnAllGas: 3 }

/** What one transaction may use (EIP-7825). */
const TRANSACTION_GAS = 2n ** 24n

describe('A batch that somebody poisons', () => {
  let world: World
  let good: Job

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    good = await submitted(world)
  })

  const settleMany = (ids: string[], gasLimit = TRANSACTION_GAS) =>
    world.market.connect(world.actors.keeper).settleMany(ids, { gasLimit })
  const statusOf = ({ jobId }: Job) => world.market.statusOf(jobId)

  it('settles the good job among a thousand unknown ids, in one transaction', async () => {
    await travelTo(windowEnd(good) + 1n)
    const ids = Array.from({ length: 1_000 }, (_, i) => word(`unknown ${i}`))
    const receipt = await (await settleMany([...ids, good.jobId])).wait()
    expect(await statusOf(good)).to.equal(statusNumber('Settled'))
    expect((receipt?.gasUsed ?? TRANSACTION_GAS) < TRANSACTION_GAS).to.equal(true)
    await expectSolvent(world)
  })

  it('settles it once among a hundred repetitions', async () => {
    await travelTo(windowEnd(good) + 1n)
    const { balance } = await world.market.accountOf(world.actors.provider)
    await settleMany(Array(100).fill(good.jobId))
    const { price } = await world.market.getJob(good.jobId)
    const paid = (await world.market.accountOf(world.actors.provider)).balance - balance
    expect(paid).to.equal(price - price / 100n)
    await expectSolvent(world)
  })

  describe('given a job whose hook does not answer', () => {
    let bad: Job

    beforeEach(async () => {
      bad = await submitted(world, { terms: { level: MOCKED } })
      await travelTo(windowEnd(bad) + 1n)
      await world.assurance.setAnswer(Answer.Revert)
    })

    // JM-46
    it('skips it and settles the others', async () => {
      const transaction = await settleMany([bad.jobId, good.jobId])
      await expect(transaction)
        .to.emit(world.market, 'SettleSkipped')
        .withArgs(bad.jobId, statusNumber('Submitted'))
      expect(await statusOf(good)).to.equal(statusNumber('Settled'))
    })

    it('still shows it to auditors', async () => {
      const { status, price } = await world.market.getJob(bad.jobId)
      expect([status, price !== 0n]).to.deep.equal([statusNumber('Submitted'), true])
    })

    it('reverts with JobMarketNotFinal when it is settled alone', async () => {
      const values = [bad.jobId, await world.assurance.getAddress()]
      await expectRevert(world, world.market.settle(bad.jobId), 'JobMarketNotFinal', values)
    })

    it('settles it once the hook answers', async () => {
      await world.assurance.setAnswer(Answer.Yes)
      await world.market.settle(bad.jobId)
      expect(await statusOf(bad)).to.equal(statusNumber('Settled'))
    })

    it('can be accepted by its requester without the hook', async () => {
      await world.market.connect(world.actors.requester).accept(bad.jobId)
      expect(await statusOf(bad)).to.equal(statusNumber('Settled'))
    })
  })

  describe('given a job whose hook burns all gas', () => {
    // JM-46
    it('keeps nobody from settling the others in a batch without it', async () => {
      const bad = await submitted(world, { terms: { level: MOCKED } })
      await travelTo(windowEnd(bad) + 1n)
      await world.assurance.setAnswer(Answer.BurnAllGas)
      await settleMany([good.jobId], 500_000n)
      expect(await statusOf(good)).to.equal(statusNumber('Settled'))
    })
  })

  it('makes no job of an empty or unknown id, whatever is called with it', async () => {
    const { market, actors } = world
    const hook = market.connect(actors.hook)
    const id = ethers.ZeroHash
    for (const call of [
      () => hook.cancel(id),
      () => hook.claim(id),
      () => hook.release(id),
      () => hook.submit(id, id, 0n),
      () => hook.accept(id),
      () => hook.settle(id),
      () => hook.fail(id),
      () => hook.challengeOpened(id),
      () => hook.challengeClosed(id),
      () => hook.reject(id, 0n),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(market, 'JobMarketWrongStatus')
    }
    expect(await market.statusOf(id)).to.equal(statusNumber('None'))
  })

  it('does not let a job be posted over one that lives', async () => {
    const job = await post(world)
    const sending = world.market.connect(world.actors.requester).post(job.terms)
    await expectRevert(world, sending, 'JobMarketJobExists', [job.jobId])
  })
})
