import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import { CONCURRENCY, ENDPOINT, FUNDS, OFFERED } from '../../helpers/defaults.ts'
import { fund, type World } from '../../helpers/fixtures.ts'
import { expectMoney } from '../../helpers/money.ts'
import { plain } from '../../helpers/plain.ts'
import {
  claimSeat,
  draftGroup,
  drawnSeed,
  escalatedGroup,
  fill,
  type Group,
  isDrawnBy,
  newcomer,
  PHASES,
  postGroup,
  replicationMarket,
  SEAT_BOND,
  seatsOf,
  sparesOf,
  vote,
  votedGroup,
} from '../../helpers/replication.ts'
import { statusNumber } from '../../helpers/statuses.ts'
import { at } from '../../helpers/time.ts'

describe('Replication.jobClaimed', () => {
  let world: World
  let group: Group

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
  })

  const refuses = (sending: Promise<unknown>, error: string, values: unknown[]) =>
    expect(sending)
      .to.be.revertedWithCustomError(world.replication, error)
      .withArgs(...values)

  describe('given a whole group', () => {
    beforeEach(async () => {
      group = await postGroup(world)
    })

    it('seats the provider and emits SeatClaimed', async () => {
      const { provider } = world.actors
      await expect(claimSeat(world, group, 1, provider))
        .to.emit(world.replication, 'SeatClaimed')
        .withArgs(group.groupId, group.jobIds[1], provider.address)
      expect(plain(await world.replication.seatOf(world.address, group.jobIds[1] as string))).to.deep.equal({
        groupId: group.groupId,
        index: 1n,
        provider: provider.address,
        commitment: ethers.ZeroHash,
        vote: ethers.ZeroHash,
      })
      expect((await world.replication.groupOf(group.groupId)).claimed).to.equal(1n)
      expect(await world.market.statusOf(group.jobIds[1] as string)).to.equal(statusNumber('Seated'))
    })

    it('locks the whole bond', async () => {
      await expectMoney(world, { provider: { locked: SEAT_BOND, active: 1n } }, () =>
        claimSeat(world, group, 0, world.actors.provider),
      )
    })

    // RP-2
    it('refuses a second seat to the same provider', async () => {
      const { provider } = world.actors
      await claimSeat(world, group, 0, provider)
      await refuses(claimSeat(world, group, 1, provider), 'ReplicationAlreadySeated', [
        group.groupId,
        provider.address,
      ])
    })

    it('takes the claim at claimBy', async () => {
      await at(group.claimBy, () => claimSeat(world, group, 0, world.actors.provider))
    })

    it('is never asked after claimBy', async () => {
      const sending = at(group.claimBy + 1n, () => claimSeat(world, group, 0, world.actors.provider))
      await expect(sending)
        .to.be.revertedWithCustomError(world.market, 'JobMarketDeadlinePassed')
        .withArgs(group.jobIds[0], group.claimBy, group.claimBy + 1n)
    })

    it('refuses a spare while the first round runs', async () => {
      const [spare] = sparesOf(world)
      await refuses(claimSeat(world, group, 3, spare as Signer), 'ReplicationWrongPhase', [
        group.groupId,
        PHASES.First,
      ])
    })
  })

  describe('given a group with a missing sibling', () => {
    for (const missing of [0, 2, 3, 5]) {
      // RP-1
      it(`refuses every claim while the one with index ${missing} is not posted`, async () => {
        group = await draftGroup(world)
        const { market, actors } = world
        await market.connect(actors.requester).postMany(group.terms.filter((_, i) => i !== missing))
        const index = missing === 1 ? 0 : 1
        await refuses(claimSeat(world, group, index, actors.provider), 'ReplicationNotPosted', [
          group.groupId,
          5n,
          6n,
        ])
      })
    }
  })

  describe('given a group that was closed', () => {
    it('refuses a spare whose claims would still run', async () => {
      group = await votedGroup(world, ['A', 'A', 'A'])
      await world.replication.resolve(group.groupId)
      const [spare] = sparesOf(world)
      await expect(claimSeat(world, group, 3, spare as Signer)).to.be.revertedWithCustomError(
        world.market,
        'JobMarketWrongStatus',
      )
    })
  })

  describe('given an escalated group that everybody may decide', () => {
    beforeEach(async () => {
      group = await escalatedGroup(world)
    })

    it('seats a spare and emits SeatClaimed', async () => {
      const [spare] = sparesOf(world)
      await expect(claimSeat(world, group, 3, spare as Signer))
        .to.emit(world.replication, 'SeatClaimed')
        .withArgs(group.groupId, group.jobIds[3], spare?.address)
    })

    // RP-2
    it('refuses a spare to a provider of the first round', async () => {
      const [first] = seatsOf(world)
      await refuses(claimSeat(world, group, 3, first as Signer), 'ReplicationAlreadySeated', [
        group.groupId,
        first?.address,
      ])
    })

    // RP-2
    it('refuses a second spare to the same provider', async () => {
      const [spare] = sparesOf(world)
      await claimSeat(world, group, 3, spare as Signer)
      await refuses(claimSeat(world, group, 4, spare as Signer), 'ReplicationAlreadySeated', [
        group.groupId,
        spare?.address,
      ])
    })

    it('takes the claim at drawBy and not a second later', async () => {
      const [one, two] = sparesOf(world)
      await at(group.drawBy, () => claimSeat(world, group, 3, one as Signer))
      await expect(at(group.drawBy + 1n, () => claimSeat(world, group, 4, two as Signer)))
        .to.be.revertedWithCustomError(world.market, 'JobMarketDeadlinePassed')
        .withArgs(group.jobIds[4], group.drawBy, group.drawBy + 1n)
    })
  })

  describe('given an escalated group whose seed is not captured', () => {
    it('refuses every spare', async () => {
      group = await votedGroup(world, ['A', 'B', 'C'])
      await world.replication.resolve(group.groupId)
      expect((await world.replication.groupOf(group.groupId)).seed).to.equal(ethers.ZeroHash)
      const [spare] = sparesOf(world)
      await refuses(claimSeat(world, group, 3, spare as Signer), 'ReplicationNotDrawn', [
        group.groupId,
        spare?.address,
      ])
    })
  })

  describe('given an escalated group that one in four may decide', () => {
    let people: string[]
    const address = (i: number) => ethers.getAddress(ethers.dataSlice(ethers.id(`candidate ${i}`), 12))

    beforeEach(async () => {
      people = Array.from({ length: 24 }, (_, i) => address(i))
      // registered before the last seat commits
      for (const each of people) await newcomer(world, each, SEAT_BOND)
      group = await votedGroup(world, ['A', 'B', 'C'], { shared: { drawBits: 2n } })
      await world.replication.resolve(group.groupId)
    })

    // RP-9
    it('seats those whose lot is below the threshold and no others', async () => {
      const seed = await drawnSeed(world, group)
      const drawn = people.filter((each) => isDrawnBy(seed, each, 2n))
      const others = people.filter((each) => !isDrawnBy(seed, each, 2n))
      expect(drawn.length > 0 && others.length > 0).to.equal(true)
      for (const each of people) {
        expect(await world.replication.isDrawn(group.groupId, each), each).to.equal(drawn.includes(each))
      }
      const one = await ethers.getImpersonatedSigner(others[0] as string)
      await refuses(claimSeat(world, group, 3, one), 'ReplicationNotDrawn', [group.groupId, one.address])
      const two = await ethers.getImpersonatedSigner(drawn[0] as string)
      await claimSeat(world, group, 3, two)
    })
  })

  describe('given a provider that registers around the end of claiming', () => {
    const isSeated = async (delay: bigint) => {
      group = await postGroup(world)
      const people = seatsOf(world)
      await fill(world, group, 0, people)
      const late = (await ethers.getSigners())[8] as Signer
      await fund(world, late, FUNDS.stake)
      await at(group.claimBy + delay, () =>
        world.market.connect(late).updateProvider(OFFERED, CONCURRENCY, ENDPOINT, ethers.ZeroHash),
      )
      await world.market.connect(late).stake(FUNDS.stake)
      await vote(world, group, 0, people, ['A', 'B', 'C'])
      await world.replication.resolve(group.groupId)
      await drawnSeed(world, group)
      return claimSeat(world, group, 3, late)
    }

    for (const delay of [-1n, 0n]) {
      it(`seats it ${-delay} s before claimBy has passed`, async () => {
        await expect(isSeated(delay)).to.emit(world.replication, 'SeatClaimed')
      })
    }

    // RP-9
    it('refuses it a second later, and one that never registered', async () => {
      const sending = isSeated(1n)
      await expect(sending).to.be.revertedWithCustomError(world.replication, 'ReplicationNotDrawn')
      const nobody = ethers.getAddress(ethers.toBeHex(1n, 20))
      expect(await world.replication.isDrawn(group.groupId, nobody)).to.equal(false)
    })
  })

  describe('given a job that is no seat', () => {
    it('reverts with ReplicationUnknownSeat', async () => {
      const { eve } = world.actors
      group = await postGroup(world)
      const jobId = group.jobIds[0] as string
      await refuses(world.replication.connect(eve).jobClaimed(jobId, eve), 'ReplicationUnknownSeat', [
        eve.address,
        jobId,
      ])
    })
  })
})
