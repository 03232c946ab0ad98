import { type Address, zeroAddress } from 'viem'
import type { Checks } from './checks.ts'
import type { AuditEvent, AuditEventName } from './events.ts'
import { jobHandlers } from './replayJobs.ts'
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
    checks,
    timeOf,
  }: { chainId: number; market: Address; checks: Checks; timeOf: (block: bigint) => bigint },
): MarketState {
  const state = emptyState()
  for (const { eventName, args, blockNumber, logIndex } of events) {
    const place = `${eventName} in block ${blockNumber}, log ${logIndex}`
    const time = timeOf(blockNumber)
    const handler = handlers[eventName] as (replay: Replay, args: unknown) => void
    handler({ chainId, market, state, checks, time, place }, args)
  }
  return state
}

const days = 86_400n

const handlers: Handlers<AuditEventName> = {
  ...jobHandlers,

  OwnershipTransferStarted(replay, { previousOwner, newOwner }) {
    const { state, checks, place } = replay
    checks.equal('rules', `${place}: previous owner`, state.owner, previousOwner)
    state.pendingOwner = newOwner
  },

  OwnershipTransferred({ state, checks, place }, { previousOwner, newOwner }) {
    checks.equal('rules', `${place}: previous owner`, state.owner, previousOwner)
    // the first owner is the constructor's choice; afterwards one accepts or the owner renounces
    const isFirst = previousOwner === zeroAddress && state.sets.length === 0
    if (!isFirst && newOwner !== zeroAddress)
      checks.equal('rules', `${place}: new owner`, state.pendingOwner, newOwner)
    state.owner = newOwner
    state.pendingOwner = zeroAddress
  },

  FeeRecipientChanged({ state, market, checks, place }, { recipient }) {
    const isPossible = recipient !== zeroAddress && recipient !== market
    checks.equal('rules', `${place}: recipient ${recipient} possible`, true, isPossible)
    state.feeRecipient = recipient
  },

  ParametersAdded(replay, { id, parameters: p, hooks }) {
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
      hooks,
    }
    within(replay, 'feeBps', set.feeBps, 0n, 1_000n)
    within(replay, 'bondBps', set.bondBps, 2_000n, 50_000n)
    within(replay, 'surchargeBps', set.surchargeBps, 0n, 30_000n)
    within(replay, 'latenessBps', set.latenessBps, 0n, 2_000n)
    within(replay, 'minRun', set.minRun, 1n, 7n * days)
    within(replay, 'minWindow', set.minWindow, 1n, 7n * days)
    within(replay, 'lateness gas', set.lateRequesterGas + set.lateKeeperGas, 0n, set.minBond)
    state.sets.push(set)
  },

  PostingPaused({ state, checks, place }, { by }) {
    checks.equal('rules', `${place}: caller`, state.owner, by)
    state.paused = true
  },

  PostingResumed({ state, checks, place }, { by }) {
    checks.equal('rules', `${place}: caller`, state.owner, by)
    state.paused = false
  },

  Deposited({ state }, { account, amount }) {
    accountOf(state, account).balance += amount
    state.held += amount
  },

  Withdrawn(replay, { account, amount }) {
    debit(replay, account, amount)
    replay.state.held -= amount
  },

  FeesCollected({ state, checks, place }, { provider, recipient, amount }) {
    const profile = profileOf(state, provider)
    checks.equal('rules', `${place}: recipient`, state.feeRecipient, recipient)
    checks.equal('rules', `${place}: fees owed by ${provider}`, profile.feeOwed, amount)
    accountOf(state, recipient).balance += profile.feeOwed
    profile.feeOwed = 0n
  },

  ProviderUpdated({ state }, { provider, resources, concurrency, endpoint, encryptionKey }) {
    const profile = profileOf(state, provider)
    profile.resources = BigInt(resources)
    profile.concurrency = concurrency
    state.contacts.set(provider, { endpoint, encryptionKey })
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
