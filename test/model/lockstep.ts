/** Model and contracts, one call at a time, with the witness watching. */
import { type Hex, zeroHash } from 'viem'
import { isFinal, Witness } from '../invariant/witness.ts'
import { type Action, act, jobsOf, perform } from './actions.ts'
import type { MarketChain } from './chain.ts'
import { asEmitted } from './codec.ts'
import { deadlines } from './jobCalls.ts'
import type { Market } from './market.ts'
import type { Random } from './random.ts'
import type { Tally } from './tally.ts'
import { type Address, jobIdOf, type Terms } from './terms.ts'
import { type Job, Refusal, type RuleSet, type Stage } from './types.ts'
import { differences, rulesOf, type View, viewOf } from './view.ts'

const LEVELS = 4
const HALF_LIFE = 30 * 86_400

/** Model and contracts differ. */
export class LockstepError extends Error {
  override readonly name = 'LockstepError'
}

export class Lockstep {
  readonly chain: MarketChain
  readonly market: Market
  readonly everyone: readonly Address[]
  /** Every action so far. */
  readonly history: Action[]
  readonly #witness: Witness

  private constructor(chain: MarketChain, market: Market, history: Action[], start: View) {
    this.chain = chain
    this.market = market
    this.everyone = [...start.people.keys()]
    this.history = history
    this.#witness = new Witness(start, market)
  }

  /** Starts, or goes on, where model and contracts stand. */
  static async from(chain: MarketChain, market: Market, history: Action[] = []): Promise<Lockstep> {
    const everyone = [...chain.people, ...chain.contracts.hooks]
    return new Lockstep(chain, market, history, await chain.look(everyone, idsOf(market.liveJobs())))
  }

  /** Both do the same, to the same effect; returns what is known of it to `tally`. */
  async step(action: Action, tally?: Tally): Promise<void> {
    const { market, chain } = this
    this.history.push(action)
    market.now = action.at
    market.events = []
    tally?.before(action, market)
    const refusal = attempt(() => perform(market, action))
    const outcome = await chain.perform(action)
    agree(`${action.call}`, refusal ?? 'done', outcome.error ?? 'done')
    agree(`events of ${action.call}`, market.events.map(asEmitted), outcome.events)

    const jobs = [
      ...new Set([...jobsOf(action), ...market.events.flatMap(({ jobId }) => (jobId ? [jobId as Hex] : []))]),
    ]
    const people = this.#toLookAt(action, jobs)
    const seen = await chain.look(people, jobs)
    agree(`after ${action.call}`, viewOf(market, people, jobs), seen)
    this.#witness.observe(action, refusal !== undefined, outcome.events, seen)
    tally?.after(action, market, refusal)
  }

