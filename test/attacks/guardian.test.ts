import { expect } from 'chai'
import { expectRevert, expectSolvent } from '../helpers/assertions.ts'
import { asTimelock } from '../helpers/asTimelock.ts'
import { ethers, networkHelpers } from '../helpers/chain.ts'
import { changingFunctions } from '../helpers/everything.ts'
import { busyMarket } from '../helpers/fixtures.ts'
import { govern } from '../helpers/govern.ts'
import { KEY, post, RESULT_ROOT } from '../helpers/jobs.ts'
import { plain } from '../helpers/plain.ts'
import { type JobPerStatus, reachEveryStatus, STATUSES, statusNumber } from '../helpers/statuses.ts'
import { addressesOf, profitOf } from '../helpers/wealth.ts'

/** A guardian that turned against the market: it is `eve`, who has no other part in it. */
async function underGuard(): Promise<JobPerStatus> {
  const world = await busyMarket()
  await govern(world, 'setGuardian', [world.actors.eve.address])
  return reachEveryStatus(world)
}

describe('A guardian that abuses its power', () => {
  let world: JobPerStatus

  beforeEach(async () => {
    world = await networkHelpers.loadFixture(underGuard)
  })

  /** Every function of the market that changes anything, with arguments of the job that the guardian is after. */
  const calls = (jobId: string): Record<string, unknown[]> => {
    const { actors, parameters, jobs } = world
    const { terms } = jobs.Open
    const eve = actors.eve.address
    const level = { hook: eve, isMediated: true }
    return {
      accept: [jobId],
      acceptOffer: [actors.provider.address, true, terms, '0x'],
      addParameters: [parameters, [level]],
      cancel: [jobId],
      cancelNonces: [0n, ethers.MaxUint256],
      challengeClosed: [jobId],
      challengeOpened: [jobId],
      claim: [jobId],
      claimSigned: [actors.requester.address, true, terms, '0x'],
      collectFees: [[actors.provider.address]],
      conclude: [jobId, RESULT_ROOT, 10_000n, true],
      deliverKey: [jobId, KEY],
      deposit: [1n],
      depositWithPermit: [1n, 0n, 27, ethers.ZeroHash, ethers.ZeroHash],
      fail: [jobId],
      failMany: [[jobId]],
      freezeBond: [jobId],
      pausePosting: [],
      post: [{ ...terms, dataUri: 'x' }],
      postMany: [[]],
      reject: [jobId, 0n],
      release: [jobId],
      resumePosting: [],
      setFeeRecipient: [eve],
      setGuardian: [eve],
      settle: [jobId],
      settleMany: [[jobId]],
      stake: [1n],
      submit: [jobId, RESULT_ROOT, 1n],
      transfer: [actors.eve.address, 1n, '0x'],
      unstake: [1n],
      updateProvider: [1n, 1n, '', ethers.ZeroHash],
      withdraw: [actors.provider.address, 1n],
    }
  }

  /** What changed of a job, of others' accounts and of the rules by each call of `who`, from the same state. */
  const effects = async (who: 'eve', jobId: string) => {
    const { market, actors, address } = world
    const others = Object.values(actors).filter((each) => each !== actors[who])
    const seen = async () => {
      const [job, { paused, id }, recipient, guardian, reserve, accounts] = await Promise.all([
        market.getJob(jobId).then(plain),
        market.currentParameters().then(plain),
        market.feeRecipient(),
        market.guardian(),
        market.reserve(),
        Promise.all(others.map((each) => market.accountOf(each).then(plain))),
      ])
      return { job, accounts, reserve, rules: [id, recipient, guardian], paused }
    }
    const text = (value: unknown) =>
      JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}` : each))
    const changed: Record<string, string[]> = {}
    const before = await seen()
    for (const [name, args] of Object.entries(calls(jobId))) {
      const snapshot = await networkHelpers.takeSnapshot()
      const data = market.interface.encodeFunctionData(name as never, args as never)
      await actors[who].sendTransaction({ to: address, data }).catch(() => {})
      const after = await seen()
      const parts = (Object.keys(before) as (keyof typeof before)[]).filter(
        (part) => text(before[part]) !== text(after[part]),
      )
      if (parts.length > 0) changed[name] = parts
      await snapshot.restore()
    }
    return changed
  }

  it('has all there is to call here', () => {
    expect(Object.keys(calls(ethers.ZeroHash)).sort()).to.deep.equal(changingFunctions(world).sort())
  })

  for (const status of STATUSES) {
    // JM-53
    it(`moves of a job that is ${status} no more than a stranger could, and the pause`, async () => {
      const { jobId } = world.jobs[status]
      const { pausePosting, ...others } = await effects('eve', jobId)
      expect(pausePosting).to.deep.equal(['paused'])
      const allowed: Partial<Record<typeof status, string[]>> = {
        Expired: ['cancel'],
        Keyless: ['release'],
        Overdue: ['fail', 'failMany'],
        Settleable: ['settle', 'settleMany'],
      }
      const moved = Object.keys(others).filter((name) => others[name]?.includes('job'))
      expect(moved).to.deep.equal(allowed[status] ?? [])
      for (const parts of Object.values(others)) {
        expect(parts).not.to.include('rules')
        expect(parts).not.to.include('paused')
      }
    })
  }

  it('earns nothing by pausing, and takes nothing from anybody', async () => {
    const { market, actors } = world
    const all = Object.values(actors).map(({ address }) => address)
    for (const coalition of [addressesOf(world, 'eve'), all]) {
      const profit = await profitOf(world, coalition, async () => {
        await market.connect(actors.eve).pausePosting()
        await market.connect(actors.eve).pausePosting()
      })
      expect(profit).to.equal(0n)
    }
    await expectSolvent(world)
  })

  // JM-6
  it('keeps nobody in: whoever has money takes it out during the pause', async () => {
    const { market, actors } = world
    await market.connect(actors.eve).pausePosting()
    for (const who of ['requester', 'provider', 'rival', 'keeper'] as const) {
      const signer = actors[who]
      const { stake, locked } = await market.accountOf(signer)
      if (stake > locked) await market.connect(signer).unstake(stake - locked)
      const { balance } = await market.accountOf(signer)
      const profit = await profitOf(world, [signer.address], () =>
        market.connect(signer).withdraw(signer.address, balance),
      )
      expect(profit).to.equal(0n)
      expect((await market.accountOf(signer)).balance).to.equal(0n)
    }
  })

  it('is replaced by the timelock, which ends the pause', async () => {
    const { market, actors } = world
    await market.connect(actors.eve).pausePosting()
    await govern(world, 'setGuardian', [actors.owner.address])
    const values = [actors.eve.address, actors.owner.address]
    await expectRevert(world, market.connect(actors.eve).pausePosting(), 'GovernedNotGuardian', values)
    await (await asTimelock(world)).resumePosting()
    const { jobId } = await post(world)
    expect(await market.statusOf(jobId)).to.equal(statusNumber('Open'))
  })
})
