import { expect } from 'chai'
import type { Signer } from '../helpers/actors.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { FUNDS } from '../helpers/defaults.ts'
import { busyMarket, enlist, fund, type World } from '../helpers/fixtures.ts'
import { commitTo, type Group, postGroup, reveal, sit } from '../helpers/groups.ts'
import { type Job, TOTAL_STEPS } from '../helpers/jobs.ts'
import { commitmentOf, word } from '../helpers/terms.ts'
import { travelTo } from '../helpers/time.ts'
import { profitOf } from '../helpers/wealth.ts'

const DRAW_BITS = 5n
const DRAW_DELAY = 4
const WRONG_ROOT = word('a root that nobody computed')

/**
 * The draw of an escalation takes one provider in `2^drawBits`. Whoever knows the seed while providers that may be
 * drawn can still register chooses addresses until they are drawn, and decides both rounds alone.
 */
describe('Registering identities that the draw will take', () => {
  let world: World
  let group: Group

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    const { provider, eve } = world.actors
    await fund(world, eve, FUNDS.stake)
    await enlist(world, eve)
    group = await postGroup(world, { seats: 2n, spares: 1n, drawBits: DRAW_BITS, baseBps: 0n })
    const [honest, lying, spare] = group.jobs as [Job, Job, Job]
    group.jobs = [await sit(world, honest, provider), await sit(world, lying, eve), spare]
  })

  const [HONEST, LYING, SPARE] = [0, 1, 2]
  const job = (index: number) => group.jobs[index] as Job

  /** The first of the attacker's unused addresses that `seed` draws. */
  const grind = (seed: string) => {
    for (let i = 1; ; i++) {
      const wallet = new ethers.Wallet(ethers.toBeHex(i, 32), ethers.provider)
      const lot = BigInt(ethers.solidityPackedKeccak256(['bytes32', 'address'], [seed, wallet.address]))
      if (lot >> (256n - DRAW_BITS) === 0n) return wallet
    }
  }

  /** Whatever the chain shows of the hash that will draw, as soon as it shows it. */
  const seedOf = async () => {
    await networkHelpers.mine(DRAW_DELAY + 1)
    const { targetBlock } = await world.replication.groupOf(group.groupId)
    await world.replication.connect(world.actors.eve).captureSeed(group.groupId)
    const block = await ethers.provider.getBlock(Number(targetBlock))
    return block?.hash as string
  }

  /** A new provider under a ground address, with the attacker's money; registered before claims end. */
  const enlistGround = async (seed: string) => {
    const ground = grind(seed) as unknown as Signer
    await networkHelpers.setBalance(ground.address, 10n ** 20n)
    await fund(world, ground, FUNDS.stake)
    await enlist(world, ground)
    return ground
  }

  const escalate = async () => {
    await reveal(world, job(HONEST))
    await reveal(world, job(LYING), WRONG_ROOT)
    await world.replication.captureSeed(group.groupId)
    await world.replication.resolve(group.groupId)
  }

  /** Takes the spare, and decides for the lie. */
  const takeSpare = async (ground: Signer) => {
    const spare = await sit(world, job(SPARE), ground)
    await commitTo(world, spare, WRONG_ROOT)
    await reveal(world, spare, WRONG_ROOT)
  }

  const attacks: Record<string, () => Promise<string>> = {
    'the seed is captured after the first of two commits': async () => {
      await commitTo(world, job(LYING), WRONG_ROOT)
      const seed = await seedOf()
      await commitTo(world, job(HONEST))
      await networkHelpers.mine(DRAW_DELAY + 1)
      return seed
    },
    'every seat has committed long before claims end': async () => {
      await commitTo(world, job(HONEST))
      await commitTo(world, job(LYING), WRONG_ROOT)
      return seedOf()
    },
  }

  it('lets no seat vote that knows already who will be drawn', async () => {
    const { replication } = world
    await commitTo(world, job(HONEST))
    const known = await seedOf()
    await commitTo(world, job(LYING), WRONG_ROOT)
    const lastCommit = BigInt(await ethers.provider.getBlockNumber())
    await networkHelpers.mine(DRAW_DELAY + 1)
    await escalate()
    const { seed, targetBlock } = await replication.groupOf(group.groupId)
    expect(targetBlock > lastCommit).to.equal(true)
    expect(seed).not.to.equal(known)
  })

  for (const [title, learn] of Object.entries(attacks)) {
    describe(`given that ${title}`, () => {
      it('draws no identity that was registered after the seed was known', async () => {
        const ground = await enlistGround(await learn())
        await escalate()
        expect(await world.replication.isDrawn(group.groupId, ground.address)).to.equal(false)
      })

      it('pays nobody for a result that no honest seat found', async () => {
        const { market, replication, actors } = world
        const ground = await enlistGround(await learn())
        const attackers = [actors.eve.address, ground.address]
        const profit = await profitOf(world, attackers, async () => {
          await escalate()
          const isTaken = await takeSpare(ground).then(
            () => true,
            () => false,
          )
          if (!isTaken) await travelTo(group.drawBy + 1n)
          await replication.resolve(group.groupId)
        })
        expect(profit <= 0n, `the attacker gained ${profit}`).to.equal(true)
        const { resultCommitment } = await market.getJob(job(LYING).jobId)
        expect(resultCommitment).not.to.equal(commitmentOf(WRONG_ROOT, TOTAL_STEPS))
      })
    })
  }
})
