import { ethers, networkHelpers } from './chain.ts'
import { CONCURRENCY, defaultParameters, ENDPOINT, OFFERED } from './defaults.ts'
import { ATTESTED, type World } from './fixtures.ts'
import { claimed, disputed, draft, type Job, post, runBy, submitted, windowEnd } from './jobs.ts'
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
 * hold whatever was called. Ends with a market that nobody governs.
 */
export async function callEverything(world: World, after: () => Promise<void>): Promise<void> {
  const { actors, token, address, unit, assurance } = world
  const { owner, requester, provider, rival, keeper, hook, eve } = actors
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
      const many = [await draft({ maxPrice: 11n }), await draft({ maxPrice: 13n })]
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
      const job = await disputed(w)
      await as(w, 'hook').challengeOpened(job.jobId)
      await as(w, 'hook').challengeClosed(job.jobId)
      await as(w, 'hook').reject(job.jobId, 2_500_000n)
    },
    async (w) => {
      const job = await submitted(w, { terms: { level: ATTESTED } })
      await assurance.challenge(w.market, job.jobId)
      await assurance.prove(w.market, job.jobId, 0n)
    },
    (w) => as(w, 'eve').collectFees([provider.address, rival.address]),
    (w) => as(w, 'owner').setFeeRecipient(keeper.address),
    (w) => as(w, 'owner').addParameters({ ...defaultParameters, feeBps: 333n }, [hook.address]),
    async (w) => finish(windowEnd, (_, job) => as(w, 'eve').settle(job.jobId), await submitted(w))(w),
    (w) => as(w, 'rival').collectFees([provider.address]),
    (w) => as(w, 'owner').pausePosting(),
    (w) => as(w, 'owner').resumePosting(),
    (w) => as(w, 'owner').transferOwnership(eve.address),
    (w) => as(w, 'eve').acceptOwnership(),
    (w) => as(w, 'eve').renounceOwnership(),
    (w) => as(w, 'requester').withdraw(requester.address, 5n),
  ]
  for (const step of steps) {
    await step(world)
    await after()
  }
}

/** Names of the functions that successful transactions called on the market, since its deployment. */
export async function calledFunctions({ market, address, fromBlock }: World): Promise<Set<string>> {
  const names = new Set<string>()
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
