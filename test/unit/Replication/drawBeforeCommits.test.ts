import { expect } from 'chai'
import type { Signer } from '../../helpers/actors.ts'
import { ethers, networkHelpers } from '../../helpers/chain.ts'
import type { World } from '../../helpers/fixtures.ts'
import {
  commitVote,
  drawnSeed,
  fill,
  type Group,
  isDrawnBy,
  newcomer,
  postGroup,
  replicationMarket,
  revealVote,
  SEAT_BOND,
  seatsOf,
} from '../../helpers/replication.ts'

const DRAW_BITS = 4n

describe('The draw of an escalation', () => {
  let world: World
  let group: Group
  let people: Signer[]

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(replicationMarket)
    people = seatsOf(world)
    group = await postGroup(world, { shared: { drawBits: DRAW_BITS } })
    await fill(world, group, 0, people)
  })

  const commit = (i: number) => commitVote(world, group, i, people[i] as Signer, 'ABC'[i] as string)

  // RP-9
  it('is not fixed before the last commit, so that nobody commits knowing who decides', async () => {
    await commit(0)
    const { targetBlock } = await world.replication.groupOf(group.groupId)
    const latest = BigInt(await networkHelpers.time.latestBlock())
    await networkHelpers.mine(targetBlock - latest)
    await world.replication.captureSeed(group.groupId)
    const receipt = await (await commit(1)).wait()
    const view = await world.replication.groupOf(group.groupId)
    expect(view.targetBlock).to.equal(BigInt(receipt?.blockNumber ?? 0) + 4n)
    expect(view.seed, 'a seed while seats may still commit').to.equal(ethers.ZeroHash)
  })

  it('does not lose its second chance to a block that was not the target yet', async () => {
    await commit(0)
    await networkHelpers.mine(300)
    const sending = world.replication.captureSeed(group.groupId)
    await expect(sending).not.to.emit(world.replication, 'TargetMoved')
  })

  // RP-9
  it('takes nobody who registered when the seed was known', async () => {
    for (const i of [0, 1, 2]) await commit(i)
    const seed = await drawnSeed(world, group)
    let i = 0
    const address = () => ethers.getAddress(ethers.dataSlice(ethers.id(`sybil ${i}`), 12))
    while (!isDrawnBy(seed, address(), DRAW_BITS)) i += 1
    const sybil = await newcomer(world, address(), SEAT_BOND)
    for (const [k, who] of people.entries()) await revealVote(world, group, k, who, 'ABC'[k] as string)
    await world.replication.resolve(group.groupId)
    expect(await world.replication.isDrawn(group.groupId, sybil)).to.equal(false)
  })
})
