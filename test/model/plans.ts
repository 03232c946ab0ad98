/** Several actions that lead to the edge of an amount: what is there is just enough, or one too little. */
import { zeroHash } from 'viem'
import type { Action } from './actions.ts'
import { CAPACITY } from './bounds.ts'
import { drawTerms, drawUsableRules, floatDown } from './drawTerms.ts'
import { bondFor, floatUp, min } from './formulas.ts'
import type { Pool } from './pool.ts'

/** Actions that are drawn when their turn comes; what is no longer possible then is left out. */
export type Plan = (() => Action | undefined)[]

/** A claim for which the provider has just enough, or one too little, of one thing; or a market that is full. */
export function planAtAmount(pool: Pool): Plan {
  const short = pool.random.chance(0.5) ? 1n : 0n
  switch (pool.random.weighted({ stake: 3, slots: 3, reputation: 3, exposure: 5, capacity: 1 })) {
    case 'stake':
      return claimAtStake(pool, short)
    case 'slots':
      return claimAtSlots(pool, short)
    case 'reputation':
      return claimAtReputation(pool, short)
    case 'exposure':
      return claimAtExposure(pool, short)
    case 'capacity':
      return fillUp(pool)
  }
}

function claimAtStake(pool: Pool, short: bigint): Plan {
  const { job, provider } = pool.match() ?? {}
  if (!job || !provider) return []
  const { stake, locked } = pool.market.account(provider)
  const rest = stake - locked - pool.quote(job, provider)!.bond
  return [() => pool.act('unstake', provider, rest + short), () => pool.act('claim', provider, job.id)]
}

function claimAtSlots(pool: Pool, short: bigint): Plan {
  const { job, provider } = pool.match() ?? {}
  if (!job || !provider) return []
  const { resources } = pool.market.provider(provider)
  const slots = pool.market.account(provider).active + 1 - Number(short)
  return [() => pool.declare(provider, resources, slots), () => pool.act('claim', provider, job.id)]
}

function claimAtReputation(pool: Pool, short: bigint): Plan {
  const drawn = drawClaim(pool)
  const reputation = pool.market.reputationOf(drawn.provider)
  drawn.terms.minReputation = short ? floatUp(reputation + 1n) : floatDown(reputation)
  return postAndClaim(pool, drawn)
}

/** Rules under which the bond, with what is locked already, is just the exposure limit. */
function claimAtExposure(pool: Pool, short: bigint): Plan {
  const { market, random, hooks } = pool
  const drawn = drawClaim(pool)
  const { provider, terms } = drawn
  const reputation = market.reputationOf(provider)
  Object.assign(terms, { level: 0, minBps: 10_000, minReputation: 0n, assurance: zeroHash, snapshot: 0 })
  const rules = { ...drawUsableRules(random, hooks), surchargeBps: 0 }
  // One less than a power of two rounds up to it: the float's mantissa overflows.
  if (random.chance(0.4)) rules.minBond = 2n ** BigInt(random.int(20, 60)) - 1n
  terms.run = Math.max(terms.run, rules.minRun)
  terms.window = Math.max(terms.window, rules.minWindow)
  const bond = bondFor(rules, terms.maxPrice, reputation)
  const baseExposure = market.account(provider).locked + bond - 10n * reputation - short
  if (baseExposure < 0n || baseExposure > CAPACITY) return []
  const tight = () => pool.act('addParameters', market.timelock, { ...rules, baseExposure })
  const back = () => pool.act('addParameters', market.timelock, drawUsableRules(random, hooks))
  return [tight, ...postAndClaim(pool, drawn), back]
}

/** Deposits all that the market can hold, perhaps one more, and takes it out again. */
function fillUp(pool: Pool): Plan {
  const { market, random } = pool
  const [rich, other] = pool.shuffled()
  const room = CAPACITY - market.held
  const { tokens, allowance } = market.wallet(rich!)
  if (min(tokens, allowance) < room * market.unit) return []
  return [
    () => pool.act('deposit', rich!, room + (random.chance(0.3) ? 1n : 0n)),
    () => pool.act('deposit', other!, 1n),
    () => pool.act('withdraw', rich!, rich!, min(room, market.account(rich!).balance)),
  ]
}

/** A provider, and a job to post that it has resources for. */
function drawClaim(pool: Pool) {
  const { market, random } = pool
  const [provider, requester] = [pool.person(), pool.person()]
  const terms = drawTerms(random, market, min(market.account(requester).balance, 10n ** 6n))
  terms.floor = market.provider(provider).resources
  return { provider, requester, terms }
}

function postAndClaim(pool: Pool, { provider, requester, terms }: ReturnType<typeof drawClaim>): Plan {
  const claim = () => {
    const job = [...pool.market.jobs.values()].at(-1)
    return job?.terms === terms ? pool.act('claim', provider, job.id) : undefined
  }
  return [() => pool.act('post', requester, terms), claim]
}
