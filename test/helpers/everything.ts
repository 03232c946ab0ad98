import { ethers, networkHelpers } from './chain.ts'
import { CONCURRENCY, defaultParameters, ENDPOINT, OFFERED } from './defaults.ts'
import { enlist, MOCKED, type World } from './fixtures.ts'
import { govern } from './govern.ts'
import { escalatedGroup, spareVotes } from './groups.ts'
import {
  acceptedOffer,
  awaitingKey,
  claimed,
  claimedSigned,
  disputed,
  draft,
  type Job,
  keyBy,
  keyed,
  post,
  RESULT_ROOT,
  runBy,
  submit,
  submitted,
  windowEnd,
} from './jobs.ts'
import { signPermit } from './permit.ts'
import { packTerms, word } from './terms.ts'
import { at } from './time.ts'

type Step = (world: World) => Promise<unknown>

const as = (world: World, who: keyof World['actors']) => world.market.connect(world.actors[who])
const finish = (time: (job: Job) => bigint, send: (world: World, job: Job) => Promise<unknown>, job: Job) => {
  return (world: World) => at(time(job) + 1n, () => send(world, job))
}

/**
 * Calls every function of the market that changes anything, with success, and `after` behind each step: for what must
 * hold whatever was called.
 */
export async function callEverything(world: World, after: () => Promise<void>): Promise<void> {
  const { actors, token, address, unit, assurance } = world
  const { owner, requester, provider, rival, keeper, hook, eve } = actors
  const optimistic = { hook: hook.address, isMediated: false }
  await token.connect(owner).transfer(eve.address, 30n * unit)
  await token.connect(eve).approve(address, 10n * unit)
  const steps: Step[] = [
    (w) => as(w, 'eve').deposit(10n),
    async (w) => {
      const { v, r, s } = await signPermit(w, eve, 20n * unit, ethers.MaxUint256)
      await as(w, 'eve').depositWithPermit(20n, ethers.MaxUint256, v, r, s)
    },
    (w) => as(w, 'rival').updateProvider(OFFERED, CONCURRENCY, ENDPOINT, word('another key')),
    (w) => as(w, 'rival').stake(1_000_003n),
    (w) => as(w, 'rival').unstake(3n),
    async (w) => {
      const many = [
        await draft({ maxPrice: 11n }),
        await draft({ tasks: 0n }),
        await draft({ maxPrice: 13n }),
      ]
      await as(w, 'requester').postMany(many.map(packTerms))
    },
    async (w) => as(w, 'requester').cancel((await post(w)).jobId),
    async (w) => as(w, 'provider').release((await claimed(w)).jobId),
    async (w) => as(w, 'requester').accept((await submitted(w)).jobId),
    async (w) => finish(windowEnd, (_, job) => as(w, 'keeper').settle(job.jobId), await submitted(w))(w),
    async (w) => {
      const pair = [await submitted(w), await submitted(w, { provider: rival })]
      const [first, second] = pair.map(({ jobId }) => jobId) as [string, string]
      const send = () => as(w, 'eve').settleMany([first, second, ethers.ZeroHash])
      await finish(windowEnd, send, pair[1] as Job)(w)
    },
    async (w) => finish(runBy, (_, job) => as(w, 'keeper').fail(job.jobId), await claimed(w))(w),
    async (w) => {
      const late = await claimed(w)
      await finish(runBy, (_, job) => as(w, 'eve').failMany([job.jobId, ethers.ZeroHash]), late)(w)
    },
    async (w) => {
      const { jobId } = await submit(w, await claimedSigned(w), RESULT_ROOT, 1_000_003n)
      await as(w, 'requester').accept(jobId)
    },
    async (w) => {
      const terms = { meteredBps: 8_000n, stepLimit: 50_000n }
      const job = await submit(w, await acceptedOffer(w, { isOpen: true, terms }), RESULT_ROOT, 1_000_003n)
      await finish(windowEnd, ({ market }) => market.settle(job.jobId), job)(w)
    },
    (w) => as(w, 'eve').cancelNonces(0n, 1n << 7n),
    async (w) => as(w, 'requester').accept((await submit(w, await keyed(w))).jobId),
    async (w) => {
      const job = await awaitingKey(w)
      await at(keyBy(w, job) + 1n, () => as(w, 'eve').release(job.jobId))
    },
    (w) => enlist(w, eve, 50_000_000n),
    async (w) => {
      const group = await escalatedGroup(w)
      await spareVotes(w, group)
      await w.replication.resolve(group.groupId)
    },
    async (w) => {
      const job = await disputed(w)
      await as(w, 'hook').challengeOpened(job.jobId)
      await as(w, 'hook').challengeClosed(job.jobId)
      await as(w, 'hook').reject(job.jobId, 2_500_000n)
    },
    async (w) => {
      const job = await submitted(w, { terms: { level: MOCKED } })
      await assurance.challenge(w.market, job.jobId)
      await assurance.prove(w.market, job.jobId, 0n)
    },
    (w) => as(w, 'eve').collectFees([provider.address, rival.address]),
    (w) => govern(w, 'setFeeRecipient', [keeper.address]),
    (w) => govern(w, 'addParameters', [{ ...defaultParameters, feeBps: 333n }, [optimistic]]),
    async (w) => finish(windowEnd, (_, job) => as(w, 'eve').settle(job.jobId), await submitted(w))(w),
    (w) => as(w, 'rival').collectFees([provider.address]),
    (w) => as(w, 'owner').pausePosting(),
    (w) => as(w, 'owner').resumePosting(),
    (w) => govern(w, 'setGuardian', [eve.address]),
    (w) => as(w, 'requester').withdraw(requester.address, 5n),
    (w) => as(w, 'eve').transfer(keeper.address, 3n, '0x'),
    (w) => as(w, 'eve').transfer(address, 2n, '0x'),
  ]
  for (const step of steps) {
    await step(world)
    await after()
  }
}

/** What the timelock and a mediating hook call, by the event that nothing else emits. */
const SHOWN_BY: Record<string, string> = {
  ParametersAdded: 'addParameters',
  FeeRecipientChanged: 'setFeeRecipient',
  GuardianChanged: 'setGuardian',
  SeatConcluded: 'conclude',
  BondFrozen: 'freezeBond',
}

/** Names of the functions that successful transactions called on the market, itself or through a contract, since its deployment. */
export async function calledFunctions({ market, address, fromBlock }: World): Promise<Set<string>> {
  const names = new Set<string>()
  for (const log of await ethers.provider.getLogs({ address, fromBlock: fromBlock + 1, toBlock: 'latest' })) {
    const name = SHOWN_BY[market.interface.parseLog(log)?.name ?? '']
    if (name !== undefined) names.add(name)
  }
  const latest = await networkHelpers.time.latestBlock()
  for (let number = fromBlock + 1; number <= latest; number++) {
    const block = await ethers.provider.getBlock(number, true)
    for (const { to, data, hash } of block?.prefetchedTransactions ?? []) {
      const receipt = await ethers.provider.getTransactionReceipt(hash)
      if (to !== address || receipt?.status !== 1) continue
      const name = market.interface.parseTransaction({ data })?.name
      if (name !== undefined) names.add(name)
    }
  }
  return names
}

/** Names of the market's functions that change state. */
export function changingFunctions({ market }: World): string[] {
  const names: string[] = []
  market.interface.forEachFunction(({ name, constant }) => {
    if (!constant) names.push(name)
  })
  return names
}
