import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import type { World } from '../../helpers/fixtures.ts'
import {
  commitVote,
  fill,
  type Group,
  postGroup,
  replicationMarket,
  revealVote,
  seatsOf,
} from '../../helpers/replication.ts'

describe('Replication.captureSeed', () => {
  let world: World
  let group: Group
  let target: bigint
  let people: Signer[]

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
    people = seatsOf(world)
    group = await postGroup(world)
  })

  const commitAll = async () => {
    await fill(world, group, 0, people)
    for (const [i, who] of people.entries()) await commitVote(world, group, i, who, 'ABC'[i] as string)
    target = (await world.replication.groupOf(group.groupId)).targetBlock
  }
  /** Sends in the block of that number. */
  const inBlock = async <T>(number: bigint, send: () => Promise<T>): Promise<T> => {
    const latest = BigInt(await networkHelpers.time.latestBlock())
    if (number - 1n > latest) await networkHelpers.mine(number - 1n - latest)
    return send()
  }
  const capture = () => world.replication.captureSeed(group.groupId)
  const seedOf = async () => (await world.replication.groupOf(group.groupId)).seed
  const hashOf = async (number: bigint) => (await ethers.provider.getBlock(Number(number)))?.hash

  describe('given a group without a commit', () => {
    it('does nothing', async () => {
      await expect(capture()).not.to.emit(world.replication, 'SeedCaptured')
      expect(await seedOf()).to.equal(ethers.ZeroHash)
    })
  })

  describe('given a target block', () => {
    beforeEach(commitAll)

    for (const early of [1n, 0n]) {
      it(`does nothing ${early} blocks before it is past`, async () => {
        const sending = inBlock(target - early, capture)
        await expect(sending).not.to.emit(world.replication, 'SeedCaptured')
        expect(await seedOf()).to.equal(ethers.ZeroHash)
      })
    }

    for (const late of [1n, 256n]) {
      it(`keeps its hash ${late} blocks later and emits SeedCaptured`, async () => {
        const sending = await inBlock(target + late, capture)
        await expect(sending)
          .to.emit(world.replication, 'SeedCaptured')
          .withArgs(group.groupId, target, await hashOf(target))
        expect(await seedOf()).to.equal(await hashOf(target))
      })
    }

    it('keeps it for good', async () => {
      await inBlock(target + 1n, capture)
      const seed = await seedOf()
      await expect(inBlock(target + 300n, capture)).not.to.emit(world.replication, 'TargetMoved')
      expect(await seedOf()).to.equal(seed)
    })

    // RP-9
    it('moves the target once when it was missed', async () => {
      await expect(inBlock(target + 257n, capture))
        .to.emit(world.replication, 'TargetMoved')
        .withArgs(group.groupId, target + 261n)
      const moved = target + 261n
      await expect(inBlock(moved + 1n, capture)).to.emit(world.replication, 'SeedCaptured')
      expect(await seedOf()).to.equal(await hashOf(moved))
    })

    // RP-9
    it('does nothing when it was missed twice', async () => {
      await inBlock(target + 257n, capture)
      const moved = target + 261n
      const sending = inBlock(moved + 257n, capture)
      await expect(sending).not.to.emit(world.replication, 'TargetMoved')
      const view = await world.replication.groupOf(group.groupId)
      expect([view.targetBlock, view.seed]).to.deep.equal([moved, ethers.ZeroHash])
    })

    it('is done by a reveal', async () => {
      const [provider] = people as [Signer]
      const sending = await inBlock(target + 1n, () => revealVote(world, group, 0, provider, 'A'))
      await expect(sending)
        .to.emit(world.replication, 'SeedCaptured')
        .withArgs(group.groupId, target, await hashOf(target))
    })

    it('moves the target by a reveal that comes too late for it', async () => {
      const [provider] = people as [Signer]
      await expect(inBlock(target + 257n, () => revealVote(world, group, 0, provider, 'A')))
        .to.emit(world.replication, 'TargetMoved')
        .withArgs(group.groupId, target + 261n)
    })
  })

  it('reverts with ReplicationUnknownGroup for an id that is none', async () => {
    const id = ethers.id('no group')
    await expect(world.replication.captureSeed(id))
      .to.be.revertedWithCustomError(world.replication, 'ReplicationUnknownGroup')
      .withArgs(id)
  })
})