  /** All that the call may concern, and two others in turn. */
  #toLookAt(action: Action, jobs: readonly Hex[]): Address[] {
    const texts = new Set<unknown>([
      action.from,
      ...action.args.flat(),
      ...this.market.events.flatMap(Object.values),
    ])
    for (const id of jobs) for (const value of Object.values(this.market.jobs.get(id) ?? {})) texts.add(value)
    const turn = (this.history.length * 2) % this.everyone.length
    return this.everyone.filter((address, i) => texts.has(address) || i === turn || i === turn + 1)
  }

  /** Asks both what a claim would get, of some job, by somebody. */
  async compareQuote(id: Hex, provider: Address): Promise<void> {
    let quoted: unknown
    const refusal = attempt(() => {
      quoted = this.market.quoteClaim(id, provider)
    })
    agree('quoteClaim', refusal ?? quoted, await this.chain.quoteClaim(id, provider))
  }

  /** Compares all rules, all accounts and these jobs (those that may still move at least); checks the sums over them. */
  async compareAll(jobs: readonly Hex[] = idsOf(this.market.liveJobs())): Promise<View> {
    const seen = await this.chain.look(this.everyone, jobs)
    agree('everything', viewOf(this.market, this.everyone, jobs), seen)
    const rules = await this.chain.rules(LEVELS)
    agree('rules', rulesOf(this.market, LEVELS), rules)
    this.#witness.audit(seen)
    this.#witness.auditRules(rules)
    return seen
  }

  /**
   * L1: the hooks keep their promise, time passes, and a stranger calls; then every job is final and every bond free. Nobody
   * else does anything.
   */
  async bringToAnEnd(stranger: Address, random: Random): Promise<void> {
    const { market } = this
    const jobs = idsOf(market.liveJobs())
    const ids = (stage: Stage) => jobs.filter((id) => market.jobs.get(id)!.stage === stage)
    for (const id of ids('Submitted')) await this.#decide(market.jobs.get(id)!, random)

    for (const { stage, deadline } of Object.values(deadlines)) {
      for (const id of ids(stage)) market.now = Math.max(market.now, deadline(market.jobs.get(id)!) + 1)
    }
    for (const id of ids('Open')) await this.step(act('cancel', stranger, market.now, id))
    for (const id of ids('Claimed')) await this.step(act('fail', stranger, market.now, id))
    await this.step(act('settleMany', stranger, market.now, ids('Submitted')))

    const seen = await this.compareAll(jobs)
    for (const [id, { status }] of seen.jobs) agree(`L1 ${id}, ${status}, is final`, true, isFinal(status))
    for (const { locked, active } of seen.people.values())
      agree('L1 bonds and claims left', [0, 0], [locked, active])
    agree('L1 jobs left', [], idsOf(market.liveJobs()))
  }

  /** L2: once every job is final, everyone can leave with everything; what stays is the reserve. */
  async leave(): Promise<void> {
    const { market } = this
    const owing = this.everyone.filter((person) => market.provider(person).feeOwed > 0n)
    if (owing.length > 0) await this.step(act('collectFees', this.everyone[0]!, market.now, owing))
    for (const person of this.everyone) {
      const { stake } = market.account(person)
      if (stake > 0n) await this.step(act('unstake', person, market.now, stake))
      const { balance } = market.account(person)
      if (balance > 0n) await this.step(act('withdraw', person, market.now, person, balance))
    }
    const { whole } = await this.compareAll([...market.jobs.keys()])
    agree('L2 all that is left is the reserve', whole.reserve, whole.held)
  }

  /** R1: years after a job as large as jobs can be, the reputation from it has faded to nothing. */
  async fade(requester: Address, provider: Address, terms: Terms): Promise<void> {
    const { market } = this
    const start = market.now
    const price = 2n ** 77n
    const rules: RuleSet = { ...market.sets[0]!, feeBps: 1_000, bondBps: 2_000, baseExposure: 2n ** 80n - 1n }
    const large: Terms = { ...terms, maxPrice: price, minBps: 10_000, level: 0 }
    const id = jobIdOf(market.chainId, market.address, requester, large)
    for (const action of [
      act('addParameters', market.owner, start, rules),
      act('resumePosting', market.owner, start),
      act('approve', requester, start, 2n ** 256n - 1n),
      act('deposit', requester, start, price),
      act('post', requester, start, large),
      act('approve', provider, start, 2n ** 256n - 1n),
      act('deposit', provider, start, price),
      act('stake', provider, start, price),
      act('updateProvider', provider, start, terms.floor, 1, '', zeroHash),
      act('claim', provider, start, id),
      act('submit', provider, start, id, zeroHash, 0n),
      act('accept', requester, start, id),
      ...[1, 20, 39, 40, 60, 79, 80].map((n) => act('gift', requester, start + n * HALF_LIFE, 1n)),
    ]) {
      await this.step(action)
      await this.compareAll()
    }
    agree('R1 reputation left', 0, market.reputationOf(provider))
  }

  /** A dispute game has clocks of its own: each challenge ends, lost or won, and each result becomes final or is rejected. */
  async #decide({ id, terms, openChallenges }: Job, random: Random): Promise<void> {
    const { market } = this
    const hook = market.hookOf(market.jobs.get(id)!)
    if (openChallenges > 0 && random.chance(0.3)) {
      await this.step(act('reject', hook, market.now, id, random.bits(20)))
      return
    }
    for (let i = 0; i < openChallenges; i++) await this.step(act('challengeClosed', hook, market.now, id))
    if (terms.level > 0) await this.step(act('decide', hook, market.now, id))
  }
}

/** The name of the error that the model refuses with, if it does. */
function attempt(call: () => void): string | undefined {
  try {
    call()
  } catch (error) {
    if (error instanceof Refusal) return error.reason
    throw error
  }
  return undefined
}

function agree(what: string, model: unknown, contracts: unknown): void {
  const different = differences(model, contracts)
  if (different.length > 0)
    throw new LockstepError([`${what} (model ≠ contracts)`, ...different.slice(0, 10)].join('\n  '))
}

function idsOf(jobs: readonly Job[]): Hex[] {
  return jobs.map(({ id }) => id)
}
