import { type Address, type Hex, hexToBigInt, pad, slice, toEventSelector } from 'viem'
import { AuditNodeAnswerError } from '../errors/audit.ts'
import type { Checks } from './checks.ts'
import type { AuditEvent } from './events.ts'
import type { RawLog } from './reader.ts'

const transferSelector = toEventSelector('Transfer(address,address,uint256)')

/** Topics of the transfers of a token to, and from, an address. */
export function transferTopics(address: Address): { incoming: (Hex | null)[]; outgoing: (Hex | null)[] } {
  const topic = pad(address, { size: 32 })
  return { incoming: [transferSelector, null, topic], outgoing: [transferSelector, topic] }
}

/**
 * Pairs each deposit and withdrawal with a transfer of the token in the same transaction. Tokens that came without a
 * deposit are gifts; tokens that left without a withdrawal are a finding.
 * @param unit - Token base units in one unit.
 * @returns In token base units: what came less what left, and what of it were gifts.
 */
export function matchTransfers(
  events: readonly AuditEvent[],
  incoming: readonly RawLog[],
  outgoing: readonly RawLog[],
  { unit, checks }: { unit: bigint; checks: Checks },
): { net: bigint; gifts: bigint } {
  const came = incoming.map((log) => decodeTransfer(log, 1))
  // Anyone may have the token move nothing out of the market; no withdrawal is zero.
  const left = outgoing.map((log) => decodeTransfer(log, 2)).filter(({ value }) => value !== 0n)
  const takeIn = matcher(came)
  const takeOut = matcher(left)

  for (const { eventName, args, transactionHash } of events) {
    if (eventName !== 'Deposited' && eventName !== 'Withdrawn') continue
    const [party, take] = eventName === 'Deposited' ? [args.account, takeIn] : [args.to, takeOut]
    const transfer = { transactionHash, party, value: args.amount * unit }
    checks.that('transfers', take(transfer), () => ({
      subject: `${eventName} of ${args.amount} units, transaction ${transactionHash}`,
      expected: `a transfer of ${transfer.value} ${eventName === 'Deposited' ? 'from' : 'to'} ${party}`,
      actual: 'none',
    }))
  }
  for (const transfer of left)
    checks.that('transfers', !takeOut(transfer), () => ({
      subject: `transfer to ${transfer.party}, transaction ${transfer.transactionHash}`,
      expected: 'no tokens leave without a withdrawal',
      actual: `${transfer.value}`,
    }))
  const gifts = came.filter(takeIn)
  return { net: total(came) - total(left), gifts: total(gifts) }
}

/** A transfer seen from the market: `party` is the other side. */
type Transfer = { transactionHash: Hex; party: Address; value: bigint }

function decodeTransfer({ topics, data, transactionHash }: RawLog, party: 1 | 2): Transfer {
  const topic = topics[party]
  if (topics.length !== 3 || topic === undefined || data.length !== 66)
    throw new AuditNodeAnswerError({ method: 'eth_getLogs', reason: 'a transfer that is not one' })
  return { transactionHash, party: slice(topic, 12), value: hexToBigInt(data) }
}

/** A function that finds each transfer once. */
function matcher(transfers: readonly Transfer[]): (transfer: Transfer) => boolean {
  const left = new Map<string, number>()
  for (const transfer of transfers) left.set(keyOf(transfer), (left.get(keyOf(transfer)) ?? 0) + 1)
  return (transfer) => {
    const count = left.get(keyOf(transfer)) ?? 0
    if (count > 0) left.set(keyOf(transfer), count - 1)
    return count > 0
  }
}

function keyOf({ transactionHash, party, value }: Transfer): string {
  return `${transactionHash} ${party.toLowerCase()} ${value}`
}

function total(transfers: readonly Transfer[]): bigint {
  return transfers.reduce((sum, { value }) => sum + value, 0n)
}
