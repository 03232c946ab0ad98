import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import type { World } from '../../helpers/fixtures.ts'
import { expectMoney } from '../../helpers/money.ts'
import {
  commitmentTo,
  commitVote,
  escalatedGroup,
  fill,
  type Group,
  PHASES,
  postGroup,
  replicationMarket,
  resultOf,
  revealVote,
  rootOf,
  SEAT_BOND,
  SEAT_PRICE,
  saltOf,
  seatsOf,
  sparesOf,
  stepsOf,
  votedGroup,
} from '../../helpers/replication.ts'
import { at } from '../../helpers/time.ts'

describe('Replication.reveal', () => {
  let world: World
  let group: Group
  let people: Signer[]
  let first: Signer
  let jobId: string

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
    people = seatsOf(world)
    first = people[0] as Signer
  })

  const refuses = (sending: Promise<unknown>, error: string, values: unknown[]) =>
    expect(sending)
      .to.be.revertedWithCustomError(world.replication, error)
      .withArgs(...values)
  const reveal = (index = 0, who = first, vote = 'A') => revealVote(world, group, index, who, vote)
  const start = async (commits: number) => {
    group = await postGroup(world)
    jobId = group.jobIds[0] as string
    await fill(world, group, 0, people)
    for (const [i, who] of people.slice(0, commits).entries()) await commitVote(world, group, i, who, 'A')
  }

  describe('given that every seat has committed', () => {
    beforeEach(() => start(3))

    it('keeps the vote and emits ResultRevealed, long before commitBy', async () => {
      await expect(reveal())
        .to.emit(world.replication, 'ResultRevealed')
        .withArgs(group.groupId, jobId, first.address, rootOf('A'), stepsOf('A'))
      expect((await world.replication.seatOf(world.address, jobId)).vote).to.equal(resultOf('A'))
      expect((await world.replication.groupOf(group.groupId)).revealed).to.equal(1n)
    })

    for (const early of [1n, 0n]) {
      it(`takes it ${early} s before revealBy has passed`, async () => {
        await at(group.revealBy - early, () => reveal())
      })
    }

    it('refuses it a second after revealBy', async () => {
      const time = group.revealBy + 1n
      const values = [group.groupId, group.revealBy, time]
      await refuses(
        at(time, () => reveal()),
        'ReplicationDeadlinePassed',
        values,
      )
    })

    it('refuses a second one of the same seat', async () => {
      await reveal()
      await refuses(reveal(), 'ReplicationRevealed', [jobId])
    })

    it('refuses another provider', async () => {
      const values = [jobId, people[1]?.address, first.address]
      await refuses(reveal(0, people[1]), 'ReplicationNotProvider', values)
    })

    const wrong: [string, string, bigint, string][] = [
      ['root', rootOf('B'), stepsOf('A'), 'salt'],
      ['number of steps', rootOf('A'), stepsOf('A') + 1n, 'salt'],
      ['salt', rootOf('A'), stepsOf('A'), 'other'],
    ]
    for (const [what, root, steps, salt] of wrong) {
      it(`refuses another ${what} than was committed`, async () => {
        const { replication, address } = world
        const used = salt === 'salt' ? saltOf(jobId) : ethers.id(salt)
        const actual = await replication.commitmentOf(address, jobId, first, root, steps, used)
        const values = [jobId, actual, commitmentTo(world, jobId, first.address, 'A')]
        const sending = replication.connect(first).reveal(address, jobId, root, steps, used)
        await refuses(sending, 'ReplicationWrongReveal', values)
      })
    }

    it('takes 2^128 - 1 steps', async () => {
      const { replication, address } = world
      group = await postGroup(world)
      jobId = group.jobIds[0] as string
      await fill(world, group, 0, people)
      const steps = 2n ** 128n - 1n
      const types = ['bytes32', 'uint128']
      for (const [i, who] of people.entries()) {
        const id = group.jobIds[i] as string
        const of = await replication.commitmentOf(address, id, who, rootOf('A'), steps, saltOf(id))
        await replication.connect(who).commit(address, id, of)
      }
      await replication.connect(first).reveal(address, jobId, rootOf('A'), steps, saltOf(jobId))
      expect((await replication.seatOf(address, jobId)).vote).to.equal(
        ethers.solidityPackedKeccak256(types, [rootOf('A'), steps]),
      )
    })
  })

  describe('given a seat that copied the commitment of another', () => {
    it('cannot open it, even when it knows what the other revealed', async () => {
      await start(1)
      const [, rival, third] = people as [Signer, Signer, Signer]
      const copied = commitmentTo(world, jobId, first.address, 'A')
      const other = group.jobIds[1] as string
      await world.replication.connect(rival).commit(world.address, other, copied)
      await commitVote(world, group, 2, third, 'A')
      await reveal()
      const sending = world.replication
        .connect(rival)
        .reveal(world.address, other, rootOf('A'), stepsOf('A'), saltOf(jobId))
      await expect(sending).to.be.revertedWithCustomError(world.replication, 'ReplicationWrongReveal')
    })
  })

  // RP-4
  describe('given that one seat has not committed', () => {
    beforeEach(() => start(2))

    for (const early of [1n, 0n]) {
      it(`refuses it ${early} s before commitBy has passed`, async () => {
        const time = group.commitBy - early
        const values = [group.groupId, group.commitBy + 1n, time]
        await refuses(
          at(time, () => reveal()),
          'ReplicationTooEarly',
          values,
        )
      })
    }

    it('takes it a second after commitBy', async () => {
      await at(group.commitBy + 1n, () => reveal())
    })

    it('refuses the seat that has nothing to open', async () => {
      const third = people[2] as Signer
      const id = group.jobIds[2] as string
      const values = [id, commitmentTo(world, id, third.address, 'A'), ethers.ZeroHash]
      await refuses(
        at(group.commitBy + 1n, () => reveal(2, third)),
        'ReplicationWrongReveal',
        values,
      )
    })
  })

  describe('given that all seats claimed so far have committed, but one is free', () => {
    beforeEach(async () => {
      group = await postGroup(world)
      await fill(world, group, 0, people.slice(0, 2))
      for (const [i, who] of people.slice(0, 2).entries()) await commitVote(world, group, i, who, 'A')
    })

    // RP-4
    it('refuses it: the last one must not know what to vote', async () => {
      await refuses(reveal(), 'ReplicationNotFilled', [group.groupId, 2n, 3n])
    })

    // RP-10
    it('refuses it after commitBy, too: nothing is paid for a vote that cannot be counted', async () => {
      const { owner } = world.actors
      const late = at(group.commitBy + 1n, () => reveal())
      await refuses(late, 'ReplicationNotFilled', [group.groupId, 2n, 3n])
      const freed = { locked: -SEAT_BOND, active: -1n }
      await expectMoney(
        world,
        { provider: freed, rival: freed, requester: { balance: 6n * SEAT_PRICE } },
        () => world.replication.connect(owner).resolve(group.groupId),
      )
    })
  })

  describe('given an escalated group', () => {
    let spares: Signer[]

    beforeEach(async () => {
      group = await escalatedGroup(world, ['A', 'B', 'C!'])
      spares = sparesOf(world)
      await fill(world, group, 3, spares)
      for (const [i, who] of spares.entries()) await commitVote(world, group, 3 + i, who, 'A')
    })

    it('refuses a seat of the first round', async () => {
      await refuses(reveal(2, people[2], 'C'), 'ReplicationWrongPhase', [group.groupId, PHASES.Escalated])
    })

    for (const early of [1n, 0n]) {
      it(`takes it of a spare ${early} s before its revealBy has passed`, async () => {
        await at(group.spareRevealBy - early, () => reveal(3, spares[0]))
      })
    }

    it('refuses it a second later', async () => {
      const time = group.spareRevealBy + 1n
      await refuses(
        at(time, () => reveal(3, spares[0])),
        'ReplicationDeadlinePassed',
        [group.groupId, group.spareRevealBy, time],
      )
    })
  })

  describe('given an escalated group of which one spare is free', () => {
    // RP-10
    it('refuses it, even after commitBy', async () => {
      group = await escalatedGroup(world)
      const spares = sparesOf(world).slice(0, 2)
      await fill(world, group, 3, spares)
      for (const [i, who] of spares.entries()) await commitVote(world, group, 3 + i, who, 'A')
      const late = at(group.spareCommitBy + 1n, () => reveal(3, spares[0]))
      await refuses(late, 'ReplicationNotFilled', [group.groupId, 2n, 3n])
    })
  })

  describe('given a group that is closed', () => {
    it('refuses it', async () => {
      group = await votedGroup(world, ['A', 'A', 'A!'])
      await at(group.revealBy + 1n, () => world.replication.resolve(group.groupId))
      await refuses(reveal(2, people[2]), 'ReplicationWrongPhase', [group.groupId, PHASES.Closed])
    })
  })
})
