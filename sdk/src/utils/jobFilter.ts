import { type Address, type Hex, isAddressEqual } from 'viem'
import { getJob } from '../actions/getJob.ts'
import type { ClientWithMarket } from '../types/client.ts'
import type { JobEvent } from '../types/event.ts'
import { decodeJobStatus } from './status.ts'

type Parties = { requester?: Address | undefined; provider?: Address | undefined }

/**
 * Keeps the events of jobs of one requester, or claimed by one provider. Not every event names both, so they are
 * remembered by job, and read where an event comes of a job that was not seen before.
 */
export class JobFilter {
  readonly #client: ClientWithMarket
  readonly #market: Address
  readonly #wanted: Parties
  readonly #jobs = new Map<Hex, Parties>()

  constructor(client: ClientWithMarket, { market, requester, provider }: Parties & { market: Address }) {
    this.#client = client
    this.#market = market
    this.#wanted = { requester, provider }
  }

  async select(events: readonly JobEvent[]): Promise<JobEvent[]> {
    const { requester, provider } = this.#wanted
    if (requester === undefined && provider === undefined) return [...events]
    const selected: JobEvent[] = []
    for (const event of events) {
      const parties = await this.#partiesOf(event)
      if (matches(parties.requester, requester) && matches(parties.provider, provider)) selected.push(event)
    }
    return selected
  }

  async #partiesOf({ eventName, args }: JobEvent): Promise<Parties> {
    const parties = { ...this.#jobs.get(args.jobId) }
    if ('requester' in args) parties.requester = args.requester
    if ('provider' in args) parties.provider = args.provider
    // Anyone may ask to settle or fail an id that does not exist.
    const isSkip = eventName === 'SettleSkipped' || eventName === 'FailSkipped'
    const exists = !isSkip || decodeJobStatus(args.status) !== 'none'
    // A job that is only posted, or cancelled, was claimed by nobody.
    const wasClaimed = eventName !== 'JobPosted' && eventName !== 'JobCancelled'
    const { requester, provider } = this.#wanted
    const lacksRequester = requester !== undefined && parties.requester === undefined
    const lacksProvider = provider !== undefined && parties.provider === undefined && wasClaimed
    if (exists && (lacksRequester || lacksProvider)) {
      const job = await getJob(this.#client, { jobId: args.jobId, market: this.#market })
      parties.requester = job.requester
      parties.provider = job.provider ?? undefined
    }
    // A watcher runs for months: what is over is not kept.
    if (lastEvents.has(eventName)) this.#jobs.delete(args.jobId)
    else this.#jobs.set(args.jobId, parties)
    return parties
  }
}

/** Events after which there are hardly more of a job; where one comes all the same, the job is read again. */
const lastEvents: ReadonlySet<string> = new Set([
  'JobCancelled',
  'JobReleased',
  'JobSettled',
  'JobFailed',
  'JobRejected',
  'SeatConcluded',
  'SettleSkipped',
  'FailSkipped',
] satisfies JobEvent['eventName'][])

function matches(party: Address | undefined, wanted: Address | undefined): boolean {
  return wanted === undefined || (party !== undefined && isAddressEqual(party, wanted))
}
