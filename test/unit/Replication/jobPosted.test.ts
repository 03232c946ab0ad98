import { expect } from 'chai'
import { expectOutOfRange } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import type { World } from '../../helpers/fixtures.ts'
import type { SeatFields } from '../../helpers/groups.ts'
import { plain } from '../../helpers/plain.ts'
import { claimSeat, draftGroup, PHASES, postGroup, replicationMarket } from '../../helpers/replication.ts'
import type { Terms } from '../../helpers/terms.ts'
import { at } from '../../helpers/time.ts'

describe('Replication.jobPosted', () => {
  let world: World

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
  })

  const post = (terms: Terms) => world.market.connect(world.actors.requester).post(terms)
  const refusesSize = (sending: Promise<unknown>, field: string, size: bigint) =>
    expect(sending)
      .to.be.revertedWithCustomError(world.replication, 'ReplicationWrongSize')
      .withArgs(ethers.encodeBytes32String(field), size, 3n, 15n)
  const first = async (shared: Partial<SeatFields>) => (await draftGroup(world, { shared })).terms[0] as Terms

  describe('given the first sibling of a group', () => {
    // RP-1
    it('opens the group under the id that all siblings share', async () => {
      const group = await draftGroup(world)
      await post(group.terms[0] as Terms)
      const { terms, seed, ...view } = plain(await world.replication.groupOf(group.groupId))
      expect(view).to.deep.equal({
        phase: PHASES.First,
        claimBy: group.claimBy,
        posted: 1n,
        claimed: 0n,
        committed: 0n,
        revealed: 0n,
        targetBlock: 0n,
      })
      expect([terms, seed]).to.deep.equal([(group.terms[0] as Terms).assurance, ethers.ZeroHash])
    })

    it('emits SeatPosted with market, group, job and index', async () => {
      const group = await draftGroup(world)
      await expect(post(group.terms[2] as Terms))
        .to.emit(world.replication, 'SeatPosted')
        .withArgs(world.address, group.groupId, group.jobIds[2], 2n)
    })
  })

  describe('given a spare that comes first', () => {
    it('opens the same group, with the end of claiming of the seats', async () => {
      const group = await draftGroup(world)
      await expect(post(group.terms[5] as Terms))
        .to.emit(world.replication, 'SeatPosted')
        .withArgs(world.address, group.groupId, group.jobIds[5], 5n)
      const view = await world.replication.groupOf(group.groupId)
      expect([view.claimBy, view.terms]).to.deep.equal([group.claimBy, (group.terms[0] as Terms).assurance])
    })
  })

  describe('given a spare whose claimBy is a second off', () => {
    // RP-1
    it('counts it to a group of its own, so that the first is never whole', async () => {
      const group = await draftGroup(world)
      const other = await draftGroup(world, { terms: { ...group.fields, claimBy: group.claimBy + 1n } })
      for (const terms of group.terms.slice(0, 5)) await post(terms)
      await expect(post(other.terms[5] as Terms))
        .to.emit(world.replication, 'SeatPosted')
        .withArgs(world.address, other.groupId, other.jobIds[5], 5n)
      const claim = claimSeat(world, group, 0, world.actors.provider)
      await expect(claim)
        .to.be.revertedWithCustomError(world.replication, 'ReplicationNotPosted')
        .withArgs(group.groupId, 5n, 6n)
    })
  })

  describe('given two groups that differ in the free bits alone', () => {
    it('keeps them apart', async () => {
      const one = await postGroup(world)
      const two = await postGroup(world, { terms: one.fields, shared: { salt: 2n ** 136n - 1n } })
      expect(two.groupId).not.to.equal(one.groupId)
      expect((await world.replication.groupOf(one.groupId)).posted).to.equal(6n)
      expect((await world.replication.groupOf(two.groupId)).posted).to.equal(6n)
    })
  })

  describe('given terms at their bounds', () => {
    const bounds: [keyof SeatFields, bigint, bigint][] = [
      ['drawBits', 0n, 64n],
      ['baseBps', 0n, 10_000n],
      ['commitTime', 1n, 604_800n],
      ['revealTime', 1n, 604_800n],
      ['drawTime', 1n, 604_800n],
    ]
    for (const [field, min, max] of bounds) {
      it(`takes ${field} of ${min} and ${max}`, async () => {
        await post(await first({ [field]: min }))
        await post(await first({ [field]: max }))
      })

      for (const value of [min - 1n, max + 1n].filter((each) => each >= 0n)) {
        it(`refuses ${field} of ${value}`, async () => {
          const sending = post(await first({ [field]: value }))
          await expectOutOfRange(world, sending, field, [value, min, max])
        })
      }
    }

    for (const field of ['seats', 'spares'] as const) {
      for (const size of field === 'seats' ? [3n, 5n, 13n, 15n] : [0n, 3n, 5n, 13n, 15n]) {
        // RP-13
        it(`takes ${field} of ${size}`, async () => {
          await post(await first({ [field]: size }))
        })
      }

      for (const size of [...(field === 'seats' ? [0n] : []), 1n, 2n, 4n, 14n, 16n, 17n, 253n]) {
        // RP-13
        it(`refuses ${field} of ${size}`, async () => {
          await refusesSize(post(await first({ [field]: size })), field, size)
        })
      }
    }

    it('takes the last index and refuses the one behind it', async () => {
      const { terms } = await draftGroup(world)
      await post(terms[5] as Terms)
      const assurance = ethers.toBeHex(BigInt((terms[5] as Terms).assurance) + 1n, 32)
      const sending = post({ ...(terms[5] as Terms), assurance })
      await expectOutOfRange(world, sending, 'index', [6n, 0n, 5n])
    })
  })

  describe('given a group that was closed for a missing sibling', () => {
    it('refuses the sibling that comes too late', async () => {
      const group = await draftGroup(world)
      for (const terms of group.terms.slice(0, 5)) await post(terms)
      await at(group.claimBy + 1n, () => world.replication.resolve(group.groupId))
      await expect(post(group.terms[5] as Terms))
        .to.be.revertedWithCustomError(world.replication, 'ReplicationWrongPhase')
        .withArgs(group.groupId, PHASES.Closed)
    })
  })

  describe('given a caller that is no market', () => {
    it('opens a group of its own, and leaves that of the market alone', async () => {
      const { eve, requester } = world.actors
      const group = await postGroup(world)
      const terms = group.terms[0] as Terms
      const before = plain(await world.replication.groupOf(group.groupId))
      const sending = world.replication.connect(eve).jobPosted(group.jobIds[0] as string, requester, terms)
      await expect(sending).to.emit(world.replication, 'SeatPosted')
      expect(plain(await world.replication.groupOf(group.groupId))).to.deep.equal(before)
    })

    it('reverts with ReplicationSeatTaken for a second job with the same index', async () => {
      const { eve, requester } = world.actors
      const { terms } = await draftGroup(world)
      const replication = world.replication.connect(eve)
      const one = ethers.toBeHex(1n, 32)
      const receipt = await (await replication.jobPosted(one, requester, terms[3] as Terms)).wait()
      const groupId = receipt?.logs[0]?.topics[2]
      await expect(replication.jobPosted(ethers.toBeHex(2n, 32), requester, terms[3] as Terms))
        .to.be.revertedWithCustomError(world.replication, 'ReplicationSeatTaken')
        .withArgs(groupId, 3n)
    })
  })

  describe('given a seat that is metered or private', () => {
    for (const [field, value] of [
      ['meteredBps', 1n],
      ['isPrivate', 1n],
    ] as const) {
      it(`refuses ${field}`, async () => {
        const { terms } = await draftGroup(world, { terms: { [field]: value } })
        await expectOutOfRange(world, post(terms[0] as Terms), field, [value, 0n, 0n])
      })
    }
  })

  describe('given terms that say nothing', () => {
    it('refuses an assurance of zero', async () => {
      const { terms } = await draftGroup(world)
      await refusesSize(post({ ...(terms[0] as Terms), assurance: ethers.ZeroHash }), 'seats', 0n)
    })
  })

  it('undoes a posting that it refuses', async () => {
    const group = await draftGroup(world, { shared: { seats: 4n } })
    await refusesSize(post(group.terms[0] as Terms), 'seats', 4n)
    expect(await world.market.statusOf(group.jobIds[0] as string)).to.equal(0n)
  })
})
