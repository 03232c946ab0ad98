import type { Address, Hex } from 'viem'
import { fetchLeaves, fetchOutputs } from '../content/index.ts'
import { AssayError } from '../errors/base.ts'
import {
  ContentMismatchError,
  ResultMismatchError,
  StoreTimeoutError,
  StoreUnreachableError,
} from '../errors/content.ts'
import { MalformedResultError } from '../errors/trees.ts'
import type { LeafRow } from '../trees/index.ts'
import { mapPooled } from '../utils/mapPooled.ts'
import type { Checks } from './checks.ts'
import { limitsWord, statusOf } from './layout.ts'
import type { JobState, MarketState } from './state.ts'
import { decodeWord, word } from './words.ts'

/** A part of a job that its server did not give, so that nothing could be said about it. */
export type NotServed = { jobId: Hex; what: 'leaves' | 'outputs' | 'data'; url: string; reason: string }

/** What was published of a job's result and agrees with the chain. */
export type VerifiedJob = { job: JobState; leaves: readonly LeafRow[] }

export type ResultsOptions = {
  checks: Checks
  /** Bytes of outputs that are downloaded of one job at the most. */
  maxOutputs: number
  signal?: AbortSignal | undefined
  onEach?: ((done: number, total: number) => void) | undefined
}

/** A leaves file of 53 bytes a task is held in memory: above this many tasks a job is passed over. */
const maxTasks = 1 << 22
const jobsAtOnce = 4
/** After so many failed connections in a row a server is not asked any more. */
const maxFailures = 3

/** Bounds of a job's execution, from its terms. */
export function limitsOf({ terms }: JobState): { stepLimit: bigint; maxOutput: number; maxPages: number } {
  const { stepLimit, maxOutput, maxPages } = decodeWord(limitsWord, terms.limits)
  return { stepLimit, maxOutput: Number(maxOutput), maxPages: Number(maxPages) }
}

/** Jobs with a result that stands or may still be challenged. */
export function jobsWithResult({ jobs }: MarketState, only?: readonly Hex[]): JobState[] {
  const wanted = only && new Set(only.map((jobId) => jobId.toLowerCase()))
  return [...jobs.values()].filter(({ jobId, claim }) => {
    const status = statusOf(claim)
    return (status === 'submitted' || status === 'settled') && (wanted?.has(jobId) ?? true)
  })
}

/**
 * Downloads what providers publish of their results and verifies it: the leaves against the commitment on-chain, the
 * outputs against the leaves, one in memory at a time. What a provider does not serve is listed, what it serves
 * wrongly is a finding.
 */
export async function verifyResults(
  state: MarketState,
  jobs: readonly JobState[],
  options: ResultsOptions,
): Promise<{ verified: VerifiedJob[]; outputs: number; notServed: NotServed[] }> {
  const verified: VerifiedJob[] = []
  const notServed: NotServed[] = []
  let outputs = 0
  const failures = new Map<string, number>()
  const { signal, onEach } = options
  await mapPooled(jobs, (job) => verify(job), { limit: jobsAtOnce, signal, onEach })
  return { verified, outputs, notServed }

  async function verify(job: JobState): Promise<void> {
    const { jobId } = job
    const endpoint = endpointOf(state, job.provider)
    const pass = (what: NotServed['what'], reason: string) =>
      void notServed.push({ jobId, what, url: endpoint, reason })
    if (job.rules.isPrivate) return pass('leaves', 'its results are private')
    if (endpoint === '') return pass('leaves', 'the provider named no endpoint')
    if ((failures.get(endpoint) ?? 0) >= maxFailures)
      return pass('leaves', 'the endpoint did not answer before')
    if (job.origin.tasks > maxTasks) return pass('leaves', `${job.origin.tasks} tasks, more than ${maxTasks}`)

    const attempt = async <result>(
      what: 'leaves' | 'outputs',
      run: () => Promise<result>,
    ): Promise<result | undefined> => {
      try {
        const result = await run()
        failures.delete(endpoint)
        return result
      } catch (error) {
        signal?.throwIfAborted()
        if (!(error instanceof AssayError)) throw error
        const isGone = error instanceof StoreUnreachableError || error instanceof StoreTimeoutError
        failures.set(endpoint, isGone ? (failures.get(endpoint) ?? 0) + 1 : 0)
        if (isWrong(error)) reportWrong(options.checks, job, what, error)
        else pass(what, error.shortMessage)
        return undefined
      }
    }

    const leaves = await attempt('leaves', () => leavesOf(job, endpoint, signal))
    if (leaves === undefined) return
    options.checks.count('results')
    verified.push({ job, leaves })
    const size = leaves.reduce((sum, { outputLength }) => sum + outputLength, 0)
    if (size > options.maxOutputs) return pass('outputs', `${size} bytes, more than ${options.maxOutputs}`)
    await attempt('outputs', async () => {
      for await (const _ of fetchOutputs({ endpoint, jobId, leaves, signal })) {
        options.checks.count('outputs')
        outputs++
      }
    })
  }
}

function leavesOf(job: JobState, endpoint: string, signal: AbortSignal | undefined): Promise<LeafRow[]> {
  return fetchLeaves({
    endpoint,
    jobId: job.jobId,
    resultCommitment: word(job.resultCommitment),
    tasks: Number(job.origin.tasks),
    limits: limitsOf(job),
    signal,
  })
}

function endpointOf({ contacts }: MarketState, provider: Address | undefined): string {
  return (provider && contacts.get(provider)?.endpoint) ?? ''
}

/** Whether the server gave something that contradicts the chain, rather than nothing. */
function isWrong(error: AssayError): boolean {
  return (
    error instanceof ResultMismatchError ||
    error instanceof MalformedResultError ||
    error instanceof ContentMismatchError
  )
}

function reportWrong(checks: Checks, job: JobState, what: 'leaves' | 'outputs', error: AssayError): void {
  const task =
    error instanceof ContentMismatchError || error instanceof MalformedResultError
      ? error.taskIndex
      : undefined
  const { Expected = 'results within the bounds of the job', Got, Reason } = error.facts
  checks.that(what === 'leaves' ? 'results' : 'outputs', false, () => ({
    subject: `job ${job.jobId}${task === undefined ? '' : `, task ${task}`}: ${what} served by ${job.provider}`,
    expected: `${Expected}`,
    actual: `${Got ?? Reason ?? error.shortMessage}`,
  }))
}
