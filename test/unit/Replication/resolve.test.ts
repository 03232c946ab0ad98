import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { ethers, hasProbes, networkHelpers } from '../../helpers/chain.ts'
import type { World } from '../../helpers/fixtures.ts'
import { expectMoney } from '../../helpers/money.ts'
import {
  BASE_FEE,
  BASE_PAY,
  type Ballot,
  based,
  claimSeat,
  commitVote,
  draftGroup,
  drawnSeed,
  expectStatuses as expectJobs,
  fill,
  freed,
  type Group,
  type GroupOptions,
  newcomer,
  PHASES,
  paid,
  postGroup,
  replicationMarket,
  resultOf,
  SEAT_FEE,
  SEAT_PAY,
  SEAT_PRICE,
  seatsOf,
  slashed,
  sparesOf,
  vote,
  votedGroup,
} from '../../helpers/replication.ts'
import { type Status, statusNumber } from '../../helpers/statuses.ts'
import { at } from '../../helpers/time.ts'

const SPARES = 3n * SEAT_PRICE
const NO_SPARES = { shared: { spares: 0n } }

describe('Replication.resolve', () => {
  let world: World
  let group: Group

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
  })

  const resolve = () => world.replication.connect(world.actors.owner).resolve(group.groupId)
  const resolveAt = (time: bigint) => at(time, resolve)
  const expectStatuses = (...statuses: Status[]) => expectJobs(world, group, statuses)
  const expectTooEarly = (sending: Promise<unknown>, notBefore: bigint, time: bigint) =>
    expect(sending)
      .to.be.revertedWithCustomError(world.replication, 'ReplicationTooEarly')
      .withArgs(group.groupId, notBefore, time)

  describe('given that all seats agree', () => {
    beforeEach(async () => {
      group = await votedGroup(world, ['A', 'A', 'A'])
    })

    // RP-5
    it('pays all of them as soon as they have revealed, and takes the spares back', async () => {
      await expectMoney(
        world,
        { provider: paid, rival: paid, eve: paid, requester: { balance: SPARES } },
        resolve,
      )
      await expectStatuses('Settled', 'Settled', 'Settled', 'Cancelled', 'Cancelled', 'Cancelled')
    })

    it('emits GroupClosed with the result, which every job keeps', async () => {
      await expect(resolve()).to.emit(world.replication, 'GroupClosed').withArgs(group.groupId, resultOf('A'))
      for (const jobId of group.jobIds.slice(0, 3)) {
        expect((await world.market.getJob(jobId)).resultCommitment).to.equal(resultOf('A'))
      }
    })

    it('emits SeatConcluded and JobCancelled for each', async () => {
      const sending = await resolve()
      const { market, actors } = world
      await expect(sending)
        .to.emit(market, 'SeatConcluded')
        .withArgs(
          group.jobIds[1],
          actors.rival.address,
          statusNumber('Settled'),
          resultOf('A'),
          SEAT_PAY,
          SEAT_FEE,
          0n,
        )
      await expect(sending)
        .to.emit(market, 'JobCancelled')
        .withArgs(group.jobIds[5], actors.requester.address, SEAT_PRICE)
    })

    it('closes it once', async () => {
      await resolve()
      await expect(resolve())
        .to.be.revertedWithCustomError(world.replication, 'ReplicationWrongPhase')
        .withArgs(group.groupId, PHASES.Closed)
    })
  })

  describe('given a majority with one dissenter', () => {
    beforeEach(async () => {
      group = await votedGroup(world, ['A', 'B', 'A'])
    })

    // RP-5, RP-6
    it('takes the price of the dissenter to the reserve, and gives its escrow back', async () => {
      await expectMoney(
        world,
        {
          provider: paid,
          rival: slashed,
          eve: paid,
          requester: { balance: SEAT_PRICE + SPARES },
          reserve: SEAT_PRICE,
        },
        resolve,
      )
      await expectStatuses('Settled', 'Rejected', 'Settled', 'Cancelled', 'Cancelled', 'Cancelled')
    })

    it('counts a fault of the dissenter alone', async () => {
      await resolve()
      const faults = await Promise.all(
        seatsOf(world).map(async (who) => (await world.market.providerOf(who)).faults),
      )
      expect(faults).to.deep.equal([0n, 1n, 0n])
    })

    it('emits SeatConcluded with the slash', async () => {
      await expect(resolve())
        .to.emit(world.market, 'SeatConcluded')
        .withArgs(
          group.jobIds[1],
          world.actors.rival.address,
          statusNumber('Rejected'),
          ethers.ZeroHash,
          0n,
          0n,
          SEAT_PRICE,
        )
    })
  })

  for (const [what, ballot] of [
    ['committed nothing', null],
    ['revealed nothing', 'A!'],
  ] as const) {
    describe(`given a majority with one seat that ${what}`, () => {
      beforeEach(async () => {
        group = await votedGroup(world, ['A', 'A', ballot])
      })

      const ends = {
        provider: paid,
        rival: paid,
        eve: slashed,
        requester: { balance: SEAT_PRICE + SPARES },
        reserve: SEAT_PRICE,
      }

      if (ballot === null) {
        it('slashes it as soon as nobody can commit any more', async () => {
          await expectMoney(world, ends, resolve)
        })
      } else {
        for (const early of [1n, 0n]) {
          it(`waits ${early} s before revealBy has passed`, async () => {
            const time = group.revealBy - early
            await expectTooEarly(resolveAt(time), group.revealBy + 1n, time)
          })
        }

        it('slashes it a second after revealBy', async () => {
          await expectMoney(world, ends, () => resolveAt(group.revealBy + 1n))
        })
      }
    })
  }

  describe('given that two of three agree before the third committed', () => {
    it('waits for it until commitBy has passed', async () => {
      group = await postGroup(world)
      const people = seatsOf(world)
      for (const [i, who] of people.entries()) await claimSeat(world, group, i, who)
      const cast = people.slice(0, 2)
      for (const [i, who] of cast.entries()) await commitVote(world, group, i, who, 'A')
      await expectTooEarly(resolveAt(group.commitBy), group.revealBy + 1n, group.commitBy)
    })
  })

  describe('given a majority of those who revealed, but not of all seats', () => {
    // RP-5, RP-7
    it('finds no majority: the base fee to the one who revealed, a slash to the silent', async () => {
      group = await votedGroup(world, ['A', null, null], NO_SPARES)
      await expectMoney(
        world,
        {
          provider: based,
          rival: slashed,
          eve: slashed,
          requester: { balance: 3n * SEAT_PRICE - BASE_PAY - BASE_FEE },
          reserve: 2n * SEAT_PRICE,
        },
        () => resolveAt(group.revealBy + 1n),
      )
      await expectStatuses('Released', 'Rejected', 'Rejected')
    })
  })

  describe('given no majority and no spares', () => {
    beforeEach(async () => {
      group = await votedGroup(world, ['A', 'B', 'C'], NO_SPARES)
    })

    // RP-7
    it('pays each the base fee', async () => {
      await expectMoney(
        world,
        {
          provider: based,
          rival: based,
          eve: based,
          requester: { balance: 3n * (SEAT_PRICE - BASE_PAY - BASE_FEE) },
        },
        resolve,
      )
      await expectStatuses('Released', 'Released', 'Released')
    })

    it('emits GroupClosed without a result', async () => {
      await expect(resolve())
        .to.emit(world.replication, 'GroupClosed')
        .withArgs(group.groupId, ethers.ZeroHash)
    })
  })

  describe('given five seats', () => {
    const voted = async (ballots: Ballot[]) => {
      const people = [...seatsOf(world), ...sparesOf(world)].slice(0, 5)
      group = await postGroup(world, { shared: { seats: 5n, spares: 0n } })
      await fill(world, group, 0, people)
      await vote(world, group, 0, people, ballots)
    }

    // RP-5
    it('finds a majority in three of them', async () => {
      await voted(['A', 'B', 'A', 'C', 'A'])
      await expect(resolve()).to.emit(world.replication, 'GroupClosed').withArgs(group.groupId, resultOf('A'))
    })

    // RP-5, RP-7
    it('finds none in two, however the others differ', async () => {
      await voted(['A', 'A', 'B', 'C', 'D'])
      await expectMoney(
        world,
        {
          provider: based,
          rival: based,
          eve: based,
          keeper: based,
          hook: based,
          requester: { balance: 5n * (SEAT_PRICE - BASE_PAY - BASE_FEE) },
        },
        resolve,
      )
    })
  })

  describe('given results that differ in their steps alone', () => {
    it('counts them as different', async () => {
      group = await postGroup(world, NO_SPARES)
      const { replication, address } = world
      const [one, two, three] = seatsOf(world) as [Signer, Signer, Signer]
      const root = ethers.id('root')
      const seats = [
        [one, group.jobIds[0] as string, 1n],
        [two, group.jobIds[1] as string, 2n],
        [three, group.jobIds[2] as string, 3n],
      ] as const
      for (const [who, jobId] of seats) await world.market.connect(who).claim(jobId)
      for (const [who, jobId, steps] of seats) {
        const of = await replication.commitmentOf(address, jobId, who, root, steps, ethers.ZeroHash)
        await replication.connect(who).commit(address, jobId, of)
      }
      for (const [who, jobId, steps] of seats) {
        await replication.connect(who).reveal(address, jobId, root, steps, ethers.ZeroHash)
      }
      await expect(resolve()).to.emit(replication, 'GroupClosed').withArgs(group.groupId, ethers.ZeroHash)
    })
  })

  for (const [baseBps, base] of [
    [0n, { due: 0n, fee: 0n }],
    [10_000n, { due: SEAT_PRICE, fee: SEAT_FEE }],
  ] as const) {
    describe(`given a base fee of ${baseBps} basis points`, () => {
      it('pays exactly that', async () => {
        group = await votedGroup(world, ['A', 'B', 'C'], { shared: { spares: 0n, baseBps } })
        const change = { ...freed, balance: base.due - base.fee, feeOwed: base.fee }
        await expectMoney(
          world,
          {
            ...{ provider: change, rival: change, eve: change },
            requester: { balance: 3n * (SEAT_PRICE - base.due) },
          },
          resolve,
        )
      })
    })
  }

  describe('given that nobody commits', () => {
    it('slashes all, and does not escalate to spares that nothing can draw', async () => {
      group = await votedGroup(world, [null, null, null])
      await expectMoney(
        world,
        {
          provider: slashed,
          rival: slashed,
          eve: slashed,
          requester: { balance: 3n * SEAT_PRICE + SPARES },
          reserve: 3n * SEAT_PRICE,
        },
        resolve,
      )
      await expectStatuses('Rejected', 'Rejected', 'Rejected', 'Cancelled', 'Cancelled', 'Cancelled')
    })
  })

  describe('given a group that is not filled', () => {
    beforeEach(async () => {
      group = await postGroup(world)
      for (const [i, who] of seatsOf(world).slice(0, 2).entries()) await claimSeat(world, group, i, who)
    })

    for (const early of [1n, 0n]) {
      it(`waits ${early} s before claimBy has passed`, async () => {
        const time = group.claimBy - early
        await expectTooEarly(resolveAt(time), group.claimBy + 1n, time)
      })
    }

    // RP-10
    it('gives the seats back for nothing, and cancels the rest', async () => {
      await expectMoney(
        world,
        {
          provider: freed,
          rival: freed,
          requester: { balance: 3n * SEAT_PRICE + SPARES },
        },
        () => resolveAt(group.claimBy + 1n),
      )
      await expectStatuses('Released', 'Released', 'Cancelled', 'Cancelled', 'Cancelled', 'Cancelled')
    })

    it('works as well where somebody cancelled the free seat before', async () => {
      await at(group.claimBy + 1n, () => world.market.cancel(group.jobIds[2] as string))
      await expectMoney(
        world,
        {
          provider: freed,
          rival: freed,
          requester: { balance: 2n * SEAT_PRICE + SPARES },
        },
        resolve,
      )
    })

    it('works as well where somebody cancelled every job that can be, long after', async () => {
      const { market } = world
      await at(group.drawBy + 1n, () => market.cancel(group.jobIds[2] as string))
      for (const jobId of group.jobIds.slice(3)) await market.cancel(jobId)
      await expectMoney(
        world,
        {
          provider: freed,
          rival: freed,
          requester: { balance: 2n * SEAT_PRICE },
        },
        resolve,
      )
    })
  })

  describe('given a group with a missing sibling', () => {
    it('gives everything back after claimBy', async () => {
      group = await draftGroup(world)
      await world.market.connect(world.actors.requester).postMany(group.terms.slice(0, 5))
      await expectTooEarly(resolveAt(group.claimBy), group.claimBy + 1n, group.claimBy)
      await expectMoney(world, { requester: { balance: 5n * SEAT_PRICE } }, () =>
        resolveAt(group.claimBy + 1n),
      )
      await expectStatuses('Cancelled', 'Cancelled', 'Cancelled', 'Cancelled', 'Cancelled', 'None')
    })
  })

  describe('given two groups side by side', () => {
    it('ends one without touching the other, where the same people sit', async () => {
      const people = seatsOf(world)
      const other = await postGroup(world)
      for (const [i, who] of people.entries()) await claimSeat(world, other, i, who)
      group = await votedGroup(world, ['A', 'A', 'B'])
      await vote(world, other, 0, people, ['B', 'B', 'A'])
      await expectMoney(
        world,
        {
          provider: paid,
          rival: paid,
          eve: slashed,
          requester: { balance: SEAT_PRICE + SPARES },
          reserve: SEAT_PRICE,
        },
        resolve,
      )
      expect((await world.replication.groupOf(other.groupId)).phase).to.equal(PHASES.First)
      await world.replication.resolve(other.groupId)
      expect((await world.market.getJob(other.jobIds[0] as string)).resultCommitment).to.equal(resultOf('B'))
    })
  })

  describe('given seats of the lowest price', () => {
    it('pays one unit, without a fee', async () => {
      group = await votedGroup(world, ['A', 'A', 'A'], { terms: { maxPrice: 1n }, ...NO_SPARES })
      const change = { locked: -2_000_128n, active: -1n, balance: 1n }
      await expectMoney(world, { provider: change, rival: change, eve: change }, resolve)
    })
  })

  // RP-12
  describe('given the biggest group', () => {
    const people: Signer[] = []
    const biggest: GroupOptions = {
      shared: { seats: 15n, spares: 15n },
      terms: { maxPrice: 1_000_003n },
    }
    const seatMany = async (from: number, count: number) => {
      for (let i = from; i < from + count; i++) {
        await claimSeat(world, group, i, people[i] as Signer)
      }
    }
    const gasOf = async () => (await (await resolve()).wait())?.gasUsed ?? 0n
    const MOST = hasProbes ? 2n ** 24n : 2n ** 21n

    beforeEach(async () => {
      people.length = 0
      group = await postGroup(world, biggest)
      for (let i = 0; i < 30; i++) {
        const address = ethers.getAddress(ethers.dataSlice(ethers.id(`worker ${i}`), 12))
        people.push(await newcomer(world, address))
      }
      await seatMany(0, 15)
    })

    it('closes it with a majority for little gas', async () => {
      const ballots = [...Array(7).fill('B'), ...Array(8).fill('A')]
      await vote(world, group, 0, people, ballots)
      const gas = await gasOf()
      expect(gas < MOST, `${gas} gas`).to.equal(true)
      expect((await world.market.getJob(group.jobIds[14] as string)).resultCommitment).to.equal(resultOf('A'))
    })

    for (const [end, spares] of [
      [
        'closes it with as many voices as seats',
        Array.from({ length: 15 }, (_, i) => String.fromCharCode(65 + i)),
      ],
      ['closes it with one voice of the spares', Array(15).fill('A')],
    ] as const)
      it(`escalates and ${end} for little gas`, async () => {
        const ballots = Array.from({ length: 15 }, (_, i) => String.fromCharCode(65 + i))
        await vote(world, group, 0, people, ballots)
        const escalation = await gasOf()
        await drawnSeed(world, group)
        await seatMany(15, 15)
        await vote(world, group, 15, people.slice(15), spares)
        const end = await gasOf()
        expect(escalation < MOST && end < MOST, `${escalation} and ${end} gas`).to.equal(true)
        expect((await world.replication.groupOf(group.groupId)).phase).to.equal(PHASES.Closed)
      })
  })

  it('reverts with ReplicationUnknownGroup for an id that is none', async () => {
    const id = ethers.id('no group')
    await expect(world.replication.resolve(id))
      .to.be.revertedWithCustomError(world.replication, 'ReplicationUnknownGroup')
      .withArgs(id)
  })
})
