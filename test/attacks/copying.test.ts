import { expect } from 'chai'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { commitTo, type Group, reveal, seatedGroup } from '../helpers/groups.ts'
import { chainId, type Job, RESULT_ROOT, TOTAL_STEPS } from '../helpers/jobs.ts'
import { feeOf, min } from '../helpers/reference.ts'
import { commitmentOf, word } from '../helpers/terms.ts'
import { travelTo } from '../helpers/time.ts'
import { profitOf, recruit } from '../helpers/wealth.ts'

/** A seat that does not compute, and wants to be paid for what another seat found. */
describe('Copying the result of another seat', () => {
  let world: World
  let group: Group

  const seat = (index: number) => group.jobs[index] as Job
  const SALT = word('salt')

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    const [third] = await recruit(world, 1)
    const { provider, rival } = world.actors
    const workers = [provider, third as typeof provider, rival]
    group = await seatedGroup(world, workers, {}, { terms: { ramp: 0n } })
  })

  const [HONEST, OTHER, COPIER] = [0, 1, 2]
  const copier = () => world.replication.connect(world.actors.rival)
  const priceAndBond = async () => world.market.getJob(seat(COPIER).jobId)

  /** What copying brings the copier, from its commitment to the end of the group. */
  const profit = async (commit: () => Promise<unknown>, open: () => Promise<unknown>) =>
    profitOf(world, [world.actors.rival.address], async () => {
      await commitTo(world, seat(HONEST))
      await commitTo(world, seat(OTHER))
      await commit()
      await reveal(world, seat(HONEST))
      await reveal(world, seat(OTHER))
      await open()
      await travelTo(group.revealBy + 1n)
      await world.replication.resolve(group.groupId)
    })

  it('by its commitment: nobody but the one who made it can open it, and the copier loses its price', async () => {
    const { price, bond } = await priceAndBond()
    const { commitment } = await (async () => {
      await commitTo(world, seat(HONEST))
      return world.replication.seatOf(world.address, seat(HONEST).jobId)
    })()
    const gained = await profitOf(world, [world.actors.rival.address], async () => {
      await copier().commit(world.address, seat(COPIER).jobId, commitment)
      await commitTo(world, seat(OTHER))
      await reveal(world, seat(HONEST))
      await reveal(world, seat(OTHER))
      const same = copier().reveal(world.address, seat(COPIER).jobId, RESULT_ROOT, TOTAL_STEPS, SALT)
      await expect(same).to.be.revertedWithCustomError(world.replication, 'ReplicationWrongReveal')
      await travelTo(group.revealBy + 1n)
      await world.replication.resolve(group.groupId)
    })
    expect(gained).to.equal(-min(price, bond))
  })

  it('by its reveal: what was committed before cannot be exchanged', async () => {
    const { price, bond } = await priceAndBond()
    const gained = await profit(
      () => commitTo(world, seat(COPIER), word('a guess')),
      async () => {
        for (const salt of [SALT, ethers.ZeroHash]) {
          const late = copier().reveal(world.address, seat(COPIER).jobId, RESULT_ROOT, TOTAL_STEPS, salt)
          await expect(late).to.be.revertedWithCustomError(world.replication, 'ReplicationWrongReveal')
        }
        const again = commitTo(world, seat(COPIER))
        await expect(again).to.be.revertedWithCustomError(world.replication, 'ReplicationCommitted')
        await reveal(world, seat(COPIER), word('a guess'))
      },
    )
    expect(gained).to.equal(-min(price, bond))
  })

  it('by its reveal, without a commitment: nobody reveals before all have committed or may no more', async () => {
    const { price, bond } = await priceAndBond()
    const gained = await profitOf(world, [world.actors.rival.address], async () => {
      await commitTo(world, seat(HONEST))
      await commitTo(world, seat(OTHER))
      const early = reveal(world, seat(HONEST))
      await expect(early).to.be.revertedWithCustomError(world.replication, 'ReplicationTooEarly')
      await travelTo(group.commitBy + 1n)
      await reveal(world, seat(HONEST))
      const late = commitTo(world, seat(COPIER))
      await expect(late).to.be.revertedWithCustomError(world.replication, 'ReplicationDeadlinePassed')
      const bare = reveal(world, seat(COPIER))
      await expect(bare).to.be.revertedWithCustomError(world.replication, 'ReplicationWrongReveal')
      await reveal(world, seat(OTHER))
      await travelTo(group.revealBy + 1n)
      await world.replication.resolve(group.groupId)
    })
    expect(gained).to.equal(-min(price, bond))
  })

  // RP-3
  it('in another job, market or chain: a commitment names all of them', async () => {
    const { replication, address, actors } = world
    const { provider, rival } = actors
    const { jobId } = seat(HONEST)
    const of = (...values: [bigint, string, string, string]) =>
      ethers.keccak256(
        ethers.AbiCoder.defaultAbiCoder().encode(
          ['uint256', 'address', 'bytes32', 'address', 'bytes32', 'uint128', 'bytes32'],
          [...values, RESULT_ROOT, TOTAL_STEPS, SALT],
        ),
      )
    await commitTo(world, seat(HONEST))
    const { commitment } = await replication.seatOf(address, jobId)
    expect(commitment).to.equal(of(chainId, address, jobId, provider.address))
    for (const other of [
      of(1n, address, jobId, provider.address),
      of(chainId, rival.address, jobId, provider.address),
      of(chainId, address, seat(COPIER).jobId, provider.address),
      of(chainId, address, jobId, rival.address),
    ]) {
      expect(other).not.to.equal(commitment)
    }
  })

  describe('given an answer of which there are two', () => {
    const ANSWERS = [RESULT_ROOT, word('the other answer')]

    /** What a copier can try without the salt: every answer with every salt it has seen or would guess. */
    const guess = async (commitment: string) => {
      const { replication, address, actors } = world
      const { jobId } = seat(HONEST)
      const salts = [
        ethers.ZeroHash,
        jobId,
        commitment,
        word(''),
        ethers.toBeHex(1, 32),
        address.padEnd(66, '0'),
      ]
      for (const answer of ANSWERS) {
        if (commitment === commitmentOf(answer, TOTAL_STEPS)) return answer
        for (const salt of salts) {
          const words = [address, jobId, actors.provider.address, answer, TOTAL_STEPS, salt] as const
          if (commitment === (await replication.commitmentOf(...words))) return answer
        }
      }
      return undefined
    }

    it('finds neither in a commitment: trying all answers opens nothing without the salt', async () => {
      await commitTo(world, seat(HONEST))
      const { commitment } = await world.replication.seatOf(world.address, seat(HONEST).jobId)
      expect(await guess(commitment)).to.equal(undefined)
    })

    it('shows no two seats with the same answer alike', async () => {
      for (const index of [HONEST, OTHER, COPIER]) await commitTo(world, seat(index))
      const seen = new Set<string>()
      for (const { jobId } of group.jobs) {
        seen.add((await world.replication.seatOf(world.address, jobId)).commitment)
      }
      expect(seen.size).to.equal(3)
    })

    it('leaves a coin to toss: over both answers a copier loses what it gains, and the fee', async () => {
      const { price, bond } = await priceAndBond()
      let sum = 0n
      for (const answer of ANSWERS) {
        const snapshot = await networkHelpers.takeSnapshot()
        sum += await profit(
          () => commitTo(world, seat(COPIER), answer),
          () => reveal(world, seat(COPIER), answer),
        )
        await snapshot.restore()
      }
      const fee = feeOf(price, world.parameters.feeBps)
      expect(sum).to.equal(price - fee - min(price, bond))
      expect(sum <= 0n).to.equal(true)
    })
  })
})
