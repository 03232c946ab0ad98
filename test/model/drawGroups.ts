/** What the people of a group of seats do next: post it, fill it, commit, reveal, resolve; or somebody does not. */
import { type Hex, zeroHash } from 'viem'
import type { Action } from './actions.ts'
import { drawSeat, drawTerms, extremeSeats } from './drawTerms.ts'
import { min } from './formulas.ts'
import type { Pool } from './pool.ts'
import { type Group, packSeat, type SeatTerms, sizeOf, timesOf } from './replication.ts'
import type { Terms } from './terms.ts'

const DAY = 86_400
/** Groups that go on at the same time. */
const FEW = 2

export function drawForGroup(pool: Pool): Action | undefined {
  const groups = [...pool.market.groups.values()].filter(({ phase }) => phase !== 'Closed')
  const whole = groups.filter(({ posted, jobIds }) => posted === jobIds.length)
  if (groups.length === 0 || (groups.length < FEW && pool.random.chance(0.1))) return postGroup(pool)
  if (pool.random.chance(0.03)) return resolve(pool, pool.random.pick(groups))
  if (pool.random.chance(0.02)) return takeBack(pool, pool.random.pick(groups))
  // mostly the one that is furthest: an escalation needs many steps
  const escalated = groups.find(({ phase }) => phase === 'Escalated')
  const group = escalated && pool.random.chance(0.9) ? escalated : pool.random.pick(groups)
  return whole.includes(group) ? advance(pool, group) : abandon(pool, group)
}

/** All seats and spares at once; sometimes all but one, or one alone. */
function postGroup(pool: Pool): Action | undefined {
  const { market, random } = pool
  const level = market.sets.at(-1)!.levels.findIndex(({ isMediated }) => isMediated)
  const requester = pool.shuffled().find((person) => market.account(person).balance > 1_000n)
  if (level < 0 || !requester || market.paused) return undefined
  const seat = drawSeat(random)
  if (random.chance(0.06)) Object.assign(seat, random.pick(extremeSeats()))
  const count = Math.min(seat.seats + seat.spares, 30)
  // mostly so cheap that as many as there are seats can afford the bond
  const most = market.account(requester).balance / BigInt(count + 1)
  const plain = drawTerms(random, market, random.chance(0.8) ? min(most, 10n ** 6n) : most)
  const terms: Terms = {
    ...plain,
    ...{ level, meteredBps: 0, isPrivate: false, minReputation: 0n, floor: { cores: 0, memory: 0, disk: 0 } },
    claimBy: market.now + random.int(DAY / 4, 2 * DAY),
  }
  const seats = Array.from({ length: count }, (_, index) => seatAt(terms, seat, index))
  if (random.chance(0.1)) seats.pop()
  const alone = random.chance(0.05) ? seatAt(terms, seat, seat.index) : undefined
  return alone ? pool.act('post', requester, alone) : pool.act('postMany', requester, seats)
}

function seatAt(terms: Terms, seat: SeatTerms, index: number): Terms {
  const later = index < seat.seats ? 0 : seat.commitTime + seat.revealTime + seat.drawTime
  return { ...terms, claimBy: terms.claimBy + later, assurance: packSeat({ ...seat, index }) }
}

/** The step that the group waits for. */
function advance(pool: Pool, group: Group): Action | undefined {
  const { market, random } = pool
  const { claimBy, commitBy, revealBy } = timesOf(group)
  const first = group.phase === 'First' ? 0 : group.terms.seats
  const ids = group.jobIds.slice(first, first + sizeOf(group)) as Hex[]
  const waits = (missing: 'provider' | 'commitment' | 'vote') =>
    ids.find((id) => BigInt(market.seats.get(id)![missing]) === 0n)
  const isPatient = random.chance(0.99)

  if (group.phase === 'Escalated' && group.seed === zeroHash && market.block > group.targetBlock)
    return pool.act('captureSeed', pool.anyone(), group.id)
  const open = waits('provider')
  if (open && market.now <= claimBy && isPatient) {
    const provider = pool.shuffled().find((person) => pool.quote(market.jobs.get(open)!, person))
    if (provider) return pool.act('claim', provider, open)
    if (random.chance(0.2)) return pool.act('claim', pool.person(), open)
  }
  if (open) return market.now > claimBy || random.chance(0.1) ? close(pool, group) : undefined
  const silent = waits('commitment')
  if (silent && market.now <= commitBy && isPatient)
    return pool.actOn('commit', market.seats.get(silent)!.provider, silent)
  if (silent && market.now <= commitBy) market.now = commitBy + 1
  const hidden = ids.find((id) => {
    const { commitment, vote } = market.seats.get(id)!
    return commitment !== zeroHash && vote === zeroHash
  })
  if (hidden && market.now <= revealBy && isPatient)
    return pool.actOn('reveal', market.seats.get(hidden)!.provider, hidden)
  if (hidden && market.now <= revealBy) market.now = revealBy + 1
  return resolve(pool, group)
}

/** A group that is not complete: taken back, in time or late, or left to whoever closes it. */
function abandon(pool: Pool, group: Group): Action | undefined {
  const { market, random } = pool
  if (random.chance(0.25)) return close(pool, group)
  if (random.chance(0.5)) market.now = Math.max(market.now, timesOf(group).claimBy + 1)
  return takeBack(pool, group)
}

/** By its requester in most cases. */
function takeBack(pool: Pool, group: Group): Action {
  const [id] = group.jobIds.filter((id) => id !== undefined)
  const { requester } = pool.market.jobs.get(id!)!
  return pool.act('cancelGroup', pool.random.chance(0.9) ? requester : pool.anyone(), group.id)
}

/** Nobody takes the seats that are left. */
function close(pool: Pool, group: Group): Action | undefined {
  const { market } = pool
  const { claimBy } = timesOf(group)
  if (claimBy - market.now > DAY) return undefined
  market.now = Math.max(market.now, claimBy + 1)
  return resolve(pool, group)
}

function resolve(pool: Pool, group: Group): Action {
  return pool.act('resolve', pool.anyone(), group.id)
}
