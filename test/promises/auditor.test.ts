import { expect } from 'chai'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { ENDPOINT, MAX_UNITS } from '../helpers/defaults.ts'
import { callEverything } from '../helpers/everything.ts'
import { busyMarket, delegate, enlist, fund, openMarket, type World } from '../helpers/fixtures.ts'
import { govern } from '../helpers/govern.ts'
import { type Group, seatedGroup, vote } from '../helpers/groups.ts'
import {
  acceptedOffer,
  chainId,
  claimed,
  claimedSigned,
  type Job,
  RESULT_ROOT,
  submit,
  windowEnd,
} from '../helpers/jobs.ts'
import { heldOf, known } from '../helpers/money.ts'
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
import { at, DAY, now, pass } from '../helpers/time.ts'

/** All documented fields of a word, by name. */
function fieldsIn(type: string, value: bigint): Record<string, bigint> {
  const names = [...documentedFields.keys()].filter((name) => name.startsWith(`${type}.`))
  return Object.fromEntries(names.map((name) => [name.slice(type.length + 1), fieldOf(name, value)]))
}

/** The rules' bits that come from the terms: all but the snapshot, and the mark of a meter. */
const RULES_MASK = ((1n << 228n) - 1n) & ~(1n << 95n)

const isMeteredClaim = ({ terms, provider }: { terms: { limits: bigint }; provider: string }) =>
  ((terms.limits >> 176n) & 0xffffn) !== 0n && provider !== ethers.ZeroAddress

const decodeFloat = (float: bigint) => (float & 0x1fffn) << (float >> 13n)

