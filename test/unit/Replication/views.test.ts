import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import type { World } from '../../helpers/fixtures.ts'
import { packSeat } from '../../helpers/groups.ts'
import { plain } from '../../helpers/plain.ts'
import {
  claimSeat,
  commitmentTo,
  draftGroup,
  drawnSeed,
  escalatedGroup,
  type Group,
  PHASES,
  postGroup,
  replicationMarket,
  resultOf,
  rootOf,
  saltOf,
  seatsOf,
  sparesOf,
  stepsOf,
  votedGroup,
} from '../../helpers/replication.ts'

const { ZeroAddress, ZeroHash } = ethers

describe('Replication, its views', () => {
  let world: World
  let group: Group

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
  })

  describe('groupOf', () => {
    it('is all zero for an unknown group', async () => {
      expect(plain(await world.replication.groupOf(ZeroHash))).to.deep.equal({
        phase: PHASES.None,
        terms: ZeroHash,
        claimBy: 0n,
        posted: 0n,
        claimed: 0n,
        committed: 0n,
        revealed: 0n,
        targetBlock: 0n,
        seed: ZeroHash,
      })
    })

    it('counts what happened', async () => {
      group = await votedGroup(world, ['A', 'B', 'C!'])
      const seed = await drawnSeed(world, group)
      const view = plain(await world.replication.groupOf(group.groupId))
      expect(view).to.deep.equal({
        phase: PHASES.First,
        terms: packSeat({ ...group.shared, index: 0n }),
        claimBy: group.claimBy,
        posted: 6n,
        claimed: 3n,
        committed: 3n,
        revealed: 2n,
        targetBlock: view.targetBlock,
        seed,
      })
    })
  })

  describe('seatOf', () => {
    it('is all zero for an unknown seat', async () => {
      group = await postGroup(world)
      const stranger = await world.replication.seatOf(world.actors.eve, group.jobIds[0] as string)
      expect(plain(stranger)).to.deep.equal({
        groupId: ZeroHash,
        index: 0n,
        provider: ZeroAddress,
        commitment: ZeroHash,
        vote: ZeroHash,
      })
    })

    it('shows a seat that voted', async () => {
      group = await votedGroup(world, ['A', 'A', 'B'])
      const jobId = group.jobIds[2] as string
      const { eve } = world.actors
      expect(plain(await world.replication.seatOf(world.address, jobId))).to.deep.equal({
        groupId: group.groupId,
        index: 2n,
        provider: eve.address,
        commitment: commitmentTo(world, jobId, eve.address, 'B'),
        vote: resultOf('B'),
      })
    })
  })

  describe('jobsOf', () => {
    it('is empty for an unknown group', async () => {
      expect(await world.replication.jobsOf(ZeroHash)).to.deep.equal([])
    })

    it('lists the jobs by index, with zero where one is missing', async () => {
      group = await draftGroup(world)
      const posted = [5, 0, 2].map((i) => group.terms[i] as (typeof group.terms)[number])
      await world.market.connect(world.actors.requester).postMany(posted)
      const expected = group.jobIds.map((jobId, i) => ([0, 2, 5].includes(i) ? jobId : ZeroHash))
      expect(await world.replication.jobsOf(group.groupId)).to.deep.equal(expected)
    })
  })

  describe('isDrawn', () => {
    const isDrawn = (who: Signer) => world.replication.isDrawn(group.groupId, who)

    it('is no before the escalation', async () => {
      group = await votedGroup(world, ['A', 'B', 'C'])
      await drawnSeed(world, group)
      const [spare] = sparesOf(world) as [Signer]
      expect(await isDrawn(spare)).to.equal(false)
    })

    it('is yes for whoever sits nowhere in the group yet', async () => {
      group = await escalatedGroup(world)
      const [one, two] = sparesOf(world) as [Signer, Signer]
      const [seated] = seatsOf(world) as [Signer]
      expect([await isDrawn(one), await isDrawn(two), await isDrawn(seated)]).to.deep.equal([
        true,
        true,
        false,
      ])
      await claimSeat(world, group, 3, one)
      expect([await isDrawn(one), await isDrawn(two)]).to.deep.equal([false, true])
    })

    it('is no for whoever never registered', async () => {
      group = await escalatedGroup(world)
      expect(await isDrawn(world.actors.requester)).to.equal(false)
    })

    it('is no with 64 bits to draw', async () => {
      group = await escalatedGroup(world, ['A', 'B', 'C'], { shared: { drawBits: 64n } })
      const [spare] = sparesOf(world) as [Signer]
      expect(await isDrawn(spare)).to.equal(false)
    })

    it('is no for an unknown group', async () => {
      expect(await world.replication.isDrawn(ethers.id('no group'), world.actors.eve)).to.equal(false)
    })
  })

  describe('commitmentOf', () => {
    // RP-3
    it('is the hash of chain, market, job, provider, root, steps and salt', async () => {
      const jobId = ethers.id('job')
      const { provider } = world.actors
      const actual = await world.replication.commitmentOf(
        world.address,
        jobId,
        provider,
        rootOf('A'),
        stepsOf('A'),
        saltOf(jobId),
      )
      expect(actual).to.equal(commitmentTo(world, jobId, provider.address, 'A'))
    })
  })
})
