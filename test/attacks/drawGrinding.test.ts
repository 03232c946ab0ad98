import { expect } from 'chai'
import type { Wallet } from 'ethers'
import type { Signer } from '../helpers/actors.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { FUNDS } from '../helpers/defaults.ts'
import { busyMarket, enlist, fund, type World } from '../helpers/fixtures.ts'
import { commitTo, type Group, postGroup, reveal, sit, vote } from '../helpers/groups.ts'
import { type Job, TOTAL_STEPS } from '../helpers/jobs.ts'
import { commitmentOf, word } from '../helpers/terms.ts'
import { travelTo } from '../helpers/time.ts'
import { profitOf, recruit } from '../helpers/wealth.ts'

const DRAW_BITS = 5n
const DRAW_DELAY = 4
const WRONG_ROOT = word('a root that nobody computed')
const OTHER_ROOT = word('another that nobody computed')

/**
 * The draw of an escalation takes one provider in `2^drawBits`. Whoever knows the seed while providers that may be
 * drawn can still register chooses addresses until they are drawn, and decides both rounds alone.
 */
describe('Registering identities that the draw will take', () => {
  let world: World
  let group: Group
  let ally: Signer

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(busyMarket)
    const { provider, eve } = world.actors
    await fund(world, eve, FUNDS.stake)
    await enlist(world, eve)
    ;[ally] = (await recruit(world, 1)) as [Signer]
    group = await postGroup(world, { spares: 3n, drawBits: DRAW_BITS, baseBps: 0n })
    const [honest, lying, splitting, ...spares] = group.jobs as [Job, Job, Job, ...Job[]]
    group.jobs = [
      await sit(world, honest, provider),
      await sit(world, lying, eve),
      await sit(world, splitting, ally),
      ...spares,
    ]
  })

  // the two of the attacker disagree: agreeing, they would be the majority and need no draw
  const [HONEST, LYING, SPLITTING, SPARE] = [0, 1, 2, 3]
  const job = (index: number) => group.jobs[index] as Job

  /** The first of the attacker's unused addresses that `seed` draws, one for each spare. */
  const grind = (seed: string) => {
    const drawn: Wallet[] = []
    for (let i = 1; drawn.length < 3; i++) {
      const wallet = new ethers.Wallet(ethers.toBeHex(i, 32), ethers.provider)
      const lot = BigInt(ethers.solidityPackedKeccak256(['bytes32', 'address'], [seed, wallet.address]))
      if (lot >> (256n - DRAW_BITS) === 0n) drawn.push(wallet)
    }
    return drawn
  }

  /** Whatever the chain shows of the hash that will draw, as soon as it shows it. */
  const seedOf = async () => {
    await networkHelpers.mine(DRAW_DELAY + 1)
    const { targetBlock } = await world.replication.groupOf(group.groupId)
    await world.replication.connect(world.actors.eve).captureSeed(group.groupId)
    const block = await ethers.provider.getBlock(Number(targetBlock))
    return block?.hash as string
  }

  /** New providers under ground addresses, with the attacker's money; registered before claims end. */
  const enlistGround = async (seed: string) => {
    const ground = grind(seed) as unknown as Signer[]
    for (const each of ground) {
      await networkHelpers.setBalance(each.address, 10n ** 20n)
      await fund(world, each, FUNDS.stake)
      await enlist(world, each)
    }
    return ground
  }

  const escalate = async () => {
    await reveal(world, job(HONEST))
    await reveal(world, job(LYING), WRONG_ROOT)
    await reveal(world, job(SPLITTING), OTHER_ROOT)
    await world.replication.captureSeed(group.groupId)
    await world.replication.resolve(group.groupId)
  }

  /** Takes the spares, and decides for the lie. */
  const takeSpares = async (ground: readonly Signer[]) => {
    const spares: Job[] = []
    for (const [i, each] of ground.entries()) spares.push(await sit(world, job(SPARE + i), each))
    await vote(
      world,
      spares,
      spares.map(() => WRONG_ROOT),
    )
  }

  const attacks: Record<string, () => Promise<string>> = {
    'the seed is captured after all commits but one': async () => {
      await commitTo(world, job(LYING), WRONG_ROOT)
      await commitTo(world, job(SPLITTING), OTHER_ROOT)
      const seed = await seedOf()
      await commitTo(world, job(HONEST))
      await networkHelpers.mine(DRAW_DELAY + 1)
      return seed
    },
    'every seat has committed long before claims end': async () => {
      await commitTo(world, job(HONEST))
      await commitTo(world, job(LYING), WRONG_ROOT)
      await commitTo(world, job(SPLITTING), OTHER_ROOT)
      return seedOf()
    },
  }

  it('lets no seat vote that knows already who will be drawn', async () => {
    const { replication } = world
    await commitTo(world, job(HONEST))
    await commitTo(world, job(SPLITTING), OTHER_ROOT)
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
        for (const { address } of ground) {
          expect(await world.replication.isDrawn(group.groupId, address)).to.equal(false)
        }
      })

      it('pays nobody for a result that no honest seat found', async () => {
        const { market, replication, actors } = world
        const ground = await enlistGround(await learn())
        const attackers = [actors.eve, ally, ...ground].map(({ address }) => address)
        const profit = await profitOf(world, attackers, async () => {
          await escalate()
          const isTaken = await takeSpares(ground).then(
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
