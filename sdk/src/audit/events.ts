import { type AbiEvent, type DecodeEventLogReturnType, decodeEventLog, type Hex, toEventSelector } from 'viem'
import { jobMarketAbi } from '../abis.ts'
import type { Checks } from './checks.ts'
import type { RawLog } from './reader.ts'

type MarketEvent = DecodeEventLogReturnType<typeof jobMarketAbi>

/** One event of the market with its place in the chain. */
export type AuditEvent = MarketEvent & {
  blockNumber: bigint
  blockHash: Hex
  transactionHash: Hex
  logIndex: number
}

export type AuditEventName = AuditEvent['eventName']
export type AuditEventArgs<name extends AuditEventName> = Extract<AuditEvent, { eventName: name }>['args']

const eventsBySelector = new Map<Hex, AbiEvent>(
  jobMarketAbi.filter((item) => item.type === 'event').map((item) => [toEventSelector(item), item]),
)

/** Decodes topics and data. A log that is no event of the market is a finding. */
export function decodeEvents(logs: readonly RawLog[], checks: Checks): AuditEvent[] {
  const events: AuditEvent[] = []
  for (const { topics, data, ...log } of logs) {
    const event = decode(topics, data)
    checks.that('events', event !== undefined, () => ({
      subject: `log ${log.logIndex} of block ${log.blockNumber}`,
      expected: 'an event of the market',
      actual: `topics ${topics.join(' ')} data ${data}`,
    }))
    if (event !== undefined) events.push({ ...event, ...log })
  }
  return events
}

function decode(topics: Hex[], data: Hex): MarketEvent | undefined {
  const item = topics[0] === undefined ? undefined : eventsBySelector.get(topics[0])
  if (item === undefined) return undefined
  try {
    // one item only: with the whole ABI, every log would hash every signature
    return decodeEventLog({
      abi: [item],
      topics: topics as [Hex, ...Hex[]],
      data,
      strict: true,
    }) as MarketEvent
  } catch {
    return undefined
  }
}
