/**
 * A market recomputed from its logs alone, as an auditor does who trusts no getter: every account, profile and job word,
 * the reserve and what is held. Bonds and parts of slashes are in the events, so no rule has to be known but how
 * reputation decays and at how many steps a meter stops.
 */
import { ethers } from './chain.ts'
import type { World } from './fixtures.ts'
import { min } from './reference.ts'
import { STATUSES, type Status } from './statuses.ts'
import { commitmentOf, jobIdOf, type Terms } from './terms.ts'

const DAY = 86_400n
const MAX = 2n ** 80n - 1n
const DAILY_FACTOR = 18_025_419_856_780_639_094n

export interface Replayed {
  accounts: Map<string, { balance: bigint; stake: bigint; locked: bigint; active: bigint }>
  profiles: Map<string, Profile>
  jobs: Map<string, ReplayedJob>
  reserve: bigint
  held: bigint
}

interface Profile {
  resources: bigint
  concurrency: bigint
  faults: bigint
  reputationAt: bigint
  reputation: bigint
  feeOwed: bigint
}

interface ReplayedJob {
  requester: string
  terms: Terms
  postedAt: bigint
  provider: string
  price: bigint
  bond: bigint
  claimedAt: bigint
  isMediated: boolean
  /** Agreed by signature: posted and claimed at once. */
  isSigned: boolean
  keyedAt: bigint
  submittedAt: bigint
  /** That a metered job counts, zero for others. */
  steps: bigint
  openChallenges: bigint
  resultCommitment: bigint
  status: Status
}

/** Reputation's decay with the roundings of the contract: the factor of the days by square and multiply, the value last. */
export function decayed(value: bigint, from: bigint, to: bigint): bigint {
  const days = to / DAY - from / DAY
  let decay = 2n ** 64n
  let factor = DAILY_FACTOR
  for (let rest = days % 30n; rest > 0n; rest >>= 1n) {
    if (rest & 1n) decay = (decay * factor) >> 64n
    factor = (factor * factor) >> 64n
  }
  return (value * decay) >> (64n + days / 30n)
}

