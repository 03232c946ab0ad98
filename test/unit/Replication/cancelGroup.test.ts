import { expect } from 'chai'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { MOCKED, type World } from '../../helpers/fixtures.ts'
import { post as postJob } from '../../helpers/jobs.ts'
import { expectMoney } from '../../helpers/money.ts'
import {
  claimSeat,
  draftGroup,
  type Group,
  PHASES,
  postGroup,
  replicationMarket,
  SEAT_PRICE,
  seatsOf,
} from '../../helpers/replication.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import type { Terms } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

describe('Replication.cancelGroup', () => {
  let world: World
  let group: Group

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
  })

  const cancel = (who = world.actors.requester) => world.replication.connect(who).cancelGroup(group.groupId)
  const refuses = (sending: Promise<unknown>, error: string, values: unknown[]) =>
    expect(sending)
      .to.be.revertedWithCustomError(world.replication, error)
      .withArgs(...values)
  const statuses = async () => {
    const numbers = await Promise.all(group.jobIds.map((jobId) => world.market.statusOf(jobId)))
    return numbers.map((number) => Number(number))
  }
  const [NONE, OPEN, CANCELLED] = (['None', 'Open', 'Cancelled'] as const).map((each) =>
    Number(statusNumber(each)),
  ) as [number, number, number]
  const start = async (...indices: number[]) => {
    group = await draftGroup(world)
    const terms = indices.map((index) => group.terms[index] as Terms)
    await world.market.connect(world.actors.requester).postMany(terms)
  }

  for (const indices of [[0], [5], [1, 4], [0, 1, 2, 3, 4]]) {
    describe(`given a group of six of which ${indices.join(', ')} are posted`, () => {
      beforeEach(() => start(...indices))

      // RP-14
      it('gives their whole prices back to the requester, before claimBy', async () => {
        const back = BigInt(indices.length) * SEAT_PRICE
        await expectMoney(world, { requester: { balance: back } }, () => cancel())
        const expected = group.jobIds.map((_, i) => (indices.includes(i) ? CANCELLED : NONE))
        expect(await statuses()).to.deep.equal(expected)
        expect((await world.replication.groupOf(group.groupId)).phase).to.equal(PHASES.Closed)
      })
    })
  }

  describe('given a group that is not complete', () => {
    beforeEach(() => start(1, 2, 3, 4, 5))

    it('emits GroupClosed without a result, and JobCancelled for each job', async () => {
      const sending = await cancel()
      await expect(sending).to.emit(world.replication, 'GroupClosed').withArgs(group.groupId, ethers.ZeroHash)
      const { requester } = world.actors
      for (const jobId of group.jobIds.slice(1)) {
        await expect(sending)
          .to.emit(world.market, 'JobCancelled')
          .withArgs(jobId, requester.address, SEAT_PRICE)
      }
    })

    // RP-14
    it('lets no more of it be posted, and none of it be claimed', async () => {
      await cancel()
      const { market, actors } = world
      await refuses(market.connect(actors.requester).post(group.terms[0] as Terms), 'ReplicationWrongPhase', [
        group.groupId,
        PHASES.Closed,
      ])
      await expect(claimSeat(world, group, 1, actors.provider)).to.be.revertedWithCustomError(
        market,
        'JobMarketWrongStatus',
      )
    })

    for (const who of ['provider', 'hook', 'eve', 'owner', 'keeper'] as const) {
      // RP-14
      it(`reverts with ReplicationNotRequester for ${who}`, async () => {
        const caller = world.actors[who]
        const values = [group.groupId, caller.address, world.actors.requester.address]
        await refuses(cancel(caller), 'ReplicationNotRequester', values)
        expect(await statuses()).to.deep.equal([NONE, OPEN, OPEN, OPEN, OPEN, OPEN])
      })
    }

    it('is refused the second time', async () => {
      await cancel()
      await refuses(cancel(), 'ReplicationWrongPhase', [group.groupId, PHASES.Closed])
    })

    it('may be called after claimBy as well, where somebody has cancelled a job already', async () => {
      const { market, actors } = world
      await at(group.claimBy + 1n, () => market.connect(actors.eve).cancel(group.jobIds[1] as string))
      await expectMoney(world, { requester: { balance: 4n * SEAT_PRICE } }, () => cancel())
      expect(await statuses()).to.deep.equal([NONE, ...Array(5).fill(CANCELLED)])
    })

    it('leaves another group of the same requester alone', async () => {
      const other = await postGroup(world)
      await cancel()
      expect((await world.replication.groupOf(other.groupId)).phase).to.equal(PHASES.First)
      for (const jobId of other.jobIds) {
        expect(await world.market.statusOf(jobId)).to.equal(statusNumber('Open'))
      }
    })
  })

  // RP-12
  describe('given all but one of the biggest group', () => {
    it('takes it back for little gas', async () => {
      group = await draftGroup(world, {
        shared: { seats: 15n, spares: 15n },
        terms: { maxPrice: 1_000_003n },
      })
      await world.market.connect(world.actors.requester).postMany(group.terms.slice(0, 29))
      const gas = (await (await cancel()).wait())?.gasUsed ?? 0n
      expect(gas < 2n ** 21n, `${gas} gas`).to.equal(true)
      expect((await statuses()).filter((status) => status === CANCELLED).length).to.equal(29)
    })
  })

  describe('given a whole group', () => {
    beforeEach(async () => {
      group = await postGroup(world)
    })

    // RP-14
    it('reverts with ReplicationPosted while nobody has claimed', async () => {
      await refuses(cancel(), 'ReplicationPosted', [group.groupId, 6n])
    })

    it('reverts with it once somebody has, and after claimBy', async () => {
      await claimSeat(world, group, 0, world.actors.provider)
      await refuses(cancel(), 'ReplicationPosted', [group.groupId, 6n])
      await refuses(
        at(group.claimBy + 1n, () => cancel()),
        'ReplicationPosted',
        [group.groupId, 6n],
      )
    })

    it('reverts with ReplicationWrongPhase once it is closed', async () => {
      await at(group.claimBy + 1n, () => world.replication.resolve(group.groupId))
      await refuses(cancel(), 'ReplicationWrongPhase', [group.groupId, PHASES.Closed])
    })
  })

  it('reverts with ReplicationUnknownGroup for an id that is none', async () => {
    const id = ethers.id('no group')
    await refuses(world.replication.cancelGroup(id), 'ReplicationUnknownGroup', [id])
  })

  describe('given a market that lies', () => {
    // RP-14
    it('cancels nothing but what that market holds', async () => {
      const { actors, replication } = world
      const [seat] = seatsOf(world)
      const liar = await ethers.deployContract('LyingMarketMock')
      const whole = await draftGroup(world)
      await world.market.connect(actors.requester).postMany(whole.terms.slice(0, 5))
      const job = await postJob(world, { terms: { level: MOCKED } })
      // the same terms and requester, told by another market, with the ids of this market's jobs
      for (const [i, jobId] of [whole.jobIds[0] as string, job.jobId].entries()) {
        await liar.tell(replication, jobId, actors.requester, whole.terms[i] as Terms)
      }
      const { groupId } = await replication.seatOf(liar, job.jobId)
      expect(groupId).not.to.equal(whole.groupId)
      // that market calls anybody the requester
      await expectMoney(world, {}, () => replication.connect(seat).cancelGroup(groupId))
      expect((await replication.groupOf(groupId)).phase).to.equal(PHASES.Closed)
      expect((await replication.groupOf(whole.groupId)).phase).to.equal(PHASES.First)
      expect([await liar.cancelled(), await liar.reentered()]).to.deep.equal([2n, 0n])
      expect(await world.market.statusOf(job.jobId)).to.equal(statusNumber('Open'))
    })
  })
})
