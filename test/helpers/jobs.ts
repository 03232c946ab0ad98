import type { Signer } from './actors.ts'
import { CLAIM_AFTER, CLAIM_PERIOD } from './defaults.ts'
import type { World } from './fixtures.ts'
import { fieldsOf, jobIdOf, packTerms, type Terms, type TermsFields, word } from './terms.ts'
import { at, now } from './time.ts'

export interface Job {
  jobId: string
  terms: Terms
  fields: TermsFields
  requester: Signer
  provider: Signer
  postedAt: bigint
  claimedAt: bigint
  submittedAt: bigint
}

export const RESULT_ROOT = word('result root')
export const TOTAL_STEPS = 123_456_789n

export const chainId = 31_337n

export interface JobOptions {
  requester?: Signer
  provider?: Signer
  /** Seconds from posting to claim. */
  claimAfter?: bigint
  terms?: Partial<TermsFields>
}

/** Fields of a job that is posted by the next transaction. */
export async function draft(overrides: Partial<TermsFields> = {}): Promise<TermsFields> {
  return fieldsOf({ claimBy: (await now()) + CLAIM_PERIOD, ...overrides })
}

export async function post(world: World, options: JobOptions = {}): Promise<Job> {
  const requester = options.requester ?? world.actors.requester
  const fields = await draft(options.terms)
  const terms = packTerms(fields)
  await world.market.connect(requester).post(terms)
  const jobId = jobIdOf(chainId, world.address, requester.address, terms)
  const provider = options.provider ?? world.actors.provider
  return { jobId, terms, fields, requester, provider, postedAt: await now(), claimedAt: 0n, submittedAt: 0n }
}

/** Claims at exactly `claimAfter` seconds after posting. */
export async function claim(world: World, job: Job, claimAfter: bigint = CLAIM_AFTER): Promise<Job> {
  const claimedAt = job.postedAt + claimAfter
  await at(claimedAt, () => world.market.connect(job.provider).claim(job.jobId))
  return { ...job, claimedAt }
}

export async function submit(world: World, job: Job, root = RESULT_ROOT, steps = TOTAL_STEPS): Promise<Job> {
  await world.market.connect(job.provider).submit(job.jobId, root, steps)
  return { ...job, submittedAt: await now() }
}

export async function claimed(world: World, options: JobOptions = {}): Promise<Job> {
  return claim(world, await post(world, options), options.claimAfter)
}

export async function submitted(world: World, options: JobOptions = {}): Promise<Job> {
  return submit(world, await claimed(world, options))
}

export async function disputed(world: World, options: JobOptions = {}): Promise<Job> {
  const job = await submitted(world, options)
  await world.market.connect(world.actors.hook).challengeOpened(job.jobId)
  return job
}

export async function settled(world: World, options: JobOptions = {}): Promise<Job> {
  const job = await submitted(world, options)
  await world.market.connect(job.requester).accept(job.jobId)
  return job
}

export const runBy = (job: Job) => job.claimedAt + job.fields.run
export const windowEnd = (job: Job) => job.submittedAt + job.fields.window
