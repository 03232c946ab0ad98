/** What people ordinarily do: with jobs, with money, as providers and as those who govern. */
import { zeroAddress } from 'viem'
import type { Action } from './actions.ts'
import { drawForDispute } from './drawDisputes.ts'
import { drawForGroup } from './drawGroups.ts'
import { drawResources, drawRules, drawTerms } from './drawTerms.ts'
import { min } from './formulas.ts'
import { playersOf } from './jobCalls.ts'
import type { Plan } from './plans.ts'
import type { Pool } from './pool.ts'
import type { Address } from './terms.ts'
import { type Job, releaseBy, windowEnd } from './types.ts'

const HOUR = 3_600
const UNLIMITED = 2n ** 256n - 1n

/** How often each is tried, of those that are possible. */
const intentions = {
  post: 15,
  postMany: 3,
  signed: 18,
  claim: 34,
  group: 3,
  deliverKey: 13,
  keyless: 2,
  submit: 34,
  release: 4,
  accept: 13,
  settle: 3,
  settleMany: 4,
  fail: 2,
  failMany: 3,
  cancel: 4,
  clear: 1,
  challenge: 34,
  unchallenge: 24,
  reject: 6,
  decide: 80,
  attest: 31,
  dispute: 70,
  deposit: 2,
  permit: 1,
  approve: 1,
  withdraw: 2,
  transfer: 4,
  stake: 2,
  unstake: 2,
  declare: 2,
  collectFees: 2,
  rules: 1,
  pause: 0.5,
  fees: 1,
  guardian: 0.7,
  nonces: 1,
  mine: 0.7,
  gift: 1,
}

type Intention = keyof typeof intentions

/** What somebody wants to do now, and in most cases can. */
export function drawOrdinary(pool: Pool): Action {
  const { random } = pool
  for (let tries = 0; tries < 20; tries++) {
    const intention = random.weighted(intentions)
    const action = onJobs(pool, intention) ?? onMoney(pool, intention) ?? onRules(pool, intention)
    if (action) return action
  }
  return pool.act('gift', pool.person(), 1n)
}

/** What moves jobs. */
function onJobs(pool: Pool, intention: Intention): Action | undefined {
  const { random, market } = pool
  const isPlain = (job: Job) => !market.isMediated(job)
  switch (intention) {
    case 'post':
    case 'postMany':
      return drawPost(pool, intention)
    case 'claim': {
      const match = pool.match(random.some(pool.jobs('Open').filter(isPlain), 9))
      if (match) return pool.act('claim', match.provider, match.job.id)
      const job = random.chance(0.1) ? pool.oneOf('Open') : undefined
      return job && pool.act('claim', pool.person(), job.id)
    }
    case 'signed':
      return drawSigned(pool)
    case 'group':
      // In a row, because a group that waits for chance misses its deadlines.
      if (random.chance(0.8))
        pool.plan = Array<Plan[number]>(random.int(1, 40)).fill(() => drawForGroup(pool))
      return drawForGroup(pool)
    case 'deliverKey': {
      const job = pool.oneOf('AwaitingKey')
      return job && pool.actOn('deliverKey', job.requester, job.id)
    }
    case 'keyless': {
      const job = pool.oneOf('Keyless') ?? pool.passDeadline('release', 'AwaitingKey', HOUR)
      return job && pool.act('release', pool.anyone(), job.id)
    }
    case 'submit': {
      const job = pool.oneOf('Claimed')
      if (job && market.challengersOf(job).includes(market.game) && random.chance(0.5))
        pool.plan = disputes(pool)
      return job && pool.actOn('submit', job.provider, job.id)
    }
    case 'release': {
      const job = pool.oneOf('Claimed', (job) => market.now <= releaseBy(job))
      return job && pool.act('release', job.provider, job.id)
    }
    case 'accept': {
      const job = pool.oneOf(random.chance(0.5) ? 'Submitted' : 'Settleable')
      return job && pool.act('accept', job.requester, job.id)
    }
    case 'settle': {
      const job =
        pool.oneOf('Settleable') ??
        pool.passDeadline('settle', 'Submitted', HOUR, (job) => job.openChallenges === 0)
      return job && pool.act('settle', pool.anyone(), job.id)
    }
    case 'settleMany':
    case 'failMany': {
      const jobs = pool.jobs(intention === 'settleMany' ? 'Settleable' : 'Overdue')
      const ready = random.some(jobs, random.int(1, 6)).map(({ id }) => id)
      const others = Array.from({ length: random.int(0, 2) }, () => pool.anyJob())
      const twice = random.some(ready, random.int(0, 1))
      return pool.act(intention, pool.anyone(), [...ready, ...others, ...twice])
    }
    case 'fail': {
      const job = pool.oneOf('Overdue') ?? pool.passDeadline('fail', 'Claimed', HOUR)
      const keepers = job && [pool.anyone(), pool.anyone(), job.provider, job.requester]
      return keepers && pool.act('fail', random.pick(keepers), job.id)
    }
    case 'cancel': {
      const job = pool.oneOf('Open', (job) => isPlain(job) || random.chance(0.1))
      return job && pool.act('cancel', job.requester, job.id)
    }
    case 'clear': {
      const job = pool.oneOf('Expired') ?? pool.passDeadline('cancel', 'Open', HOUR)
      return job && pool.act('cancel', pool.anyone(), job.id)
    }
    case 'challenge': {
      const status = random.chance(0.5) ? 'Disputed' : 'Submitted'
      const job =
        pool.oneOf('Settleable', (job) => market.now <= windowEnd(job)) ??
        pool.oneOf(status, (job) => market.now <= windowEnd(job))
      const hook = job && challengerOf(pool, job)
      return hook && (challengeWithBond(pool, job) ?? pool.act('challengeOpened', hook, job.id))
    }
    case 'unchallenge': {
      const job = pool.oneOf('Disputed')
      const hook = job && challengerOf(pool, job)
      return hook && pool.act('challengeClosed', hook, job.id)
    }
    case 'reject': {
      const job = pool.oneOf('Disputed')
      const hook = job && challengerOf(pool, job)
      return hook && pool.actOn('reject', hook, job.id)
    }
    case 'dispute':
      if (market.openGames().length > 0) pool.plan = disputes(pool)
      return drawForDispute(pool)
    case 'attest': {
      const attested = (job: Job) => market.hookOf(job) === market.attestation
      const job = pool.oneOf(random.chance(0.9) ? 'Submitted' : 'Disputed', attested)
      if (job && random.chance(0.6)) pool.plan = [() => challengeSigned(pool, job)]
      return job && pool.attest(pool.anyone(), job.id)
    }
    case 'decide': {
      const asked = (job: Job) =>
        pool.hooks.scripted.includes(market.hookOf(job)) && job.terms.level > 0 && job.openChallenges === 0
      const isRipe = (job: Job) => asked(job) && market.now > windowEnd(job)
      const early = random.chance(0.05) ? pool.oneOf('Submitted', asked) : undefined
      const late = () =>
        pool.oneOf('Submitted', isRipe) ?? pool.passDeadline('settle', 'Submitted', 12 * HOUR, asked)
      const job = early ?? late()
      return job && pool.act('decide', market.hookOf(job), job.id)
    }
  }
  return undefined
}

