import { expect } from 'chai'
import { expectMoney, expectRevert } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { DEFAULT_PRICE, MAX_UNITS } from '../../helpers/defaults.ts'
import { enlist, fund, MOCKED, REPLICATED } from '../../helpers/fixtures.ts'
import { seatedGroup } from '../../helpers/groups.ts'
import { claimed, type Job, post, RESULT_ROOT, submitted, TOTAL_STEPS } from '../../helpers/jobs.ts'
import {
  asMediator,
  MEDIATED,
  type MediatedWorld,
  mediatedMarket,
  mediatedMarketWith,
} from '../../helpers/mediated.ts'
import { bondFor, feeOf } from '../../helpers/reference.ts'
import { type Status, statusNumber } from '../../helpers/statuses.ts'
import { word } from '../../helpers/terms.ts'
import { at, now } from '../../helpers/time.ts'

const RESULT = word('result commitment')
const { ZeroHash } = ethers

describe('JobMarket.conclude', () => {
  let world: MediatedWorld
  let job: Job
  let bond: bigint

  const conclude = (result = RESULT, payBps = 10_000n, isSlashed = false, { jobId } = job) =>
    asMediator(world, 'conclude', [jobId, result, payBps, isSlashed])
  const sit = async (terms = {}) => {
    job = await claimed(world, { terms: { level: MEDIATED, ...terms } })
    bond = (await world.market.getJob(job.jobId)).bond
  }

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(mediatedMarket)
  })

  describe('given a seat', () => {
    beforeEach(() => sit())

    // result, pay, slash: the due by hand of 5,250,002 units
    const cases: [string, string, bigint, boolean, bigint, Status][] = [
      ['a result that is paid in full', RESULT, 10_000n, false, 5_250_002n, 'Settled'],
      ['a result that is paid in part', RESULT, 3_333n, false, 1_749_825n, 'Settled'],
      ['a result that is paid nothing', RESULT, 0n, false, 0n, 'Settled'],
      ['no result and no pay', ZeroHash, 0n, false, 0n, 'Released'],
      ['no result and a base fee', ZeroHash, 1n, false, 525n, 'Released'],
      ['no result and all of the price', ZeroHash, 10_000n, false, 5_250_002n, 'Released'],
      ['a slash', ZeroHash, 0n, true, 0n, 'Rejected'],
      ['a slash and a base fee', ZeroHash, 1_500n, true, 787_500n, 'Rejected'],
      ['a slash and a result', RESULT, 10_000n, true, 5_250_002n, 'Rejected'],
    ]
    for (const [what, result, payBps, isSlashed, due, status] of cases) {
      describe(`given ${what}`, () => {
        const fee = feeOf(due, 100n)
        const slash = isSlashed ? DEFAULT_PRICE : 0n

        // JM-47
        it(`pays ${due} with the fee, and the rest back`, async () => {
          await expectMoney(
            world,
            {
              requester: { balance: DEFAULT_PRICE - due },
              provider: { balance: due - fee, stake: -slash, locked: -bond, active: -1n, feeOwed: fee },
              reserve: slash,
            },
            () => conclude(result, payBps, isSlashed),
          )
        })

        it(`ends it as ${status} and emits SeatConcluded`, async () => {
          await expect(conclude(result, payBps, isSlashed))
            .to.emit(world.market, 'SeatConcluded')
            .withArgs(job.jobId, job.provider.address, statusNumber(status), result, due - fee, fee, slash)
          const view = await world.market.getJob(job.jobId)
          expect([view.status, view.resultCommitment, view.submittedAt]).to.deep.equal([
            statusNumber(status),
            result,
            result === ZeroHash ? 0n : await now(),
          ])
          const faults = (await world.market.providerOf(job.provider)).faults
          expect(faults).to.equal(isSlashed ? 1n : 0n)
        })
      })
    }

    it('counts the fee as reputation', async () => {
      await conclude()
      expect((await world.market.providerOf(job.provider)).reputation).to.equal(52_500n)
    })

    // JM-50
    it('leaves three quarters of the reputation after a slash, its own fee counted', async () => {
      await conclude(ZeroHash, 10_000n, true)
      expect((await world.market.providerOf(job.provider)).reputation).to.equal(39_375n)
    })

    // JM-47
    it('refuses more than the price', async () => {
      await expectRevert(world, conclude(RESULT, 10_001n), 'JobMarketPayTooHigh', [
        job.jobId,
        10_001n,
        10_000n,
      ])
    })

    it('works once', async () => {
      await conclude()
      const values = [job.jobId, statusNumber('Settled'), statusNumber('Seated')]
      await expectRevert(world, conclude(), 'JobMarketWrongStatus', values)
    })

    it('has no deadline of its own', async () => {
      await at(job.claimedAt + job.fields.run + 1n, () => conclude())
    })

    for (const who of ['hook', 'provider', 'requester', 'owner', 'eve'] as const) {
      // JM-47
      it(`is refused to ${who}`, async () => {
        const caller = world.actors[who]
        const sending = world.market.connect(caller).conclude(job.jobId, RESULT, 10_000n, false)
        const values = [job.jobId, caller.address, world.mediatorAddress]
        await expectRevert(world, sending, 'JobMarketNotHook', values)
      })
    }

    const others: [string, (jobId: string) => Promise<unknown>][] = [
      ['submit', (id) => world.market.connect(job.provider).submit(id, RESULT_ROOT, TOTAL_STEPS)],
      ['release', (id) => world.market.connect(job.provider).release(id)],
      ['fail', (id) => world.market.fail(id)],
    ]
    for (const [name, call] of others) {
      // JM-48
      it(`is the only end: ${name} is refused`, async () => {
        const values = [job.jobId, statusNumber('Seated'), statusNumber('Claimed')]
        await expectRevert(world, call(job.jobId), 'JobMarketWrongStatus', values)
      })
    }

    for (const name of ['accept', 'settle', 'challengeOpened'] as const) {
      // JM-48
      it(`is the only end: ${name} is refused`, async () => {
        const caller = name === 'challengeOpened' ? world.actors.hook : job.requester
        const values = [job.jobId, statusNumber('Seated'), statusNumber('Submitted')]
        await expectRevert(
          world,
          world.market.connect(caller)[name](job.jobId),
          'JobMarketWrongStatus',
          values,
        )
      })
    }
  })

  describe('given a bond below the price', () => {
    // JM-47
    it('takes all of the bond and no more', async () => {
      world = await mediatedMarketWith({ parameters: { bondBps: 2_000n, surchargeBps: 0n } })
      await sit()
      expect(bond < DEFAULT_PRICE).to.equal(true)
      await expectMoney(
        world,
        {
          requester: { balance: DEFAULT_PRICE },
          provider: { stake: -bond, locked: -bond, active: -1n },
          reserve: bond,
        },
        () => conclude(ZeroHash, 0n, true),
      )
    })
  })

  describe('given one address on both sides', () => {
    it('moves the sums of both', async () => {
      const { provider } = world.actors
      job = await claimed(world, { requester: provider, terms: { level: MEDIATED } })
      bond = (await world.market.getJob(job.jobId)).bond
      const fee = feeOf(787_500n, 100n)
      await expectMoney(
        world,
        {
          provider: {
            balance: DEFAULT_PRICE - fee,
            stake: -DEFAULT_PRICE,
            locked: -bond,
            active: -1n,
            feeOwed: fee,
          },
          reserve: DEFAULT_PRICE,
        },
        () => conclude(ZeroHash, 1_500n, true),
      )
    })
  })

  describe('given a price of 79 bits', () => {
    it('divides it to the unit', async () => {
      const parameters = { baseExposure: MAX_UNITS, surchargeBps: 0n, bondBps: 2_000n }
      world = await mediatedMarketWith({ parameters })
      const { requester, provider } = world.actors
      const price = 2n ** 79n - 1n
      await fund(world, requester, price)
      bond = bondFor(world.parameters, price, 0n)
      await fund(world, provider, bond)
      await world.market.connect(provider).stake(bond)
      await sit({ maxPrice: price, minBps: 10_000n })
      const due = (price * 9_999n) / 10_000n
      const fee = feeOf(due, 100n)
      await expectMoney(
        world,
        {
          requester: { balance: price - due },
          provider: { balance: due - fee, stake: -bond, locked: -bond, active: -1n, feeOwed: fee },
          reserve: bond,
        },
        () => conclude(RESULT, 9_999n, true),
      )
    })
  })

  describe('given a job that is no seat of this hook', () => {
    it('is refused for one that nobody claimed', async () => {
      job = await post(world, { terms: { level: MEDIATED } })
      const values = [job.jobId, statusNumber('Open'), statusNumber('Seated')]
      await expectRevert(world, conclude(), 'JobMarketWrongStatus', values)
    })

    it('is refused for one that does not exist', async () => {
      const jobId = word('no job')
      const values = [jobId, statusNumber('None'), statusNumber('Seated')]
      const sending = conclude(RESULT, 0n, false, { ...job, jobId })
      await expectRevert(world, sending, 'JobMarketWrongStatus', values)
    })

    for (const level of [0n, 1n, MOCKED]) {
      it(`is refused for a job of level ${level}, to its own hook too`, async () => {
        job = await submitted(world, { terms: { level } })
        const values = [job.jobId, statusNumber('Submitted'), statusNumber('Seated')]
        await expectRevert(world, conclude(), 'JobMarketWrongStatus', values)
        const { hook } = world.actors
        const sending = world.market.connect(hook).conclude(job.jobId, RESULT, 0n, false)
        await expectRevert(world, sending, 'JobMarketWrongStatus', values)
      })
    }

    it('is refused for a seat of another mediator', async () => {
      const group = await seatedGroup(world, [world.actors.provider])
      job = group.jobs[0] as Job
      expect(job.fields.level).to.equal(REPLICATED)
      const hook = await world.replication.getAddress()
      await expectRevert(world, conclude(), 'JobMarketNotHook', [job.jobId, world.mediatorAddress, hook])
    })
  })

  it('is not asked of a provider that left: its stake cannot', async () => {
    const { eve } = world.actors
    await fund(world, eve, 20_000_000n)
    await enlist(world, eve, 20_000_000n)
    job = await claimed(world, { provider: eve, terms: { level: MEDIATED } })
    bond = (await world.market.getJob(job.jobId)).bond
    await world.market.connect(eve).unstake(20_000_000n - bond)
    await expectRevert(world, world.market.connect(eve).unstake(1n), 'AccountInsufficientStake', [0n, 1n])
    await expectMoney(
      world,
      {
        requester: { balance: DEFAULT_PRICE },
        eve: { stake: -DEFAULT_PRICE, locked: -bond, active: -1n },
        reserve: DEFAULT_PRICE,
      },
      () => conclude(ZeroHash, 0n, true),
    )
  })
})