export async function replay({ market, address, fromBlock }: World, chainId: bigint): Promise<Replayed> {
  const state: Replayed = { accounts: new Map(), profiles: new Map(), jobs: new Map(), reserve: 0n, held: 0n }
  const account = (who: string) =>
    entry(state.accounts, who, { balance: 0n, stake: 0n, locked: 0n, active: 0n })
  const profile = (who: string) =>
    entry(state.profiles, who, {
      resources: 0n,
      concurrency: 0n,
      faults: 0n,
      reputationAt: 0n,
      reputation: 0n,
      feeOwed: 0n,
    })
  const earn = (who: string, time: bigint, change: (reputation: bigint) => bigint) => {
    const of = profile(who)
    of.reputation = change(decayed(of.reputation, of.reputationAt, time))
    of.reputationAt = time
  }
  /** Ends a job's claim: frees its bond but for what was debited. */
  const free = (job: ReplayedJob, debit: bigint) => {
    const of = account(job.provider)
    of.locked -= job.bond
    of.stake -= debit
    of.active -= 1n
  }

  /** Pays the provider and gives the rest of the price back. */
  const pay = (job: ReplayedJob, amount: bigint, fee: bigint, time: bigint) => {
    account(job.provider).balance += amount
    profile(job.provider).feeOwed += fee
    earn(job.provider, time, (reputation) => min(reputation + fee, MAX))
    account(job.requester).balance += job.price - amount - fee
  }
  const mediated: boolean[][] = []
  let posted = ''

  for (const log of await ethers.provider.getLogs({ address, fromBlock, toBlock: 'latest' })) {
    const event = market.interface.parseLog(log)
    if (event === null) throw new Error(`log ${log.index} of ${log.transactionHash} is none of the market's`)
    const a = event.args
    const time = BigInt((await ethers.provider.getBlock(log.blockNumber))?.timestamp ?? 0)
    const job = state.jobs.get(a.jobId) as ReplayedJob
    const isPostedBefore = posted === `${log.transactionHash} ${log.index - 1}`
    switch (event.name) {
      case 'ParametersAdded':
        mediated.push(a.levels.map((level: { isMediated: boolean }) => level.isMediated))
        break
      case 'Deposited':
        account(a.account).balance += a.amount
        state.held += a.amount
        break
      case 'Withdrawn':
        account(a.account).balance -= a.amount
        state.held -= a.amount
        break
      case 'Transferred':
        account(a.from).balance -= a.amount
        if (a.to === address) state.reserve += a.amount
        else account(a.to).balance += a.amount
        break
      case 'FeesCollected':
        profile(a.provider).feeOwed -= a.amount
        account(a.recipient).balance += a.amount
        break
      case 'Staked':
        account(a.provider).balance -= a.amount
        account(a.provider).stake += a.amount
        break
      case 'Unstaked':
        account(a.provider).stake -= a.amount
        account(a.provider).balance += a.amount
        break
      case 'ProviderUpdated':
        Object.assign(profile(a.provider), { resources: a.resources, concurrency: a.concurrency })
        break
      case 'JobPosted': {
        const [programId, inputsRoot, sharedInput, rules, limits, assurance, dataUri] = a.terms
        const terms = { programId, inputsRoot, sharedInput, rules, limits, assurance, dataUri }
        posted = `${log.transactionHash} ${log.index}`
        if (jobIdOf(chainId, address, a.requester, terms) !== a.jobId)
          throw new Error(`${a.jobId} is no hash of its terms`)
        state.jobs.set(a.jobId, {
          requester: a.requester,
          terms,
          postedAt: time,
          provider: ethers.ZeroAddress,
          price: 0n,
          bond: 0n,
          claimedAt: 0n,
          isSigned: false,
          isMediated: mediated.at(-1)?.[Number((rules >> 220n) & 0xffn)] ?? false,
          keyedAt: 0n,
          submittedAt: 0n,
          steps: 0n,
          openChallenges: 0n,
          resultCommitment: 0n,
          status: 'Open',
        })
        account(a.requester).balance -= maxPriceOf(terms)
        break
      }
      case 'JobCancelled':
        job.status = 'Cancelled'
        account(job.requester).balance += a.refund
        break
      case 'JobClaimed':
        Object.assign(job, {
          provider: a.provider,
          price: a.price,
          bond: a.bond,
          claimedAt: time,
          isSigned: isPostedBefore,
          status: job.isMediated ? 'Seated' : isPrivate(job.terms) ? 'AwaitingKey' : 'Claimed',
        })
        account(job.requester).balance += maxPriceOf(job.terms) - a.price
        account(a.provider).locked += a.bond
        account(a.provider).active += 1n
        break
      case 'KeyDelivered':
        job.status = 'Claimed'
        job.keyedAt = time
        break
      case 'JobReleased':
        job.status = 'Released'
        free(job, a.penalty)
        state.reserve += a.penalty
        account(job.requester).balance += job.price
        break
      case 'ResultSubmitted':
        job.status = 'Submitted'
        job.submittedAt = time
        job.resultCommitment = BigInt(commitmentOf(a.resultRoot, a.totalSteps))
        job.steps = meteredSteps(job.terms, a.totalSteps)
        break
      case 'ChallengeCountChanged':
        job.openChallenges = a.openChallenges
        break
      case 'JobSettled':
        job.status = 'Settled'
        free(job, 0n)
        pay(job, a.pay, a.fee, time)
        break
      case 'SeatConcluded':
        job.status = STATUSES[Number(a.status)] as Status
        free(job, a.slash)
        pay(job, a.pay, a.fee, time)
        state.reserve += a.slash
        if (job.status === 'Rejected') {
          profile(job.provider).faults += 1n
          earn(job.provider, time, (reputation) => (reputation * 3n) / 4n)
        }
        if (a.resultCommitment !== ethers.ZeroHash) {
          job.submittedAt = time
          job.resultCommitment = BigInt(a.resultCommitment)
        }
        break
      case 'BondFrozen':
        account(job.provider).locked -= job.bond - a.bond
        job.bond = a.bond
        break
      case 'JobFailed':
        job.status = 'Failed'
        free(job, a.toRequester + a.toKeeper + a.toReserve)
        profile(job.provider).faults += 1n
        earn(job.provider, time, (reputation) => (reputation * 3n) / 4n)
        state.reserve += a.toReserve
        account(job.requester).balance += job.price + a.toRequester
        account(a.keeper).balance += a.toKeeper
        break
      case 'JobRejected':
        job.status = 'Rejected'
        free(job, a.toRequester + a.toHook + a.toReserve)
        profile(job.provider).faults += 1n
        earn(job.provider, time, (reputation) => reputation / 4n)
        state.reserve += a.toReserve
        account(job.requester).balance += job.price + a.toRequester
        account(a.hook).balance += a.toHook
        break
    }
  }
  return state
}

export const maxPriceOf = ({ rules }: Terms): bigint => rules & MAX

const isPrivate = ({ rules }: Terms): boolean => ((rules >> 94n) & 1n) === 1n

function meteredSteps({ limits }: Terms, totalSteps: bigint): bigint {
  const [tasks, stepLimit] = [limits & 0xffff_ffffn, (limits >> 64n) & 0xffff_ffff_ffff_ffffn]
  const isMetered = ((limits >> 176n) & 0xffffn) !== 0n
  return isMetered ? min(totalSteps, tasks * stepLimit) : 0n
}

/** The number that the claim's word holds for a status; only stored ones occur in a replay. */
export const storedNumber = (status: Status): bigint =>
  status === 'Open' ? 0n : BigInt(STATUSES.indexOf(status))

function entry<T>(map: Map<string, T>, key: string, fresh: T): T {
  const found = map.get(key)
  if (found !== undefined) return found
  map.set(key, fresh)
  return fresh
}