/** Moves of disputes in a row, because a game that waits for chance misses its turns. */
function disputes(pool: Pool): Plan {
  return Array<Plan[number]>(pool.random.int(1, 12)).fill(() => drawForDispute(pool))
}

/** What people do with their money, and as providers. */
function onMoney(pool: Pool, intention: Intention): Action | undefined {
  const { random, market } = pool
  const person = pool.person()
  const { balance, stake, locked, active } = market.account(person)
  const { tokens, allowance } = market.wallet(person)
  switch (intention) {
    case 'deposit': {
      const limit = random.chance(0.03) ? 2n ** 256n - 2n : min(allowance / market.unit, 2n ** 71n)
      return pool.act('deposit', person, pool.near(limit))
    }
    case 'permit': {
      const amount = random.chance(0.05) ? random.bits(256) : pool.near(2n ** 71n)
      return pool.act('depositWithPermit', person, amount, random.chance(0.8))
    }
    case 'approve':
      return pool.act('approve', person, random.chance(0.7) ? UNLIMITED : random.bits(75) * market.unit)
    case 'withdraw': {
      const to = random.chance(0.1) ? random.pick([zeroAddress, market.address]) : pool.anyone()
      const from = random.chance(0.9) ? person : random.pick(pool.hooks.scripted)
      return pool.act('withdraw', from, to, pool.near(market.account(from).balance))
    }
    case 'transfer': {
      const from = random.chance(0.8) ? person : random.pick(pool.hooks.scripted)
      const { balance } = market.account(from)
      const to = random.chance(0.2) ? random.pick([zeroAddress, market.address]) : pool.anyone()
      return pool.act('transfer', from, to, pool.near(balance), random.chance(0.1) ? pool.bytes(5) : '0x')
    }
    case 'stake':
      return pool.act('stake', person, pool.near(random.chance(0.03) ? 2n ** 256n - 2n : balance))
    case 'unstake':
      return pool.act('unstake', person, pool.near(random.chance(0.03) ? 2n ** 256n - 2n : stake - locked))
    case 'declare': {
      const slots = random.chance(0.1) ? active : random.pick([40, 400, 2 ** 16 - 1])
      return pool.declare(person, drawResources(random), slots)
    }
    case 'collectFees':
      return pool.act('collectFees', pool.anyone(), random.some(pool.people, random.int(0, 5)))
    case 'gift':
      return pool.act('gift', person, random.amount(1n, min(tokens, 2n ** 50n)))
    case 'nonces': {
      const nonces = (1n << BigInt(random.int(0, 255))) | (1n << BigInt(random.int(0, 255)))
      return pool.act('cancelNonces', person, BigInt(random.int(0, 3)), nonces)
    }
  }
  return undefined
}

