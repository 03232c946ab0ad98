import { expect } from 'chai'
import { expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { networkHelpers } from '../helpers/chain.ts'
import { busyMarket, delegate, undelegate, type World } from '../helpers/fixtures.ts'
import { govern } from '../helpers/govern.ts'
import { type Job, submitted, windowEnd } from '../helpers/jobs.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { travelTo } from '../helpers/time.ts'

const LEVEL = 1n

/** What one transaction may use (EIP-7825). */
const GAS = { gasLimit: 2n ** 24n }

/** Answers of `AssuranceMock` that are none, and a hook that had code when it was named and has none any more. */
const SILENT = {
  No: 0,
  Revert: 2,
  BurnAllGas: 3,
  Two: 4,
  Short: 5,
  RevertYes: 7,
  'no code any more': undefined,
}

describe('A hook that does not answer as a hook does', () => {
  let world: World
  let hook: string
  let bad: Job
  let good: Job

  /** Two jobs at the end of their windows; the hook of the bad one answers like that. */
  const given = async (answer: number | undefined) => {
    world = await networkHelpers.loadFixture(busyMarket)
    const { actors, assurance, parameters } = world
    hook = answer === undefined ? actors.eve.address : await assurance.getAddress()
    const levels = [actors.hook.address, hook].map((each) => ({ hook: each, isMediated: false }))
    await delegate(actors.eve.address)
    await govern(world, 'addParameters', [parameters, levels])
    await undelegate(actors.eve.address)
    good = await submitted(world)
    bad = await submitted(world, { terms: { level: LEVEL } })
    await travelTo(windowEnd(bad) + 1n)
    if (answer !== undefined) await assurance.setAnswer(answer)
  }
  const settleMany = () => world.market.connect(world.actors.keeper).settleMany([bad.jobId, good.jobId], GAS)

  for (const [title, answer] of Object.entries(SILENT)) {
    describe(`given ${title}`, () => {
      beforeEach(() => given(answer))

      it('shows the job to auditors as submitted', async () => {
        const { market } = world
        expect(await market.statusOf(bad.jobId, GAS)).to.equal(statusNumber('Submitted'))
        expect((await market.getJob(bad.jobId, GAS)).status).to.equal(statusNumber('Submitted'))
      })

      it('refuses to settle the job alone with JobMarketNotFinal', async () => {
        const settling = world.market.settle(bad.jobId, GAS)
        await expectRevert(world, settling, 'JobMarketNotFinal', [bad.jobId, hook])
      })

      // JM-46
      it('settles the jobs behind it in a batch', async () => {
        const { market } = world
        await expect(settleMany())
          .to.emit(market, 'SettleSkipped')
          .withArgs(bad.jobId, statusNumber('Submitted'))
        expect(await market.statusOf(good.jobId)).to.equal(statusNumber('Settled'))
        await expectSolvent(world)
      })

      it('leaves the requester free to accept', async () => {
        await world.market.connect(world.actors.requester).accept(bad.jobId)
        expect(await world.market.statusOf(bad.jobId)).to.equal(statusNumber('Settled'))
      })
    })
  }

  it('is believed when it says more than yes', async () => {
    await given(6)
    await settleMany()
    expect(await world.market.statusOf(bad.jobId)).to.equal(statusNumber('Settled'))
  })
})
