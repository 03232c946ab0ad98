import { expect } from 'chai'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { ENDPOINT } from '../helpers/defaults.ts'
import { callEverything } from '../helpers/everything.ts'
import { busyMarket, type World } from '../helpers/fixtures.ts'
import { chainId } from '../helpers/jobs.ts'
import { known } from '../helpers/money.ts'
import { plain } from '../helpers/plain.ts'
import { roundUpToFloat } from '../helpers/reference.ts'
import { decayed, type Replayed, replay, storedNumber } from '../helpers/replay.ts'
import { type JobPerStatus, jobPerStatus, STATUSES, STORED, statusNumber } from '../helpers/statuses.ts'
import {
  accountSlot,
  documentedFields,
  entryOf,
  fieldOf,
  jobSlot,
  profileSlot,
  readWord,
  slotOf,
} from '../helpers/storage.ts'
import { word } from '../helpers/terms.ts'
import { DAY, now, pass } from '../helpers/time.ts'

/** All documented fields of a word, by name. */
function fieldsIn(type: string, value: bigint): Record<string, bigint> {
  const names = [...documentedFields.keys()].filter((name) => name.startsWith(`${type}.`))
  return Object.fromEntries(names.map((name) => [name.slice(type.length + 1), fieldOf(name, value)]))
}

const decodeFloat = (float: bigint) => (float & 0x1fffn) << (float >> 13n)