/** What those who govern do, and the chain. */
function onRules(pool: Pool, intention: Intention): Action | undefined {
  const { random, market } = pool
  switch (intention) {
    case 'rules':
      return pool.act('addParameters', market.timelock, drawRules(random, pool.hooks, pool.people))
    case 'pause': {
      const by = () => random.pick([market.timelock, market.guardian, market.guardian])
      if (market.paused || random.chance(0.2)) return pool.act('resumePosting', by())
      pool.plan = Array.from({ length: random.int(2, 8) }, () => () => drawOrdinary(pool))
      pool.plan.push(() => pool.act('resumePosting', by()))
      return pool.act('pausePosting', by())
    }
    case 'guardian':
      return pool.act('setGuardian', market.timelock, pool.person())
    case 'mine':
      return pool.act('mine', pool.person(), random.pick([3, 255, 256, 257, 600]))
    case 'fees': {
      const recipient = random.chance(0.2) ? random.pick([zeroAddress, market.address]) : pool.anyone()
      return pool.act('setFeeRecipient', market.timelock, recipient)
    }
  }
  return undefined
}

function drawPost(pool: Pool, call: 'post' | 'postMany'): Action | undefined {
  const { random, market } = pool
  const plain = pool.jobs('Open').filter((job) => !market.isMediated(job))
  if (plain.length > 10 && random.chance(0.8)) return undefined
  const requester = pool.shuffled().find((person) => market.account(person).balance > 0n)
  if (!requester) return undefined
  const { balance } = market.account(requester)
  // The same again: refused to the same requester, a job of its own to another.
  const again = random.chance(0.05) ? pool.oneOf('Open')?.terms : undefined
  if (call === 'post') {
    const budget = random.chance(0.05) ? balance + 1n : balance
    return pool.act('post', requester, again ?? drawTerms(random, market, budget))
  }
  const count = random.int(0, 4)
  const many = Array.from({ length: count }, () => drawTerms(random, market, balance / BigInt(count)))
  const all = [...many, ...(again ? [again] : []), ...(random.chance(0.05) ? many : [])]
  return pool.act('postMany', requester, all)
}

/** Who may say something about a challenge: the level's own hook, or the dispute game. */
function challengerOf(pool: Pool, job: Job): Address | undefined {
  const { market, random } = pool
  const hooks = playersOf(market, job)
  return hooks.length > 0 ? random.pick(hooks) : undefined
}

/** A challenge that comes with its bond, sometimes to a hook that has no say in this job; as often without one. */
function challengeWithBond(pool: Pool, job: Job): Action | undefined {
  const { market, random, hooks } = pool
  const own = playersOf(market, job).filter((hook) => hooks.scripted.includes(hook))
  const challenger = pool.shuffled().find((person) => market.account(person).balance > 0n)
  if (!challenger || random.chance(own.length > 0 ? 0.4 : 0.95)) return undefined
  const game = random.pick(random.chance(0.9) && own.length > 0 ? own : hooks.scripted)
  const bond = random.amount(1n, market.account(challenger).balance)
  return pool.act('transfer', challenger, game, bond, job.id)
}

/** A challenge of a result that its attester has signed. */
function challengeSigned(pool: Pool, job: Job): Action | undefined {
  const hook = challengerOf(pool, job)
  const { market } = pool
  if (!hook || market.statusOf(job.id) !== 'Settleable') return undefined
  return challengeWithBond(pool, job) ?? pool.act('challengeOpened', hook, job.id)
}

/** A request or an offer, and who takes it; sometimes with a nonce that was spent, or a signature that is none. */
function drawSigned(pool: Pool): Action | undefined {
  const { random, market } = pool
  const [requester, provider, stranger] = pool.shuffled() as [Address, Address, Address]
  const balance = market.account(requester).balance
  const terms = drawTerms(random, market, balance)
  const level = market.sets.at(-1)!.levels[terms.level]
  if (level?.isMediated && random.chance(0.9)) return undefined
  terms.nonce = BigInt(random.int(0, 1_023))
  terms.isPrivate = random.chance(0.4)
  if (random.chance(0.95)) terms.minBps = 10_000
  if (random.chance(0.95)) terms.maxPrice = coarse(terms.maxPrice)
  const [call, signer, caller] = random.chance(0.5)
    ? (['claimSigned', requester, provider] as const)
    : (['acceptOffer', provider, requester] as const)
  const isOpen = random.chance(0.5)
  const named = random.pick([
    ...Array<null | Address>(20).fill(isOpen ? zeroAddress : caller),
    null,
    stranger,
  ])
  const by = random.chance(0.01) ? zeroAddress : signer
  return pool.act(call, caller, by, isOpen, terms, by === zeroAddress ? null : named)
}

/** The largest price up to this one that a signed job can keep. */
function coarse(price: bigint): bigint {
  const exponent = BigInt(Math.max(0, price.toString(2).length - 40))
  return (price >> exponent) << exponent
}
