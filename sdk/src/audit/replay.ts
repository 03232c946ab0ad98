import { type Address, isAddressEqual, zeroAddress } from 'viem'
import type { Checks } from './checks.ts'
import type { AuditEvent, AuditEventName } from './events.ts'
import { jobHandlers } from './replayJobs.ts'
import { seatHandlers } from './replaySeats.ts'
import { accountOf, emptyState, type MarketState, type ParameterSet, profileOf } from './state.ts'
import { debit, type Handlers, type Replay, within } from './transition.ts'

/**
 * Recomputes the market's whole state from its events. Amounts that an event states are compared with what follows
 * from the terms, the rules and the time; an event that was not possible is a finding and has no effect.
 * @param timeOf - Time of a block in seconds.
 */
export function replayEvents(
  events: readonly AuditEvent[],
  {
    chainId,
    market,
    timelock,
    checks,
    timeOf,
  }: {
    chainId: number
    market: Address
    timelock: Address
    checks: Checks
    timeOf: (block: bigint) => bigint
  },
): MarketState {
  const state = emptyState()
  const fixed = { chainId, market, timelock, state, checks }
  for (const { eventName, args, blockNumber, transactionHash, logIndex } of events) {
    const place = `${eventName} in block ${blockNumber}, log ${logIndex}`
    const time = timeOf(blockNumber)
    const handler = handlers[eventName] as (replay: Replay, args: unknown) => void
    handler({ ...fixed, time, place, transactionHash, logIndex }, args)
  }
  return state
}

const days = 86_400n

const handlers: Handlers<AuditEventName> = {
  ...jobHandlers,
  ...seatHandlers,

  GuardianChanged({ state }, { guardian }) {
    state.guardian = guardian
  },

  FeeRecipientChanged({ state, market, checks, place }, { recipient }) {
    const isPossible = recipient !== zeroAddress && recipient !== market
    checks.equal('rules', `${place}: recipient ${recipient} possible`, true, isPossible)
    state.feeRecipient = recipient
  },

  ParametersAdded(replay, { id, parameters: p, levels }) {
    const { state, checks, place } = replay
    checks.equal('rules', `${place}: id`, BigInt(state.sets.length), id)
    const set: ParameterSet = {
      feeBps: BigInt(p.feeBps),
      bondBps: BigInt(p.bondBps),
      surchargeBps: BigInt(p.surchargeBps),
      latenessBps: BigInt(p.latenessBps),
      minBond: p.minBond,
      baseExposure: p.baseExposure,
      minRun: BigInt(p.minRun),
      minWindow: BigInt(p.minWindow),
      lateRequesterGas: p.lateRequesterGas,
      lateKeeperGas: p.lateKeeperGas,
      keyTime: BigInt(p.keyTime),
      levels,
    }
    within(replay, 'feeBps', set.feeBps, 0n, 1_000n)
    within(replay, 'bondBps', set.bondBps, 2_000n, 50_000n)
    within(replay, 'surchargeBps', set.surchargeBps, 0n, 30_000n)
    within(replay, 'latenessBps', set.latenessBps, 0n, 2_000n)
    within(replay, 'minRun', set.minRun, 1n, 7n * days)
    within(replay, 'minWindow', set.minWindow, 1n, 7n * days)
    within(replay, 'lateness gas', set.lateRequesterGas + set.lateKeeperGas, 0n, set.minBond)
    within(replay, 'keyTime', set.keyTime, 1n, days)
    within(replay, 'levels', BigInt(levels.length), 0n, 16n)
    state.sets.push(set)
  },

  PostingPaused(replay, { by }) {
    requireGuardian(replay, by)
    replay.state.paused = true
  },

  PostingResumed(replay, { by }) {
    requireGuardian(replay, by)
    replay.state.paused = false
  },

  // Of nonces nothing is told but what was cancelled, so they are not audited.
  NoncesCancelled() {},

  EIP712DomainChanged({ checks, place }) {
    checks.equal('rules', `${place}: signatures' domain`, 'never changed', 'changed')
  },

  Deposited({ state }, { account, amount }) {
    accountOf(state, account).balance += amount
    state.held += amount
  },

  Withdrawn(replay, { account, amount }) {
    debit(replay, account, amount)
    replay.state.held -= amount
  },

  Transferred(replay, { from, to, amount }) {
    const { state, market, checks, place } = replay
    checks.equal('rules', `${place}: recipient ${to} possible`, true, to !== zeroAddress)
    debit(replay, from, amount)
    if (isAddressEqual(to, market)) state.reserve += amount
    else accountOf(state, to).balance += amount
  },

  FeesCollected({ state, checks, place }, { provider, recipient, amount }) {
    const profile = profileOf(state, provider)
    checks.equal('rules', `${place}: recipient`, state.feeRecipient, recipient)
    checks.equal('rules', `${place}: fees owed by ${provider}`, profile.feeOwed, amount)
    accountOf(state, recipient).balance += profile.feeOwed
    profile.feeOwed = 0n
  },

  ProviderUpdated({ state, time }, { provider, resources, concurrency, endpoint, encryptionKey }) {
    const profile = profileOf(state, provider)
    profile.resources = BigInt(resources)
    profile.concurrency = concurrency
    const registeredAt = state.contacts.get(provider)?.registeredAt ?? time
    state.contacts.set(provider, { endpoint, encryptionKey, registeredAt })
  },

  Staked(replay, { provider, amount }) {
    debit(replay, provider, amount)
    accountOf(replay.state, provider).stake += amount
  },

  Unstaked(replay, { provider, amount }) {
    const account = accountOf(replay.state, provider)
    within(
      replay,
      `unlocked stake of ${provider} after it`,
      account.stake - account.locked - amount,
      0n,
      account.stake,
    )
    account.stake -= amount
    account.balance += amount
  },
}

function requireGuardian({ state, timelock, checks, place }: Replay, by: Address): void {
  checks.that('rules', isAddressEqual(by, state.guardian) || isAddressEqual(by, timelock), () => ({
    subject: `${place}: caller`,
    expected: `guardian ${state.guardian} or timelock ${timelock}`,
    actual: by,
  }))
}
