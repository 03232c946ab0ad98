import { expect } from 'chai'
import { expectMoney, expectRevert, itRefusesEveryStatusBut } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_PRICE } from '../../helpers/defaults.ts'
import { claimed, type Job } from '../../helpers/jobs.ts'
import { asMediator, MEDIATED, type MediatedWorld, mediatedMarket } from '../../helpers/mediated.ts'
import { plain } from '../../helpers/plain.ts'
import { roundUpToFloat } from '../../helpers/reference.ts'
import { statusNumber } from '../../helpers/statuses.ts'

// of the bond of 10,500,096 units a tenth is 1,050,009, and 1,050,112 with 13 bits
const BOND = 10_500_096n
const FROZEN = 1_050_112n

describe('JobMarket.freezeBond', () => {
  let world: MediatedWorld
  let job: Job

  const freeze = () => asMediator(world, 'freezeBond', [job.jobId])

  describe('given a seat', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(mediatedMarket)
      job = await claimed(world, { terms: { level: MEDIATED } })
    })

    // RP-8
    it('unlocks all but a tenth of its bond; the claim stays', async () => {
      expect(roundUpToFloat(BOND / 10n)).to.equal(FROZEN)
      await expectMoney(world, { provider: { locked: FROZEN - BOND } }, freeze)
      const view = await world.market.getJob(job.jobId)
      expect([view.bond, view.status]).to.deep.equal([FROZEN, statusNumber('Seated')])
    })

    it('emits BondFrozen with what stays', async () => {
      await expect(freeze())
        .to.emit(world.market, 'BondFrozen')
        .withArgs(job.jobId, job.provider.address, FROZEN)
    })

    it('leaves the price and the rest of the claim as they were', async () => {
      const { bond: _, ...before } = plain(await world.market.getJob(job.jobId))
      await freeze()
      const { bond, ...after } = plain(await world.market.getJob(job.jobId))
      expect(after).to.deep.equal(before)
      expect(bond).to.equal(FROZEN)
    })

    it('lets the provider withdraw the rest at once', async () => {
      await freeze()
      const { stake, locked } = await world.market.accountOf(job.provider)
      await expectRevert(
        world,
        world.market.connect(job.provider).unstake(stake - locked + 1n),
        'AccountInsufficientStake',
        [stake - locked, stake - locked + 1n],
      )
      await world.market.connect(job.provider).unstake(stake - locked)
    })

    it('leaves a slash no more than the tenth', async () => {
      await freeze()
      await expectMoney(
        world,
        {
          requester: { balance: DEFAULT_PRICE },
          provider: { stake: -FROZEN, locked: -FROZEN, active: -1n },
          reserve: FROZEN,
        },
        () => asMediator(world, 'conclude', [job.jobId, ethers.ZeroHash, 0n, true]),
      )
    })

    for (const who of ['hook', 'provider', 'requester', 'owner', 'eve'] as const) {
      it(`is refused to ${who}`, async () => {
        const caller = world.actors[who]
        const values = [job.jobId, caller.address, world.mediatorAddress]
        const sending = world.market.connect(caller).freezeBond(job.jobId)
        await expectRevert(world, sending, 'JobMarketNotHook', values)
      })
    }
  })

  itRefusesEveryStatusBut(['Seated'], 'Seated', (w, { jobId }) =>
    w.market.connect(w.actors.hook).freezeBond(jobId),
  )
})
