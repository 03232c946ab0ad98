import { expect } from 'chai'
import type { CallbackAccountMock } from '../../types/ethers-contracts/index.ts'
import { expectMoney, expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { DEFAULT_FEE, DEFAULT_PAY, defaultParameters, FUNDS } from '../helpers/defaults.ts'
import { ATTESTED, busyMarket, type World } from '../helpers/fixtures.ts'
import { govern } from '../helpers/govern.ts'
import { seatedGroup, seatsOf, vote } from '../helpers/groups.ts'
import {
  acceptedOffer,
  chainId,
  claimed,
  claimedSigned,
  draft,
  type Job,
  KEY,
  keyed,
  RESULT_ROOT,
  submit,
  submitted,
  TOTAL_STEPS,
  windowEnd,
} from '../helpers/jobs.ts'
import type { Changes } from '../helpers/money.ts'
import { feeOf, meteredPay } from '../helpers/reference.ts'
import { replicationMarket } from '../helpers/replication.ts'
import { attestersHash } from '../helpers/signing.ts'
import { type JobPerStatus, jobPerStatus, type Status, statusNumber } from '../helpers/statuses.ts'
import { jobIdOf, packTerms } from '../helpers/terms.ts'
import { at, now, travelTo } from '../helpers/time.ts'

describe('Promise 3: silence pays the worker', () => {
  let world: World
  let job: Job

  const paid = async () => {
    const { bond } = await world.market.getJob(job.jobId)
    return { provider: { balance: DEFAULT_PAY, locked: -bond, active: -1n, feeOwed: DEFAULT_FEE } }
  }

  describe('given a delivered job and a requester that does nothing', () => {
    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      job = await submitted(world)
    })

    // JM-36
    it("pays when the window closes, by the provider's own call", async () => {
      const { market, actors } = world
      await expectMoney(world, await paid(), () =>
        at(windowEnd(job) + 1n, () => market.connect(actors.provider).settle(job.jobId)),
      )
    })

    it('pays however long nobody called', async () => {
      const later = windowEnd(job) + 10_000n * 86_400n
      await expectMoney(world, await paid(), () => at(later, () => world.market.settle(job.jobId)))
    })

    it('pays though the requester has taken out all it could', async () => {
      const { market, actors } = world
      const { balance } = await market.accountOf(actors.requester)
      await market.connect(actors.requester).withdraw(actors.requester.address, balance)
      await expectMoney(world, await paid(), () => at(windowEnd(job) + 1n, () => market.settle(job.jobId)))
    })

    it('pays though posting was paused, the rules and who governs changed', async () => {
      const { market, actors } = world
      const rules = { ...defaultParameters, feeBps: 1_000n, minWindow: 604_800n }
      await govern(world, 'addParameters', [rules, []])
      await govern(world, 'setFeeRecipient', [actors.eve.address])
      await market.connect(actors.owner).pausePosting()
      await govern(world, 'setGuardian', [actors.eve.address])
      await expectMoney(world, await paid(), () => market.settle(job.jobId))
    })
  })

  describe('given a requester of any other kind of job that does nothing', () => {
    const METERED = { meteredBps: 6_000n, stepLimit: 40_000n }
    const kinds: Record<string, () => Promise<Job>> = {
      'a job it signed': () => claimedSigned(world),
      'an offer it accepted': () => acceptedOffer(world),
      'a private job whose key it delivered': () => keyed(world),
      'a metered job': () => claimed(world, { terms: METERED }),
      'a job whose attesters are silent': () =>
        claimed(world, { terms: { level: ATTESTED, assurance: attestersHash([world.actors.eve.address]) } }),
    }

    for (const [title, begin] of Object.entries(kinds)) {
      it(`pays ${title} when the window closes, to the unit`, async () => {
        world = await networkHelpers.loadFixture(busyMarket)
        const begun = await begin()
        const { price, bond, stepBudget } = await world.market.getJob(begun.jobId)
        job = await submit(world, begun)
        const due = stepBudget === 0n ? price : meteredPay(price, 6_000n, stepBudget, TOTAL_STEPS)
        const fee = feeOf(due, defaultParameters.feeBps)
        const provider = { balance: due - fee, locked: -bond, active: -1n, feeOwed: fee }
        const requester = { balance: price - due }
        await expectMoney(world, { provider, requester }, () =>
          at(windowEnd(job) + 1n, () => world.market.connect(world.actors.provider).settle(job.jobId)),
        )
      })
    }

    it('pays the seats of the majority by the call of one of them', async () => {
      world = await networkHelpers.loadFixture(replicationMarket)
      const { provider } = world.actors
      const { jobs, groupId } = await seatedGroup(world, seatsOf(world))
      await vote(world, jobs, [RESULT_ROOT, RESULT_ROOT, RESULT_ROOT])
      const expected: Changes = {}
      for (const [i, role] of (['provider', 'rival', 'eve'] as const).entries()) {
        const { price, bond } = await world.market.getJob((jobs[i] as Job).jobId)
        const fee = feeOf(price, defaultParameters.feeBps)
        expected[role] = { balance: price - fee, locked: -bond, active: -1n, feeOwed: fee }
      }
      await expectMoney(world, expected, () => world.replication.connect(provider).resolve(groupId))
    })
  })

  describe('given a requester that wants its money back after a claim', () => {
    const AFTER_CLAIM: Status[] = [
      ...(['AwaitingKey', 'Claimed', 'Seated'] as const),
      ...(['Submitted', 'Disputed', 'Settleable', 'Settled'] as const),
    ]
    let all: JobPerStatus

    beforeEach(async () => {
      all = await networkHelpers.loadFixture(jobPerStatus)
    })

    for (const status of AFTER_CLAIM) {
      // JM-25, JM-36
      it(`gets none by any call while the job is ${status}`, async () => {
        const { market, actors } = all
        const { requester, provider } = actors
        const { jobId, terms } = all.jobs[status]
        const mine = market.connect(requester)
        const { balance } = await market.accountOf(requester)
        const earned = await market.accountOf(provider)
        const calls = [
          () => mine.cancel(jobId),
          () => mine.release(jobId),
          () => mine.submit(jobId, RESULT_ROOT, 1n),
          () => mine.challengeOpened(jobId),
          () => mine.challengeClosed(jobId),
          () => mine.reject(jobId, 0n),
          () => mine.post(terms),
          () => mine.settle(jobId),
          () => mine.fail(jobId),
          () => mine.failMany([jobId]),
          () => mine.conclude(jobId, ethers.ZeroHash, 0n, true),
          () => mine.freezeBond(jobId),
          () => mine.deliverKey(jobId, KEY),
          () => mine.acceptOffer(provider.address, false, terms, '0x'),
          () => mine.claimSigned(requester.address, false, terms, '0x'),
          () => mine.settleMany([jobId]),
          () => mine.accept(jobId),
        ]
        for (const call of calls) await call().catch(() => {})
        expect((await market.accountOf(requester)).balance).to.equal(balance)
        expect((await market.accountOf(provider)).balance >= earned.balance).to.equal(true)
      })
    }

    // JM-37
    it('cannot accept while a challenge is open, which would free a liar', async () => {
      const { jobId } = all.jobs.Disputed
      const sending = all.market.connect(all.actors.requester).accept(jobId)
      await expectRevert(all, sending, 'JobMarketChallengeOpen', [jobId, 1n])
    })
  })

  describe('given a requester that is a contract and makes its calls in one transaction', () => {
    let contract: CallbackAccountMock
    let address: string

    const call = (name: 'accept' | 'cancel' | 'settle' | 'fail' | 'release') =>
      world.market.interface.encodeFunctionData(name as 'accept', [job.jobId])

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(busyMarket)
      const { market, token, actors } = world
      contract = await ethers.deployContract('CallbackAccountMock')
      address = await contract.getAddress()
      const execute = (target: string, data: string) => contract.execute(target, data)
      await token.connect(actors.owner).transfer(address, FUNDS.requester)
      const everything = [world.address, FUNDS.requester] as const
      await execute(await token.getAddress(), token.interface.encodeFunctionData('approve', [...everything]))
      await execute(world.address, market.interface.encodeFunctionData('deposit', [FUNDS.requester]))
      const fields = await draft()
      const terms = packTerms(fields)
      await execute(world.address, market.interface.encodeFunctionData('post', [terms]))
      const jobId = jobIdOf(chainId, world.address, address, terms)
      job = { jobId, terms, fields } as Job
      await market.connect(actors.provider).claim(jobId)
    })

    for (const second of ['cancel', 'fail', 'release'] as const) {
      for (const first of ['accept', 'settle'] as const) {
        it(`cannot ${first} and ${second}`, async () => {
          const { market, actors } = world
          await market.connect(actors.provider).submit(job.jobId, RESULT_ROOT, 1n)
          await travelTo((await now()) + job.fields.window + 1n)
          const before = (await market.accountOf(address)).balance
          const both = contract.executeAll(world.address, [call(first), call(second)])
          const wrong = [statusNumber('Settled'), statusNumber(second === 'cancel' ? 'Open' : 'Claimed')]
          await expectRevert(world, both, 'JobMarketWrongStatus', [job.jobId, ...wrong])
          expect((await market.accountOf(address)).balance).to.equal(before)
          await market.connect(actors.provider).settle(job.jobId)
          expect(await market.statusOf(job.jobId)).to.equal(statusNumber('Settled'))
          await expectSolvent(world)
        })
      }
    }

    it('cannot cancel in the block in which it was claimed', async () => {
      const wrong = [job.jobId, statusNumber('Claimed'), statusNumber('Open')]
      await expectRevert(
        world,
        contract.execute(world.address, call('cancel')),
        'JobMarketWrongStatus',
        wrong,
      )
    })
  })
})
