import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { networkHelpers } from '../../helpers/chain.ts'
import type { World } from '../../helpers/fixtures.ts'
import { expectMoney } from '../../helpers/money.ts'
import {
  BASE_FEE,
  BASE_PAY,
  type Ballot,
  based,
  claimSeat,
  escalatedGroup,
  expectStatuses as expectJobs,
  FROZEN_BOND,
  fill,
  freed,
  type Group,
  PHASES,
  paid,
  replicationMarket,
  resultOf,
  SEAT_BOND,
  SEAT_FEE,
  SEAT_PAY,
  SEAT_PRICE,
  seatsOf,
  slashed,
  sparesOf,
  vote,
  votedGroup,
} from '../../helpers/replication.ts'
import type { Status } from '../../helpers/statuses.ts'
import { at } from '../../helpers/time.ts'

/** Of the first round, a tenth of the bond is left. */
const thawed = { locked: -FROZEN_BOND, active: -1n }
const paidLate = { ...thawed, balance: SEAT_PAY, feeOwed: SEAT_FEE }
const basedLate = { ...thawed, balance: BASE_PAY, feeOwed: BASE_FEE }
const outvoted = { ...thawed, stake: -FROZEN_BOND }
const BASE = BASE_PAY + BASE_FEE

describe('Replication, its escalation', () => {
  let world: World
  let group: Group

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
  })

  const resolve = () => world.replication.connect(world.actors.owner).resolve(group.groupId)
  const resolveAt = (time: bigint) => at(time, resolve)
  const expectStatuses = (...statuses: Status[]) => expectJobs(world, group, statuses)
  const phase = async () => (await world.replication.groupOf(group.groupId)).phase
  const start = async (first: Ballot[], spares: Ballot[]) => {
    group = await escalatedGroup(world, first)
    const people = sparesOf(world)
    await fill(world, group, 3, people)
    await vote(world, group, 3, people, spares)
  }

  describe('given a first round without a majority', () => {
    // RP-8
    it('keeps a tenth of each bond and pays nobody yet', async () => {
      group = await votedGroup(world, ['A', 'B', 'C'])
      const frozen = { locked: FROZEN_BOND - SEAT_BOND }
      await expectMoney(world, { provider: frozen, rival: frozen, eve: frozen }, resolve)
      await expectStatuses('Seated', 'Seated', 'Seated', 'Open', 'Open', 'Open')
    })

    it('emits GroupEscalated and BondFrozen, and counts from zero again', async () => {
      group = await votedGroup(world, ['A', 'B', 'C'])
      const sending = await resolve()
      await expect(sending).to.emit(world.replication, 'GroupEscalated').withArgs(group.groupId)
      await expect(sending)
        .to.emit(world.market, 'BondFrozen')
        .withArgs(group.jobIds[1], world.actors.rival.address, FROZEN_BOND)
      const { phase: now, claimed, committed, revealed } = await world.replication.groupOf(group.groupId)
      expect([now, claimed, committed, revealed]).to.deep.equal([PHASES.Escalated, 0n, 0n, 0n])
    })

    it('slashes a silent seat at once', async () => {
      group = await votedGroup(world, ['A', 'B', 'C!'])
      const frozen = { locked: FROZEN_BOND - SEAT_BOND }
      await expectMoney(
        world,
        {
          provider: frozen,
          rival: frozen,
          eve: slashed,
          requester: { balance: SEAT_PRICE },
          reserve: SEAT_PRICE,
        },
        () => resolveAt(group.revealBy + 1n),
      )
      await expectStatuses('Seated', 'Seated', 'Rejected', 'Open', 'Open', 'Open')
    })

    it('escalates when the time to draw ends', async () => {
      group = await votedGroup(world, ['A', 'B', 'C'])
      await resolveAt(group.drawBy)
      expect(await phase()).to.equal(PHASES.Escalated)
    })

    it('is over a second later, with the base fee to all', async () => {
      group = await votedGroup(world, ['A', 'B', 'C'])
      await expectMoney(
        world,
        { provider: based, rival: based, eve: based, requester: { balance: 6n * SEAT_PRICE - 3n * BASE } },
        () => resolveAt(group.drawBy + 1n),
      )
      expect(await phase()).to.equal(PHASES.Closed)
    })
  })

  describe('given a target block that was missed', () => {
    beforeEach(async () => {
      group = await votedGroup(world, ['A', 'B', 'C'])
    })

    it('moves it once and escalates', async () => {
      await networkHelpers.mine(300)
      await expect(resolve()).to.emit(world.replication, 'TargetMoved')
      expect(await phase()).to.equal(PHASES.Escalated)
    })

    it('closes with the base fee when it was missed twice', async () => {
      await networkHelpers.mine(300)
      await world.replication.captureSeed(group.groupId)
      await networkHelpers.mine(300)
      await expectMoney(
        world,
        { provider: based, rival: based, eve: based, requester: { balance: 6n * SEAT_PRICE - 3n * BASE } },
        resolve,
      )
    })

    it('draws nobody when it was missed twice after the escalation, and ends as one that was not filled', async () => {
      await resolve()
      await networkHelpers.mine(300)
      await world.replication.captureSeed(group.groupId)
      await networkHelpers.mine(300)
      await world.replication.captureSeed(group.groupId)
      const [spare] = sparesOf(world) as [Signer]
      await expect(claimSeat(world, group, 3, spare)).to.be.revertedWithCustomError(
        world.replication,
        'ReplicationNotDrawn',
      )
      await expectMoney(
        world,
        {
          provider: basedLate,
          rival: basedLate,
          eve: basedLate,
          requester: { balance: 6n * SEAT_PRICE - 3n * BASE },
        },
        () => resolveAt(group.drawBy + 1n),
      )
    })
  })

  describe('given spares that decide for one of the first voices', () => {
    // RP-6, RP-8
    it('pays it and them, and takes a tenth of the bond of the others', async () => {
      await start(['A', 'B', 'C'], ['A', 'A', 'A'])
      await expectMoney(
        world,
        {
          provider: paidLate,
          rival: outvoted,
          eve: outvoted,
          keeper: paid,
          hook: paid,
          treasury: paid,
          requester: { balance: 2n * SEAT_PRICE },
          reserve: 2n * FROZEN_BOND,
        },
        resolve,
      )
      await expectStatuses('Settled', 'Rejected', 'Rejected', 'Settled', 'Settled', 'Settled')
      expect(await phase()).to.equal(PHASES.Closed)
    })
  })

  describe('given spares that decide for the other side', () => {
    // RP-6, RP-8
    it('pays that one, and slashes the spare that dissents by its price', async () => {
      await start(['A', 'B', 'C'], ['B', 'A', 'B'])
      await expectMoney(
        world,
        {
          provider: outvoted,
          rival: paidLate,
          eve: outvoted,
          keeper: paid,
          hook: slashed,
          treasury: paid,
          requester: { balance: 3n * SEAT_PRICE },
          reserve: 2n * FROZEN_BOND + SEAT_PRICE,
        },
        resolve,
      )
      await expectStatuses('Rejected', 'Settled', 'Rejected', 'Settled', 'Rejected', 'Settled')
    })
  })

  describe('given spares that decide for what nobody said before', () => {
    // RP-8
    it('slashes all of the first round', async () => {
      await start(['A', 'B', 'C'], ['D', 'D', 'D'])
      await expectMoney(
        world,
        {
          provider: outvoted,
          rival: outvoted,
          eve: outvoted,
          keeper: paid,
          hook: paid,
          treasury: paid,
          requester: { balance: 3n * SEAT_PRICE },
          reserve: 3n * FROZEN_BOND,
        },
        resolve,
      )
      expect((await world.market.getJob(group.jobIds[4] as string)).resultCommitment).to.equal(resultOf('D'))
    })
  })

  describe('given a spare that is silent', () => {
    it('slashes it and lets the others decide', async () => {
      await start(['A', 'B', 'C'], ['A', 'A!', 'A'])
      await expect(resolveAt(group.spareRevealBy))
        .to.be.revertedWithCustomError(world.replication, 'ReplicationTooEarly')
        .withArgs(group.groupId, group.spareRevealBy + 1n, group.spareRevealBy)
      await expectMoney(
        world,
        {
          provider: paidLate,
          rival: outvoted,
          eve: outvoted,
          keeper: paid,
          hook: slashed,
          treasury: paid,
          requester: { balance: 3n * SEAT_PRICE },
          reserve: 2n * FROZEN_BOND + SEAT_PRICE,
        },
        () => resolveAt(group.spareRevealBy + 1n),
      )
    })
  })

  describe('given a silent seat in the first round', () => {
    it('concludes it once, and the others at the end', async () => {
      await start(['A', 'B', null], ['A', 'A', 'A'])
      await expectMoney(
        world,
        {
          provider: paidLate,
          rival: outvoted,
          keeper: paid,
          hook: paid,
          treasury: paid,
          requester: { balance: SEAT_PRICE },
          reserve: FROZEN_BOND,
        },
        resolve,
      )
    })
  })

  describe('given spares without a majority', () => {
    it('pays the base fee to whoever revealed, of both rounds', async () => {
      await start(['A', 'B', null], ['A', 'B', null])
      await expectMoney(
        world,
        {
          provider: basedLate,
          rival: basedLate,
          keeper: based,
          hook: based,
          treasury: slashed,
          requester: { balance: 5n * SEAT_PRICE - 4n * BASE },
          reserve: SEAT_PRICE,
        },
        resolve,
      )
      await expectStatuses('Released', 'Released', 'Rejected', 'Released', 'Released', 'Rejected')
    })
  })

  describe('given an escalation that is not filled', () => {
    beforeEach(async () => {
      group = await escalatedGroup(world)
      for (const [i, who] of sparesOf(world).slice(0, 2).entries()) await claimSeat(world, group, 3 + i, who)
    })

    for (const early of [1n, 0n]) {
      it(`waits ${early} s before drawBy has passed`, async () => {
        const time = group.drawBy - early
        await expect(resolveAt(time))
          .to.be.revertedWithCustomError(world.replication, 'ReplicationTooEarly')
          .withArgs(group.groupId, group.drawBy + 1n, time)
      })
    }

    // RP-10
    it('pays the base fee to who revealed, lets the spares go, and takes the free one back', async () => {
      await expectMoney(
        world,
        {
          provider: basedLate,
          rival: basedLate,
          eve: basedLate,
          keeper: freed,
          hook: freed,
          requester: { balance: 6n * SEAT_PRICE - 3n * BASE },
        },
        () => resolveAt(group.drawBy + 1n),
      )
      await expectStatuses('Released', 'Released', 'Released', 'Released', 'Released', 'Cancelled')
    })
  })

  describe('given a price below the tenth of a bond', () => {
    // RP-6
    it('takes no more than the price', async () => {
      // a price of 3 units under a bond of 2,000,128, of which 200,032 stay
      group = await escalatedGroup(world, ['A', 'B', 'C'], { terms: { maxPrice: 3n } })
      await fill(world, group, 3, sparesOf(world))
      await vote(world, group, 3, sparesOf(world), ['A', 'A', 'A'])
      const [, rival] = seatsOf(world) as [Signer, Signer]
      const before = await world.market.accountOf(rival)
      await resolve()
      const after = await world.market.accountOf(rival)
      expect(before.stake - after.stake).to.equal(3n)
      expect([after.locked, after.active]).to.deep.equal([0n, 0n])
    })
  })

  it('is not escalated twice', async () => {
    group = await escalatedGroup(world)
    await expect(resolve()).to.be.revertedWithCustomError(world.replication, 'ReplicationTooEarly')
    expect(await phase()).to.equal(PHASES.Escalated)
  })
})
