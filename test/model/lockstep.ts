/** Model and contracts, one call at a time, with the witness watching. */
import { type Hex, zeroHash } from 'viem'
import { isFinal, Witness } from '../invariant/witness.ts'
import { type Action, act, jobsOf, perform } from './actions.ts'
import type { MarketChain } from './chain.ts'
import { asEmitted } from './codec.ts'
import { deadlines, playersOf } from './jobCalls.ts'
import type { Random } from './random.ts'
import { type Group, type ReplicatedMarket, timesOf } from './replication.ts'
import type { Tally } from './tally.ts'
import type { Address, Terms } from './terms.ts'
import { type Job, Refusal, type RuleSet, type Stage } from './types.ts'
import { differences, disputeOf, factsOf, rulesOf, subjectsOf, type View, viewOf } from './view.ts'

const LEVELS = 4
const HALF_LIFE = 30 * 86_400

/** Model and contracts differ. */
export class LockstepError extends Error {
  override readonly name = 'LockstepError'
}

export class Lockstep {
  readonly chain: MarketChain
  readonly market: ReplicatedMarket
  readonly everyone: readonly Address[]
  /** Every action so far. */
  readonly history: Action[]
  readonly #witness: Witness

  private constructor(
    chain: MarketChain,
    market: ReplicatedMarket,
    everyone: readonly Address[],
    history: Action[],
    witness: Witness,
  ) {
    this.chain = chain
    this.market = market
    this.everyone = everyone
    this.history = history
    this.#witness = witness
  }

  /** Starts where both stand just after the deployment. */
  static async from(chain: MarketChain, market: ReplicatedMarket): Promise<Lockstep> {
    const everyone = [...chain.people, ...chain.contracts.scripted, chain.contracts.game]
    market.block = await chain.blockNumber()
    const { address, game, timelock, guardian, unit } = market
    const subjects = { people: everyone, wallets: everyone, jobs: [], viewer: everyone[0]! }
    const start = await chain.look(subjectsOf(market, subjects))
    const witness = new Witness(start, { address, game, timelock, guardian, unit })
    return new Lockstep(chain, market, everyone, [], witness)
  }

  /** The same once more, with a model of its own, to try something out. */
  branch(): Lockstep {
    return new Lockstep(this.chain, this.market.copy(), this.everyone, this.history, this.#witness.copy())
  }

  /** Both do the same, to the same effect; returns what is known of it to `tally`. */
  async step(action: Action, tally?: Tally): Promise<void> {
    const { market, chain } = this
    this.history.push(action)
    market.now = action.at
    market.block += 1n
    market.events = []
    tally?.before(action, market)
    const refusal = attempt(() => perform(market, action))
    if (refusal) market.events = []
    const outcome = await chain.perform(action)
    agree(`${action.call}`, refusal ?? 'done', outcome.error ?? 'done')
    agree(`events of ${action.call}`, market.events.map(asEmitted), outcome.events)

    const jobs = [
      ...new Set([
        ...jobsOf(action, market),
        ...market.events.flatMap(({ jobId }) => (jobId ? [jobId as Hex] : [])),
      ]),
    ]
    const people = this.#toLookAt(action, jobs)
    const wallets = outcome.movedTokens ? people : []
    const seen = await this.#compare(`after ${action.call}`, people, wallets, jobs)
    await this.#compareNonces(action)
    await this.#compareDisputes(jobs)
    await this.#rememberHashes()
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

  /** Looks at both; who may take a spare is asked of one after the other. */
  async #compare(
    what: string,
    people: readonly Address[],
    wallets: readonly Address[],
    jobs: readonly Hex[],
  ): Promise<View> {
    const viewer = this.everyone[this.history.length % this.everyone.length]!
    const subjects = subjectsOf(this.market, { people, wallets, jobs, viewer })
    const seen = await this.chain.look(subjects)
    agree(what, viewOf(this.market, subjects), seen)
    return seen
  }

  async #compareNonces({ call, from, args }: Action): Promise<void> {
    if (call !== 'claimSigned' && call !== 'acceptOffer' && call !== 'cancelNonces') return
    const [signer, index] = call === 'cancelNonces' ? [from, args[0]] : [args[0], args[2].nonce >> 8n]
    const spent = [...this.market.spentBy(signer)].filter((nonce) => nonce >> 8n === index)
    const word = spent.reduce((bits, nonce) => bits | (1n << (nonce & 255n)), 0n)
    agree(`nonces after ${call}`, word, await this.chain.spentNonces(signer, index))
  }