describe('Promise 9: an auditor needs only an RPC URL', () => {
  describe('given the storage map of contracts/README.md', () => {
    let world: JobPerStatus

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(jobPerStatus)
    })

    const read = async (type: string, slot: bigint) => fieldsIn(type, await readWord(world, slot))

    it('finds the owner, what is held and the pending owner', async () => {
      const { market, actors } = world
      await market.connect(actors.owner).transferOwnership(actors.eve.address)
      expect(await readWord(world, slotOf('owner'))).to.equal(BigInt(actors.owner.address))
      expect(slotOf('held')).to.equal(slotOf('pendingOwner'))
      expect(await read('Held', slotOf('held'))).to.deep.equal({
        pendingOwner: BigInt(actors.eve.address),
        held: await market.held(),
      })
    })

    it('finds the reserve and the fee recipient', async () => {
      const { market, actors } = world
      expect((await market.reserve()) > 0n).to.equal(true)
      expect(await read('Reserve', slotOf('reserve'))).to.deep.equal({
        reserve: await market.reserve(),
        feeRecipient: BigInt(actors.treasury.address),
      })
    })

    it('finds every account', async () => {
      for (const { address } of Object.values(world.actors)) {
        const account = plain(await world.market.accountOf(address))
        expect(await read('Account', accountSlot(address))).to.deep.equal(account)
      }
    })

    it('finds every profile', async () => {
      const { provider, rival } = world.actors
      for (const { address } of [provider, rival]) {
        const { resources, concurrency, faults, reputation, feeOwed } = await world.market.providerOf(address)
        const { reputationAt = 0n, ...found } = await read('Profile', profileSlot(address))
        expect(found).to.deep.equal({ resources, concurrency, faults, reputation, feeOwed })
        expect(reputationAt <= (await now())).to.equal(true)
      }
    })

    it('finds endpoint and key', async () => {
      const slot = entryOf(slotOf('contacts'), world.actors.provider.address)
      expect(await readWord(world, slot)).to.equal(BigInt(word('encryption key')))
      const text = ethers.toUtf8Bytes(ENDPOINT)
      expect(text.length < 32).to.equal(true)
      const stored = ethers.getBytes(ethers.toBeHex(await readWord(world, slot + 1n), 32))
      expect([...stored.slice(0, text.length), stored[31]]).to.deep.equal([...text, 2 * text.length])
    })

    it('finds what posting needs, the parameter sets and their hooks', async () => {
      const { market, actors, parameters } = world
      const second = { ...parameters, feeBps: 77n, minRun: 33n, minWindow: 44n, lateKeeperGas: 55n }
      await market.connect(actors.owner).addParameters(second, [actors.eve.address])
      await market.connect(actors.owner).pausePosting()
      expect(await read('Posting', slotOf('posting'))).to.deep.equal({
        parametersId: 1n,
        feeBps: 77n,
        minRun: 33n,
        minWindow: 44n,
        paused: 1n,
      })
      expect(await readWord(world, slotOf('parameterSets'))).to.equal(2n)
      for (const [id, set] of [parameters, second].entries()) {
        const slot = entryOf(slotOf('sets'), BigInt(id))
        const found = { ...(await read('Parameters.0', slot)), ...(await read('Parameters.1', slot + 1n)) }
        expect(found).to.deep.equal(set)
      }
      const hooks = entryOf(slotOf('hooks'), 1n)
      expect(await readWord(world, entryOf(hooks, 0n))).to.equal(BigInt(actors.eve.address))
      expect(await readWord(world, entryOf(hooks, 1n))).to.equal(0n)
    })

    for (const status of STATUSES) {
      it(`finds all four words of a job that is ${status}`, async () => {
        const { jobId } = world.jobs[status]
        const job = await world.market.getJob(jobId)
        const { requester, postedAt, claimBy, tasks } = job
        const origin = { requester: BigInt(requester), postedAt, claimBy, tasks }
        expect(await read('Job.0', jobSlot(jobId, 0n))).to.deep.equal(origin)

        const { maxPrice, minBps, ramp, run, window, floor, level, parametersId, feeBps } = job
        const { minReputation = 0n, ...rules } = await read('Job.1', jobSlot(jobId, 1n))
        expect(rules).to.deep.equal({
          maxPrice,
          minBps,
          ramp,
          run,
          window,
          floor,
          level,
          parametersId,
          feeBps,
        })
        expect(decodeFloat(minReputation)).to.equal(job.minReputation)

        const claim = await read('Job.2', jobSlot(jobId, 2n))
        const { share = 0n, bond = 0n, mark = 0n } = claim
        expect([claim.provider, claim.openChallenges]).to.deep.equal([
          BigInt(job.provider),
          job.openChallenges,
        ])
        const stored = STORED[status]
        expect(claim.status).to.equal(stored === 'Open' ? 0n : statusNumber(stored))
        if (job.provider !== ethers.ZeroAddress) {
          expect((maxPrice * (share + 1n)) / 2n ** 24n).to.equal(job.price)
          expect(decodeFloat(bond)).to.equal(job.bond)
          expect(roundUpToFloat(job.bond)).to.equal(job.bond)
          if (job.runBy + job.submittedAt !== 0n) expect(mark).to.equal(job.runBy + job.submittedAt)
        }
        expect(await readWord(world, jobSlot(jobId, 3n))).to.equal(BigInt(job.resultCommitment))
      })
    }
  })

  describe('given the logs alone', () => {
    const compare = async (world: World, replayed: Replayed) => {
      const { addresses, jobIds } = await known(world)
      const nothing = { balance: 0n, stake: 0n, locked: 0n, active: 0n }
      for (const address of addresses) {
        const account = fieldsIn('Account', await readWord(world, accountSlot(address)))
        expect(account, address).to.deep.equal(replayed.accounts.get(address) ?? nothing)
        const profile = await readWord(world, profileSlot(address))
        const expected = replayed.profiles.get(address)
        if (expected === undefined) expect(profile, address).to.equal(0n)
        else expect(fieldsIn('Profile', profile), address).to.deep.equal(expected)
      }
      for (const jobId of jobIds.filter((id) => id !== ethers.ZeroHash)) {
        const job = replayed.jobs.get(jobId)
        if (job === undefined) throw new Error(`the market knows ${jobId}, the logs do not`)
        const claim = fieldsIn('Job.2', await readWord(world, jobSlot(jobId, 2n)))
        expect([claim.provider, claim.status, claim.openChallenges]).to.deep.equal([
          BigInt(job.provider),
          storedNumber(job.status),
          job.openChallenges,
        ])
        expect(decodeFloat(claim.bond as bigint)).to.equal(job.bond)
        const { price } = await world.market.getJob(jobId)
        expect(price).to.equal(job.price)
        expect(await readWord(world, jobSlot(jobId, 3n))).to.equal(job.resultCommitment)
        const rules = (await readWord(world, jobSlot(jobId, 1n))) & ((1n << 228n) - 1n)
        expect(rules).to.equal(job.terms.rules)
      }
      expect([await world.market.reserve(), await world.market.held()]).to.deep.equal([
        replayed.reserve,
        replayed.held,
      ])
    }

    it('recomputes every balance, bond, reputation and root after every function was called', async () => {
      const world = await networkHelpers.loadFixture(busyMarket)
      await callEverything(world, async () => pass(DAY / 3n))
      await compare(world, await replay(world, chainId))
    })

    it('recomputes a market with a job in every status', async () => {
      const world = await networkHelpers.loadFixture(jobPerStatus)
      await compare(world, await replay(world, chainId))
    })

    it('knows the reputation of any later day', async () => {
      const world = await networkHelpers.loadFixture(busyMarket)
      await callEverything(world, async () => {})
      const { profiles } = await replay(world, chainId)
      const { provider } = world.actors
      const { reputation = 0n, reputationAt = 0n } = profiles.get(provider.address) ?? {}
      expect(reputation > 0n).to.equal(true)
      for (let i = 0; i < 40; i++) {
        await pass(2n * DAY + 7_777n)
        const expected = decayed(reputation, reputationAt, await now())
        expect((await world.market.providerOf(provider)).reputation).to.equal(expected)
      }
    })
  })
})
