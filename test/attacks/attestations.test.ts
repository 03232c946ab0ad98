import { expect } from 'chai'
import { expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { FUNDS } from '../helpers/defaults.ts'
import { ATTESTED, busyMarket, createMarket, enlist, fund, type World } from '../helpers/fixtures.ts'
import { claimed, type Job, RESULT_ROOT, submit, submitted, TOTAL_STEPS, windowEnd } from '../helpers/jobs.ts'
import { feeOf, splitFraud } from '../helpers/reference.ts'
import { attestersHash, signAttestation } from '../helpers/signing.ts'
import { statusNumber } from '../helpers/statuses.ts'
import { commitmentOf, word } from '../helpers/terms.ts'
import { at } from '../helpers/time.ts'
import { addressesOf, profitOf } from '../helpers/wealth.ts'

const OTHER_ROOT = word('another result root')

/** What somebody who has no part in a job, or too large a part, can do with attestations. */
describe('Attestations', () => {
  let world: World
  let job: Job
  let attesters: string[]

  const options = () => ({ terms: { level: ATTESTED, assurance: attestersHash(attesters) } })
  const as = (who: keyof World['actors']) => world.market.connect(world.actors[who])
  const attest = async (of: World, which: Job, signature: string, index = 0n, list = attesters) =>
    of.attestation
      .connect(of.actors.provider)
      .attest(of.address, which.requester, which.terms, list, index, signature)
  const commitment = commitmentOf(RESULT_ROOT, TOTAL_STEPS)
  const sign = (of: World, which: Job, result = commitment, who: keyof World['actors'] = 'keeper') =>
    signAttestation(of, of.actors[who], which.jobId, result)
  /** Asserts that the provider cannot use it to be paid before the window has ended. */
  const useless = async (attempt: () => Promise<unknown>, error: string) => {
    const profit = await profitOf(world, addressesOf(world, 'provider'), async () => {
      await expect(attempt()).to.be.revertedWithCustomError(world.attestation, error)
      await expect(as('provider').settle(job.jobId)).to.be.revertedWithCustomError(
        world.market,
        'JobMarketTooEarly',
      )
    })
    expect(profit <= 0n).to.equal(true)
  }

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    attesters = addressesOf(world, 'keeper', 'owner')
    job = await submitted(world, options())
  })

  describe('withheld', () => {
    // AT-2
    it('cost the provider nothing but the window', async () => {
      const { price } = await world.market.getJob(job.jobId)
      const due = price - feeOf(price, world.parameters.feeBps)
      const paid = await profitOf(world, addressesOf(world, 'provider'), () =>
        at(windowEnd(job) + 1n, () => as('eve').settle(job.jobId)),
      )
      expect(paid).to.equal(due)
    })

    it('bring requester and attesters nothing: no call of theirs stops the pay', async () => {
      const coalition = addressesOf(world, 'requester', 'keeper', 'owner')
      const profit = await profitOf(world, coalition, async () => {
        for (const who of ['requester', 'keeper', 'owner'] as const) {
          await as(who)
            .challengeOpened(job.jobId)
            .catch(() => {})
          await as(who)
            .reject(job.jobId, 0n)
            .catch(() => {})
          await as(who)
            .cancel(job.jobId)
            .catch(() => {})
        }
        await at(windowEnd(job) + 1n, () => as('provider').settle(job.jobId))
      })
      expect(profit).to.equal(0n)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Settled'))
    })

    it('for a job that names nobody, or somebody without a key: it settles like any other', async () => {
      attesters = []
      const none = await submitted(world, options())
      attesters = [ethers.ZeroAddress]
      const zero = await submitted(world, options())
      await useless(async () => attest(world, zero, `0x${'00'.repeat(65)}`), 'AttestationWrongSignature')
      await at(windowEnd(zero) + 1n, () => as('eve').settleMany([none.jobId, zero.jobId]))
      for (const { jobId } of [none, zero]) {
        expect(await world.market.statusOf(jobId)).to.equal(statusNumber('Settled'))
      }
    })
  })

  // AT-3
  describe('given for something else', () => {
    it('another market with the same hook', async () => {
      const { actors, token, timelock, parameters, attestation } = world
      const { hook, owner, treasury, requester, provider } = actors
      const levels = [hook.address, await attestation.getAddress()].map((each) => ({
        hook: each,
        isMediated: false,
      }))
      const governed = [
        await token.getAddress(),
        await timelock.getAddress(),
        owner.address,
        treasury.address,
      ]
      const market = await createMarket([...governed, parameters, levels])
      const other: World = { ...world, market, address: await market.getAddress() }
      await fund(other, requester, FUNDS.requester)
      await fund(other, provider, FUNDS.stake)
      await enlist(other, provider)
      await market.connect(requester).post(job.terms)
      const jobId = await market.jobIdOf(requester, job.terms)
      await market.connect(provider).claim(jobId)
      await market.connect(provider).submit(jobId, RESULT_ROOT, TOTAL_STEPS)

      // the same terms, requester, provider and result, attested there
      const there = await sign(other, { ...job, jobId })
      await useless(() => attest(world, job, there), 'AttestationWrongSignature')
      await attest(other, job, there)
      expect(await attestation.isAttested(other.address, jobId)).to.equal(true)
      expect(await attestation.isAttested(world.address, job.jobId)).to.equal(false)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Submitted'))
    })

    it('another result', async () => {
      for (const result of [
        commitmentOf(OTHER_ROOT, TOTAL_STEPS),
        commitmentOf(RESULT_ROOT, 1n),
        RESULT_ROOT,
      ]) {
        const signature = await sign(world, job, result)
        await useless(() => attest(world, job, signature), 'AttestationWrongSignature')
      }
    })

    it('another job with the same result', async () => {
      const twin = await submitted(world, options())
      const signature = await sign(world, twin)
      await useless(() => attest(world, job, signature), 'AttestationWrongSignature')
    })

    it('another list, or by nobody on it', async () => {
      const by = async (who: keyof World['actors']) => sign(world, job, commitment, who)
      await useless(async () => attest(world, job, await by('provider')), 'AttestationWrongSignature')
      const own = addressesOf(world, 'provider')
      await useless(async () => attest(world, job, await by('provider'), 0n, own), 'AttestationWrongList')
      const longer = [...attesters, ...own]
      await useless(async () => attest(world, job, await by('provider'), 2n, longer), 'AttestationWrongList')
      await useless(async () => attest(world, job, await by('provider'), 2n), 'AttestationUnknownAttester')
      // the second attester's signature under the first one's name
      await useless(async () => attest(world, job, await by('owner')), 'AttestationWrongSignature')
    })

    it('a job before it has a result', async () => {
      const early = await claimed(world, options())
      const signature = await sign(world, early)
      const attempt = attest(world, early, signature)
      await expect(attempt).to.be.revertedWithCustomError(world.attestation, 'AttestationNoResult')
      // and nothing of it remains for when there is one
      await submit(world, early, OTHER_ROOT)
      await expect(attest(world, early, signature)).to.be.revertedWithCustomError(
        world.attestation,
        'AttestationWrongSignature',
      )
    })
  })

  describe('while a challenge is open', () => {
    const LIARS = ['provider', 'keeper'] as const

    it('free nobody: the job waits for the challenge, and a liar loses its bond', async () => {
      const { price, bond } = await world.market.getJob(job.jobId)
      const profit = await profitOf(world, addressesOf(world, ...LIARS), async () => {
        await as('hook').challengeOpened(job.jobId)
        await attest(world, job, await sign(world, job))
        const open = [job.jobId, 1n]
        await expectRevert(world, as('provider').settle(job.jobId), 'JobMarketChallengeOpen', open)
        await expectRevert(world, as('requester').accept(job.jobId), 'JobMarketChallengeOpen', open)
        await as('provider').settleMany([job.jobId])
        await as('hook').reject(job.jobId, 0n)
      })
      expect(profit).to.equal(-bond)
      expect(splitFraud(bond, price, 0n).toReserve * 2n >= bond).to.equal(true)
      await expectSolvent(world)
    })

    it('end the window once the challenge is lost, and not before', async () => {
      await as('hook').challengeOpened(job.jobId)
      await attest(world, job, await sign(world, job))
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Disputed'))
      await as('hook').challengeClosed(job.jobId)
      await as('eve').settle(job.jobId)
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Settled'))
    })

    it('do not close the door to a challenge that comes before anyone settles', async () => {
      await attest(world, job, await sign(world, job))
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Settleable'))
      await as('hook').challengeOpened(job.jobId)
      const open = [job.jobId, 1n]
      await expectRevert(world, as('provider').settle(job.jobId), 'JobMarketChallengeOpen', open)
    })

    it('do not raise a job that was rejected', async () => {
      await as('hook').challengeOpened(job.jobId)
      await as('hook').reject(job.jobId, 0n)
      const attempt = attest(world, job, await sign(world, job))
      await expect(attempt).to.be.revertedWithCustomError(world.attestation, 'AttestationNoResult')
    })
  })

  it('of a lookalike market say nothing about this one', async () => {
    const { attestation, actors } = world
    const lookalike = await ethers.deployContract('CallbackAccountMock')
    const attempt = attestation
      .connect(actors.eve)
      .attest(await lookalike.getAddress(), actors.requester, job.terms, attesters, 0n, '0x')
    await expect(attempt).to.be.revert(ethers)
    expect(await attestation.isAttested(world.address, job.jobId)).to.equal(false)
  })
})
