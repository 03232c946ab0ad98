import type { Signer } from './actors.ts'
import { chainId } from './chain.ts'
import { CLAIM_AFTER, CLAIM_PERIOD } from './defaults.ts'
import type { World } from './fixtures.ts'
import { signOffer, signRequest } from './signing.ts'
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
  /** When the key of a private job came; zero before, and without one. */
  keyedAt: bigint
  submittedAt: bigint
}

export const RESULT_ROOT = word('result root')
export const TOTAL_STEPS = 123_456_789n

export { chainId }

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
  const times = { postedAt: await now(), claimedAt: 0n, keyedAt: 0n, submittedAt: 0n }
  return { jobId, terms, fields, requester, provider, ...times }
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

/** A private job that waits for its key. */
export async function awaitingKey(world: World, options: JobOptions = {}): Promise<Job> {
  return claimed(world, { ...options, terms: { ...options.terms, isPrivate: 1n } })
}

export const KEY = word('data key, wrapped')

/** A private job whose key was delivered. */
export async function keyed(world: World, options: JobOptions = {}): Promise<Job> {
  const job = await awaitingKey(world, options)
  await world.market.connect(job.requester).deliverKey(job.jobId, KEY)
  return { ...job, keyedAt: await now() }
}

/** Terms that may be agreed by signature: the price is fixed. */
export async function draftFixed(overrides: Partial<TermsFields> = {}): Promise<TermsFields> {
  return draft({ minBps: 10_000n, ramp: 0n, ...overrides })
}

export interface AgreementOptions extends Omit<JobOptions, 'claimAfter'> {
  /** Whether the signed side names nobody. */
  isOpen?: boolean
}

/** A request that its requester signed and the provider claims. */
export async function claimedSigned(world: World, options: AgreementOptions = {}): Promise<Job> {
  const job = await agreed(world, options)
  const { requester, provider, terms } = job
  const isOpen = options.isOpen ?? false
  const signature = await signRequest(world, requester, terms, isOpen ? undefined : provider.address)
  await world.market.connect(provider).claimSigned(requester.address, isOpen, terms, signature)
  return begunNow(job)
}

/** An offer that its provider signed and the requester accepts. */
export async function acceptedOffer(world: World, options: AgreementOptions = {}): Promise<Job> {
  const job = await agreed(world, options)
  const { requester, provider, terms } = job
  const isOpen = options.isOpen ?? false
  const signature = await signOffer(world, provider, terms, isOpen ? undefined : requester.address)
  await world.market.connect(requester).acceptOffer(provider.address, isOpen, terms, signature)
  return begunNow(job)
}

/** What two sides agree on, before either signed. */
export async function agreed(world: World, options: AgreementOptions = {}): Promise<Job> {
  const { requester = world.actors.requester, provider = world.actors.provider } = options
  const fields = await draftFixed(options.terms)
  const terms = packTerms(fields)
  const jobId = jobIdOf(chainId, world.address, requester.address, terms)
  const times = { postedAt: 0n, claimedAt: 0n, keyedAt: 0n, submittedAt: 0n }
  return { jobId, terms, fields, requester, provider, ...times }
}

async function begunNow(job: Job): Promise<Job> {
  const time = await now()
  return { ...job, postedAt: time, claimedAt: time }
}

/** The last second for the key of a private job, under the parameters of `world`. */
export const keyBy = ({ parameters }: Pick<World, 'parameters'>, job: Job) =>
  job.claimedAt + parameters.keyTime
export const runBy = (job: Job) => (job.keyedAt === 0n ? job.claimedAt : job.keyedAt) + job.fields.run
export const windowEnd = (job: Job) => job.submittedAt + job.fields.window
