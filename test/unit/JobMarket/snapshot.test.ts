import { expect } from 'chai'
import { expectOutOfRange } from '../../helpers/assertions.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import { busyMarket, type World } from '../../helpers/fixtures.ts'
import { govern, TIMELOCK_DELAY } from '../../helpers/govern.ts'
import { agreed, claimed, post, RESULT_ROOT, submit } from '../../helpers/jobs.ts'
import { signOffer, signRequest } from '../../helpers/signing.ts'
import { now } from '../../helpers/time.ts'

/** `id 12 | feeBps 16`, from the lowest bit. */
const snapshotOf = (id: bigint, feeBps: bigint) => id | (feeBps << 12n)

describe('The snapshot of the rules that a job takes', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
  })

  const addSet = (feeBps: bigint) =>
    govern(world, 'addParameters', [{ ...world.parameters, feeBps, minRun: 1n, minWindow: 1n }, []])
  const take = async (jobId: string) => {
    const { parametersId, feeBps } = await world.market.getJob(jobId)
    return [parametersId, feeBps]
  }

  describe('given terms that leave it zero', () => {
    it('is the current set and fee', async () => {
      await addSet(1_000n)
      expect(await take((await post(world)).jobId)).to.deep.equal([1n, 1_000n])
    })

    // JM-14
    it('stays what it was when a new set comes, also for a job that is claimed after', async () => {
      const job = await post(world, { terms: { claimBy: (await now()) + 2n * TIMELOCK_DELAY } })
      await addSet(1_000n)
      expect(await take(job.jobId)).to.deep.equal([0n, 100n])
      await world.market.connect(job.provider).claim(job.jobId)
      expect(await take(job.jobId)).to.deep.equal([0n, 100n])
    })
  })

  describe('given terms that name it', () => {
    it('takes the current one', async () => {
      const job = await post(world, { terms: { snapshot: snapshotOf(0n, 100n) } })
      expect(await take(job.jobId)).to.deep.equal([0n, 100n])
    })

    for (const [what, id, fee] of [
      ['another set', 1n, 100n],
      ['another fee', 0n, 99n],
      ['all ones', 4_095n, 65_535n],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const snapshot = snapshotOf(id, fee)
        const current = snapshotOf(0n, 100n)
        await expectOutOfRange(world, post(world, { terms: { snapshot } }), 'snapshot', [
          snapshot,
          current,
          current,
        ])
      })
    }

    it('refuses the one before, and takes the next', async () => {
      await addSet(250n)
      const [old, current] = [snapshotOf(0n, 100n), snapshotOf(1n, 250n)]
      await expectOutOfRange(world, post(world, { terms: { snapshot: old } }), 'snapshot', [
        old,
        current,
        current,
      ])
      expect(await take((await post(world, { terms: { snapshot: current } })).jobId)).to.deep.equal([
        1n,
        250n,
      ])
    })

    it('cannot insist on a set without a fee and without an id: that reads as none', async () => {
      await addSet(0n)
      const job = await post(world, { terms: { snapshot: 0n } })
      expect(await take(job.jobId)).to.deep.equal([1n, 0n])
    })

    it('is a part of the id: naming it makes another job', async () => {
      const job = await post(world)
      const named = await post(world, { terms: { ...job.fields, snapshot: snapshotOf(0n, 100n) } })
      expect(named.jobId).not.to.equal(job.jobId)
    })
  })

  describe('given a request that names it', () => {
    it('is worth nothing after the rules have changed', async () => {
      const snapshot = snapshotOf(0n, 100n)
      const claimBy = (await now()) + 2n * TIMELOCK_DELAY
      const job = await agreed(world, { terms: { snapshot, claimBy } })
      const { requester, provider, terms } = job
      const signature = await signRequest(world, requester, terms, provider.address)
      await addSet(300n)
      const current = snapshotOf(1n, 300n)
      const sending = world.market.connect(provider).claimSigned(requester, false, terms, signature)
      await expectOutOfRange(world, sending, 'snapshot', [snapshot, current, current])
    })
  })

  describe('given an offer that leaves it zero', () => {
    it('takes the rules of the moment of acceptance', async () => {
      const claimBy = (await now()) + 2n * TIMELOCK_DELAY
      const job = await agreed(world, { terms: { claimBy } })
      const { requester, provider, terms } = job
      const signature = await signOffer(world, provider, terms, requester.address)
      await addSet(1_000n)
      await world.market.connect(requester).acceptOffer(provider, false, terms, signature)
      expect(await take(job.jobId)).to.deep.equal([1n, 1_000n])
    })
  })

  it('is what a settled job pays by', async () => {
    const job = await submit(world, await claimed(world), RESULT_ROOT, 1n)
    await addSet(1_000n)
    await expect(world.market.connect(job.requester).accept(job.jobId))
      .to.emit(world.market, 'JobSettled')
      .withArgs(job.jobId, job.provider.address, 5_197_502n, 52_500n)
  })
})