describe('Promise 9: an auditor needs only an RPC URL', () => {
  describe('given the storage map of contracts/README.md', () => {
    let world: JobPerStatus

    beforeEach(async () => {
      world = await networkHelpers.loadFixture(jobPerStatus)
    })

    const read = async (type: string, slot: bigint) => fieldsIn(type, await readWord(world, slot))

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
      const registeredAt = await world.market.registeredAt(world.actors.provider)
      expect(registeredAt > 0n).to.equal(true)
      expect(await read('Contact.2', slot + 2n)).to.deep.equal({ registeredAt })
    })

    it('finds what posting needs, who may stop it, the parameter sets and their levels', async () => {
      const { market, actors, parameters, replication } = world
      const second = { ...parameters, feeBps: 77n, minRun: 33n, minWindow: 44n, lateKeeperGas: 55n }
      const mediated = { hook: actors.rival.address, isMediated: true }
      for (const { address } of [actors.eve, actors.rival]) await delegate(address)
      await govern(world, 'addParameters', [
        second,
        [{ hook: actors.eve.address, isMediated: false }, mediated],
      ])
      await govern(world, 'setGuardian', [actors.keeper.address])
      await market.connect(actors.keeper).pausePosting()
      expect(await read('Posting', slotOf('posting'))).to.deep.equal({
        parametersId: 1n,
        feeBps: 77n,
        minRun: 33n,
        minWindow: 44n,
        isPaused: 1n,
        guardian: BigInt(actors.keeper.address),
      })
      expect(await readWord(world, slotOf('parameterSets'))).to.equal(2n)
      for (const [id, set] of [parameters, second].entries()) {
        const slot = entryOf(slotOf('sets'), BigInt(id))
        const found = { ...(await read('Parameters.0', slot)), ...(await read('Parameters.1', slot + 1n)) }
        expect(found).to.deep.equal(set)
      }
      const level = (id: bigint, number: bigint) =>
        read('Level', entryOf(entryOf(slotOf('levels'), id), number))
      const of = (hook: string, isMediated: bigint) => ({ hook: BigInt(hook), isMediated })
      expect(await level(0n, 0n)).to.deep.equal(of(actors.hook.address, 0n))
      expect(await level(0n, 2n)).to.deep.equal(of(await replication.getAddress(), 1n))
      expect(await level(1n, 0n)).to.deep.equal(of(actors.eve.address, 0n))
      expect(await level(1n, 1n)).to.deep.equal(of(actors.rival.address, 1n))
      expect(await level(1n, 2n)).to.deep.equal(of(ethers.ZeroAddress, 0n))
    })

    it('finds every spent nonce', async () => {
      const { market, actors } = world
      const { provider, eve } = actors
      const { fields } = await acceptedOffer(world)
      const { nonce } = fields
      await market.connect(eve).cancelNonces(7n, 5n << 200n)
      const spent = (signer: string, index: bigint) =>
        readWord(world, entryOf(entryOf(slotOf('spentNonces'), signer), index))
      expect(((await spent(provider.address, nonce >> 8n)) >> (nonce & 0xffn)) & 1n).to.equal(1n)
      expect(await spent(eve.address, 7n)).to.equal(5n << 200n)
      expect(await spent(eve.address, 8n)).to.equal(0n)
    })

    it("keeps the name of the signatures' domain in the code", async () => {
      for (const slot of [9n, 10n]) expect(await readWord(world, slot)).to.equal(0n)
    })

    /** All five words of a job against what the view says of it. */
    const expectWords = async (jobId: string, stored: bigint) => {
      const job = await world.market.getJob(jobId)
      const { requester, maxPrice, run, window, level, parametersId, feeBps } = job
      const isMetered = job.meteredBps === 0n ? 0n : 1n
      const claim = await read('Job.2', jobSlot(jobId, 2n))
      const { share = 0n, bond = 0n, mark = 0n } = claim
      expect({ ...claim, share, bond, mark }).to.deep.equal({
        provider: BigInt(job.provider),
        status: stored,
        openChallenges: job.openChallenges,
        isMetered: job.provider === ethers.ZeroAddress ? 0n : isMetered,
        isSigned: job.isSigned ? 1n : 0n,
        share,
        bond,
        mark,
      })
      if (job.isSigned) {
        const word0 = await read('JobAgreement', jobSlot(jobId, 0n))
        const { priceMantissa = 0n, priceExponent = 0n, ...agreed } = word0
        expect(agreed).to.deep.equal({ requester: BigInt(requester), window, level, parametersId, feeBps })
        expect([priceMantissa << priceExponent, share]).to.deep.equal([job.price, run])
        expect(await readWord(world, jobSlot(jobId, 1n))).to.equal(0n)
      } else {
        const { postedAt, claimBy, tasks, minBps, ramp, floor } = job
        const origin = { requester: BigInt(requester), postedAt, claimBy, tasks }
        expect(await read('Job.0', jobSlot(jobId, 0n))).to.deep.equal(origin)
        const { minReputation = 0n, ...rules } = await read('Job.1', jobSlot(jobId, 1n))
        const times = { ramp, run, window }
        const isPrivate = job.isPrivate ? 1n : 0n
        const snapshot = { parametersId, feeBps }
        const rest = { maxPrice, minBps, isPrivate, isMetered, floor, level }
        expect(rules).to.deep.equal({ ...rest, ...times, ...snapshot })
        expect(decodeFloat(minReputation)).to.equal(job.minReputation)
        if (job.provider !== ethers.ZeroAddress) {
          expect((maxPrice * (share + 1n)) / 2n ** 24n).to.equal(job.price)
        }
      }
      expect(decodeFloat(bond)).to.equal(job.bond)
      expect(roundUpToFloat(job.bond)).to.equal(job.bond)
      const time = job.keyBy + job.runBy + job.submittedAt
      if (time !== 0n) expect(mark).to.equal(time)
      expect(await readWord(world, jobSlot(jobId, 3n))).to.equal(BigInt(job.resultCommitment))
      const { stepBudget, steps, meteredBps } = job
      expect(await read('Job.4', jobSlot(jobId, 4n))).to.deep.equal({ stepBudget, steps, meteredBps })
    }

    for (const status of STATUSES) {
      it(`finds all words of a job that is ${status}`, async () => {
        const stored = STORED[status]
        await expectWords(world.jobs[status].jobId, stored === 'Open' ? 0n : statusNumber(stored))
      })
    }

    const METERED = { meteredBps: 7_777n, stepLimit: 40_000n }
    const agreements: Record<string, () => Promise<Job>> = {
      'was requested and claimed by signature': () => claimedSigned(world),
      'was offered by signature': () => acceptedOffer(world, { terms: { maxPrice: 99_999_998n } }),
      'was signed and waits for its key': () => claimedSigned(world, { terms: { isPrivate: 1n } }),
      'was signed and is metered': () => claimedSigned(world, { terms: METERED }),
      'was posted and is metered': () => claimed(world, { claimAfter: 1n, terms: METERED }),
    }

    for (const [title, begin] of Object.entries(agreements)) {
      it(`finds all words of a job that ${title}`, async () => {
        const job = await begin()
        const isPrivate = job.fields.isPrivate === 1n
        await expectWords(job.jobId, statusNumber(isPrivate ? 'AwaitingKey' : 'Claimed'))
        if (isPrivate) return
        await submit(world, job, RESULT_ROOT, 1_000_003n)
        await expectWords(job.jobId, statusNumber('Submitted'))
        const time = windowEnd({ ...job, submittedAt: await now() }) + 1n
        await at(time, () => world.market.settle(job.jobId))
        await expectWords(job.jobId, statusNumber('Settled'))
      })
    }

    it('finds a signed price that needs its exponent', async () => {
      const maxPrice = ((1n << 40n) - 1n) << 9n
      const rules = { baseExposure: MAX_UNITS, surchargeBps: 0n }
      world = { ...(await openMarket({ parameters: rules })), jobs: world.jobs }
      const { requester, provider } = world.actors
      await fund(world, requester, maxPrice)
      await fund(world, provider, 2n * maxPrice)
      await world.market.connect(provider).stake(2n * maxPrice)
      const { jobId } = await claimedSigned(world, { terms: { maxPrice } })
      expect((await world.market.getJob(jobId)).price).to.equal(maxPrice)
      await expectWords(jobId, statusNumber('Claimed'))
    })

    it('finds all words of seats that are concluded', async () => {
      const { provider, rival, keeper } = world.actors
      const roots = [RESULT_ROOT, RESULT_ROOT, word('another')]
      await enlist(world, keeper, 50_000_000n)
      const group: Group = await seatedGroup(world, [provider, rival, keeper])
      await vote(world, group.jobs, roots)
      await world.replication.resolve(group.groupId)
      for (const [i, { jobId }] of group.jobs.entries()) {
        await expectWords(jobId, statusNumber(i < 2 ? 'Settled' : 'Rejected'))
      }
    })
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
        expect([claim.isSigned, claim.isMetered]).to.deep.equal([
          job.isSigned ? 1n : 0n,
          isMeteredClaim(job) ? 1n : 0n,
        ])
        expect(fieldOf('Job.4.steps', await readWord(world, jobSlot(jobId, 4n)))).to.equal(job.steps)
        const rules = await readWord(world, jobSlot(jobId, 1n))
        if (job.isSigned) expect(rules).to.equal(0n)
        else expect(rules & RULES_MASK).to.equal(job.terms.rules & RULES_MASK)
      }
      expect([await world.market.reserve(), await heldOf(world)]).to.deep.equal([
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