  /** Compares what the dispute game keeps of jobs that it was ever told of. */
  async #compareDisputes(jobs: readonly Hex[]): Promise<void> {
    for (const id of jobs.filter((id) => this.market.games.has(id))) {
      const model = disputeOf(this.market, id, this.chain.people)
      agree(`disputes of ${id}`, model, await this.chain.dispute(id, this.chain.people))
    }
  }

  /** The model cannot know the hash of a block that draws spares: it is told. */
  async #rememberHashes(): Promise<void> {
    const { market, chain } = this
    const draws = ({ phase, targetBlock }: Group) => phase !== 'Closed' && targetBlock <= market.block
    for (const { targetBlock } of [...market.groups.values()].filter(draws)) {
      if (targetBlock > 0n && !market.blockHashes.has(targetBlock))
        market.blockHashes.set(targetBlock, await chain.blockHash(targetBlock))
    }
  }

  /** Asks both what a claim would get, of some job, by somebody. */
  async compareQuote(id: Hex, provider: Address): Promise<void> {
    let quoted: unknown
    const refusal = attempt(() => {
      quoted = this.market.quoteClaim(id, provider)
    })
    agree('quoteClaim', refusal ?? quoted, await this.chain.quoteClaim(id, provider))
  }

  /** Compares all accounts and these jobs (those that may still move at least); checks the sums over them. */
  async compareAll(jobs: readonly Hex[] = idsOf(this.market.liveJobs())): Promise<View> {
    const seen = await this.#compare('everything', this.everyone, this.everyone, jobs)
    agree('facts', factsOf(this.market, this.everyone), await this.chain.facts(this.everyone))
    this.#witness.audit(seen)
    return seen
  }

  /** Compares every set of rules that there ever was. */
  async compareRules(): Promise<void> {
    const rules = await this.chain.rules(this.market.sets.length, LEVELS)
    agree('rules', rulesOf(this.market, LEVELS), rules)
    this.#witness.auditRules(rules)
  }

  /**
   * L1: the hooks keep their promise, time passes, and a stranger calls; then every job is final and every bond free. Nobody
   * else does anything.
   */
  async bringToAnEnd(stranger: Address, random: Random): Promise<void> {
    const { market } = this
    const jobs = idsOf(market.liveJobs())
    const ids = (stage: Stage) => jobs.filter((id) => market.jobs.get(id)!.stage === stage)
    await this.#endGames(stranger)
    for (const id of ids('Submitted')) await this.#decide(market.jobs.get(id)!, random)

    for (const { stage, deadline } of deadlines) {
      for (const id of ids(stage))
        market.now = Math.max(market.now, deadline(market.jobs.get(id)!, market) + 1)
    }
    await this.#resolveAll(stranger)
    for (const id of ids('Open')) await this.step(act('cancel', stranger, market.now, id))
    for (const id of ids('AwaitingKey')) await this.step(act('release', stranger, market.now, id))
    await this.step(act('failMany', stranger, market.now, ids('Claimed')))
    await this.step(act('settleMany', stranger, market.now, ids('Submitted')))

    await this.compareRules()
    const seen = await this.compareAll(jobs)
    for (const [id, { status, level }] of seen.jobs)
      agree(`L1 ${id} (level ${level}, ${status}) is final`, true, isFinal(status))
    for (const { locked, active } of seen.people.values())
      agree('L1 bonds and claims left', [0, 0], [locked, active])
    agree('L1 jobs left', [], idsOf(market.liveJobs()))
  }

  /** Each turn of each game is over some time; a game that another one's win has ended is collected. */
  async #endGames(stranger: Address): Promise<void> {
    const { market } = this
    for (let [game] = market.openGames(); game; [game] = market.openGames()) {
      const { challenger, position } = game
      if (market.claimStateOf(position.claim.jobId).isRejected) {
        await this.step(act('collect', stranger, market.now, challenger, position))
        continue
      }
      market.now = Math.max(market.now, market.turnEnd(position) + 1)
      await this.step(act('timeOut', stranger, market.now, challenger, position, market.postedAt(position)))
    }
    agree('L1 what the game keeps when all games are over', 0n, market.account(market.game).balance)
  }

  /** Each phase of each group is over at the latest after its last deadline. */
  async #resolveAll(stranger: Address): Promise<void> {
    const { market } = this
    const open = () => [...market.groups.values()].find(({ phase }) => phase !== 'Closed')
    for (let group = open(); group; group = open()) {
      market.now = Math.max(market.now, timesOf(group).revealBy + 1)
      await this.step(act('resolve', stranger, market.now, group.id))
    }
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
    await this.compareRules()
    agree('L2 all that is left is the reserve', whole.reserve, this.#witness.held)
  }

  /** R1: years after a job as large as jobs can be, the reputation from it has faded to nothing. */
  async fade(requester: Address, provider: Address, terms: Terms): Promise<void> {
    const { market } = this
    const start = market.now
    const price = 2n ** 77n
    const rules: RuleSet = { ...market.sets[0]!, feeBps: 1_000, bondBps: 2_000, baseExposure: 2n ** 80n - 1n }
    const large: Terms = { ...terms, maxPrice: price, minBps: 10_000, level: 0 }
    const id = market.idOf(requester, large)
    for (const action of [
      act('addParameters', market.timelock, start, rules),
      act('resumePosting', market.timelock, start),
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
    }
    await this.compareAll()
    agree('R1 reputation left', 0, market.reputationOf(provider))
  }

  /** A dispute game has clocks of its own: each challenge ends, lost or won, and each result becomes final or is rejected. */
  async #decide({ id, terms, openChallenges }: Job, random: Random): Promise<void> {
    const { market } = this
    const job = market.jobs.get(id)!
    const hook = openChallenges > 0 ? playersOf(market, job)[0]! : market.hookOf(job)
    if (openChallenges > 0 && random.chance(0.3)) {
      await this.step(act('reject', hook, market.now, id, random.bits(20)))
      return
    }
    for (let i = 0; i < openChallenges; i++) await this.step(act('challengeClosed', hook, market.now, id))
    if (this.chain.contracts.scripted.includes(hook) && terms.level > 0)
      await this.step(act('decide', hook, market.now, id))
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
