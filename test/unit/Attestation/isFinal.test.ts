import { expect } from 'chai'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY } from '../../helpers/defaults.ts'
import { ATTESTED, busyMarket, type World } from '../../helpers/fixtures.ts'
import { type Job, RESULT_ROOT, submitted, TOTAL_STEPS, windowEnd } from '../../helpers/jobs.ts'
import { attestersHash, signAttestation } from '../../helpers/signing.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { commitmentOf } from '../../helpers/terms.ts'
import { at, now, travelTo } from '../../helpers/time.ts'

describe('Attestation.isFinal', () => {
  let world: World
  let job: Job
  let bond: bigint

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    const assurance = attestersHash([world.actors.eve.address])
    job = await submitted(world, { terms: { level: ATTESTED, assurance } })
    bond = (await world.market.getJob(job.jobId)).bond
  })

  const settle = () => world.market.connect(world.actors.keeper).settle(job.jobId)
  const attest = async () => {
    const { attestation, address, actors } = world
    const signature = await signAttestation(
      world,
      actors.eve,
      job.jobId,
      commitmentOf(RESULT_ROOT, TOTAL_STEPS),
    )
    return attestation.attest(address, job.requester, job.terms, [actors.eve], 0n, signature)
  }
  const paid = () => ({
    provider: { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE },
  })

  // AT-2
  describe('given no attestation', () => {
    it('is no until the window is over, and yes from then on', async () => {
      const isFinal = () => world.attestation.isFinal(job.jobId, windowEnd(job))
      expect(await isFinal()).to.equal(false)
      await travelTo(windowEnd(job))
      expect(await isFinal()).to.equal(false)
      await travelTo(windowEnd(job) + 1n)
      expect(await isFinal()).to.equal(true)
    })

    for (const early of [1n, 0n]) {
      it(`keeps the job from settling ${early} s before the window is over`, async () => {
        const time = windowEnd(job) - early
        await expectRevert(world, at(time, settle), 'JobMarketTooEarly', [
          job.jobId,
          windowEnd(job) + 1n,
          time,
        ])
      })
    }

    it('lets it settle a second later: a missing signature is not the fault of the provider', async () => {
      await expectMoney(world, paid(), () => at(windowEnd(job) + 1n, settle))
    })
  })

  describe('given an attestation', () => {
    beforeEach(attest)

    it('is yes for the market that was named, and no for any other caller', async () => {
      const until = windowEnd(job)
      const from = await ethers.getImpersonatedSigner(world.address)
      expect(await world.attestation.connect(from).isFinal(job.jobId, until)).to.equal(true)
      expect(await world.attestation.connect(world.actors.eve).isFinal(job.jobId, until)).to.equal(false)
    })

    // AT-1
    it('lets the job settle at once', async () => {
      await expectMoney(world, paid(), settle)
      expect((await now()) < windowEnd(job)).to.equal(true)
    })

    it('lets a batch settle it', async () => {
      await expectMoney(world, paid(), () => world.market.settleMany([job.jobId]))
    })
  })

  describe('given an attestation and a challenge', () => {
    // AT-1
    it('does not settle while the challenge is open', async () => {
      const { market, actors } = world
      await market.connect(actors.hook).challengeOpened(job.jobId)
      await attest()
      await expectRevert(world, settle(), 'JobMarketChallengeOpen', [job.jobId, 1n])
      await market.connect(actors.hook).challengeClosed(job.jobId)
      await expectMoney(world, paid(), settle)
    })

    it('takes a challenge until it is settled, and may still be rejected', async () => {
      const { market, actors } = world
      await attest()
      await market.connect(actors.hook).challengeOpened(job.jobId)
      await market.connect(actors.hook).reject(job.jobId, 0n)
      expect(await market.statusOf(job.jobId)).to.equal(statusNumber('Rejected'))
    })
  })
})
