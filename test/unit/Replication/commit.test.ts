import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { expectOutOfRange } from '../../helpers/assertions.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import type { World } from '../../helpers/fixtures.ts'
import {
  claimSeat,
  commitmentTo,
  commitVote,
  escalatedGroup,
  fill,
  type Group,
  PHASES,
  postGroup,
  replicationMarket,
  seatsOf,
  sparesOf,
  votedGroup,
} from '../../helpers/replication.ts'
import { at } from '../../helpers/time.ts'

describe('Replication.commit', () => {
  let world: World
  let group: Group
  let people: Signer[]
  let spares: Signer[]

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
    people = seatsOf(world)
    spares = sparesOf(world)
  })

  const refuses = (sending: Promise<unknown>, error: string, values: unknown[]) =>
    expect(sending)
      .to.be.revertedWithCustomError(world.replication, error)
      .withArgs(...values)
  const commit = (index: number, who: Signer, vote = 'A') => commitVote(world, group, index, who, vote)

  describe('given a filled group', () => {
    let provider: Signer
    let rival: Signer

    beforeEach(async () => {
      group = await postGroup(world)
      await fill(world, group, 0, people)
      ;[provider, rival] = people as [Signer, Signer]
    })

    it('keeps the commitment and emits ResultCommitted', async () => {
      const jobId = group.jobIds[0] as string
      const commitment = commitmentTo(world, jobId, provider.address, 'A')
      await expect(commit(0, provider))
        .to.emit(world.replication, 'ResultCommitted')
        .withArgs(group.groupId, jobId, commitment)
      expect((await world.replication.seatOf(world.address, jobId)).commitment).to.equal(commitment)
      expect((await world.replication.groupOf(group.groupId)).committed).to.equal(1n)
    })

    it('moves the target to four blocks after the last commit', async () => {
      for (const [i, who] of people.entries()) {
        const receipt = await (await commit(i, who)).wait()
        const { targetBlock } = await world.replication.groupOf(group.groupId)
        expect(targetBlock).to.equal(BigInt(receipt?.blockNumber ?? 0) + 4n)
      }
    })

    for (const early of [1n, 0n]) {
      it(`takes it ${early} s before commitBy has passed`, async () => {
        await at(group.commitBy - early, () => commit(0, provider))
      })
    }

    // RP-3
    it('refuses it a second after commitBy', async () => {
      const values = [group.groupId, group.commitBy, group.commitBy + 1n]
      await refuses(
        at(group.commitBy + 1n, () => commit(0, provider)),
        'ReplicationDeadlinePassed',
        values,
      )
    })

    // RP-3
    it('refuses a second one of the same seat', async () => {
      await commit(0, provider)
      await refuses(commit(0, provider, 'B'), 'ReplicationCommitted', [group.jobIds[0]])
    })

    it('refuses a zero commitment', async () => {
      const sending = world.replication
        .connect(provider)
        .commit(world.address, group.jobIds[0] as string, ethers.ZeroHash)
      await expectOutOfRange(world, sending, 'commitment', [0n, 1n, 2n ** 256n - 1n])
    })

    it('refuses another seat of the group', async () => {
      const values = [group.jobIds[0], rival.address, provider.address]
      await refuses(commit(0, rival), 'ReplicationNotProvider', values)
    })

    it('refuses a market that has no such seat', async () => {
      const { replication, actors } = world
      const commitment = ethers.id('commitment')
      const sending = replication.connect(provider).commit(actors.eve, group.jobIds[0] as string, commitment)
      await expect(sending).to.be.revertedWithCustomError(replication, 'ReplicationUnknownSeat')
    })
  })

  describe('given a seat that nobody claimed', () => {
    it('refuses everybody', async () => {
      group = await postGroup(world)
      const [provider] = people as [Signer]
      const values = [group.jobIds[0], provider.address, ethers.ZeroAddress]
      await refuses(commit(0, provider), 'ReplicationNotProvider', values)
    })
  })

  describe('given a seat before the group is filled', () => {
    it('takes the commitment at once', async () => {
      group = await postGroup(world)
      const [provider] = people as [Signer]
      await claimSeat(world, group, 0, provider)
      await commit(0, provider)
      expect((await world.replication.groupOf(group.groupId)).committed).to.equal(1n)
    })
  })

  describe('given an escalated group', () => {
    beforeEach(async () => {
      group = await escalatedGroup(world, ['A', 'B', null])
      await fill(world, group, 3, spares)
    })

    it('takes it of a spare, without moving the target', async () => {
      const before = await world.replication.groupOf(group.groupId)
      await commit(3, spares[0] as Signer)
      const after = await world.replication.groupOf(group.groupId)
      expect([after.committed, after.targetBlock, after.seed]).to.deep.equal([
        1n,
        before.targetBlock,
        before.seed,
      ])
    })

    it('refuses a seat of the first round that was silent', async () => {
      await refuses(commit(2, people[2] as Signer), 'ReplicationWrongPhase', [
        group.groupId,
        PHASES.Escalated,
      ])
    })

    for (const early of [1n, 0n]) {
      it(`takes it ${early} s before the spares' commitBy has passed`, async () => {
        await at(group.spareCommitBy - early, () => commit(3, spares[0] as Signer))
      })
    }

    it("refuses it a second after the spares' commitBy", async () => {
      const time = group.spareCommitBy + 1n
      const values = [group.groupId, group.spareCommitBy, time]
      await refuses(
        at(time, () => commit(3, spares[0] as Signer)),
        'ReplicationDeadlinePassed',
        values,
      )
    })
  })

  describe('given a group that is closed', () => {
    it('refuses a seat that committed nothing', async () => {
      group = await votedGroup(world, ['A', 'A', null])
      await at(group.revealBy + 1n, () => world.replication.resolve(group.groupId))
      await refuses(commit(2, people[2] as Signer), 'ReplicationWrongPhase', [group.groupId, PHASES.Closed])
    })
  })
})
