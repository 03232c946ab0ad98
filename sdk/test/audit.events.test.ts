import { expect } from 'chai'
import { createClient, custom, type Hex, numberToHex } from 'viem'
import { Checks } from '../src/audit/checks.ts'
import { compareState } from '../src/audit/compare.ts'
import { decodeEvents } from '../src/audit/events.ts'
import { readLogs } from '../src/audit/logs.ts'
import { type RawMarket, readRawMarket } from '../src/audit/raw.ts'
import { createReader, type RawLog } from '../src/audit/reader.ts'
import { replayEvents } from '../src/audit/replay.ts'
import { sumLiabilities } from '../src/audit/sums.ts'
import { liveALife } from './helpers/auditLife.ts'
import { type AuditMarket, deployAuditMarket } from './helpers/auditMarket.ts'

/** Events that change nothing in storage, or nothing that a later event does not change again in this life. */
const withoutTrace = [
  ...['SettleSkipped', 'FailSkipped', 'PostRefused', 'NoncesCancelled'],
  ...['PostingPaused', 'PostingResumed'],
]
/** Events that say a whole value: saying it twice is harmless. */
const idempotent = [...withoutTrace, 'FeeRecipientChanged', 'GuardianChanged', 'ProviderUpdated']

describe('audit: events', function () {
  this.timeout(60_000)

  let chain: AuditMarket
  let logs: RawLog[]
  let raw: RawMarket
  let times: Map<bigint, bigint>

  /** What an audit finds when these are the logs and storage is what it is. */
  function findings(changed: readonly RawLog[], timeShift: ReadonlyMap<bigint, bigint> = new Map()): number {
    const checks = new Checks()
    const events = decodeEvents(changed, checks)
    const timeOf = (block: bigint) => times.get(block)! + (timeShift.get(block) ?? 0n)
    const { market, timelock } = chain
    const state = replayEvents(events, { chainId: 31_337, market, timelock, checks, timeOf })
    // what the changed events do not know of was not read
    const known: RawMarket = {
      ...raw,
      sets: state.sets.map((_, id) => raw.sets[id] ?? [0n, 0n]),
      levels: state.sets.map((_, id) => raw.levels[id] ?? [0n]),
      contacts: new Map(
        Array.from(state.contacts.keys(), (address) => [
          address,
          raw.contacts.get(address) ?? Array(10).fill(0n),
        ]),
      ),
      jobs: new Map([...raw.jobs].filter(([jobId]) => state.jobs.has(jobId))),
    }
    compareState(state, known, checks)
    sumLiabilities(known, state.held, checks)
    return checks.findings.length
  }
  const nameOf = (log: RawLog) => decodeEvents([log], new Checks())[0]?.eventName ?? 'none'

  before(async () => {
    chain = await deployAuditMarket()
    await liveALife(chain)
    const reader = await createReader(createClient({ transport: custom(chain.provider, { retryCount: 0 }) }))
    const newest = await reader.header('latest')
    ;({ logs } = await readLogs(reader, { address: chain.market }, { fromBlock: 0n, toBlock: newest.number }))
    const headers = await reader.headers(logs.map(({ blockNumber }) => blockNumber))
    times = new Map(Array.from(headers, ([number, { timestamp }]) => [number, timestamp]))
    const checks = new Checks()
    const timeOf = (block: bigint) => times.get(block)!
    const state = replayEvents(decodeEvents(logs, checks), {
      chainId: 31_337,
      market: chain.market,
      timelock: chain.timelock,
      checks,
      timeOf,
    })
    raw = await readRawMarket(reader, chain.market, newest.number, state)
  })
  after(() => chain.close())

  it('are clean as they are', () => {
    expect(findings(logs)).to.equal(0)
  })

  it('cannot lose one that has an effect', () => {
    const unnoticed = logs.flatMap((log, index) =>
      // the first three are the constructor's: without them an audit does not begin
      index < 3 || findings(logs.toSpliced(index, 1)) > 0 ? [] : [nameOf(log)],
    )

    expect(unnoticed.filter((name) => !withoutTrace.includes(name))).to.deep.equal([])
  })

  it('cannot have one twice', () => {
    const unnoticed = logs.flatMap((log, index) =>
      findings(logs.toSpliced(index, 0, log)) > 0 ? [] : [nameOf(log)],
    )

    expect(unnoticed.filter((name) => !idempotent.includes(name))).to.deep.equal([])
  })

  it('cannot have another value in any word of data', () => {
    const unnoticed = logs.flatMap((log, index) => {
      const name = nameOf(log)
      const words = (log.data.length - 2) / 64
      return Array.from({ length: words }, (_, at) => {
        const end = 2 + 64 * (at + 1)
        const last = numberToHex(Number(`0x${log.data[end - 1]}`) ^ 1).slice(2)
        const data: Hex = `0x${log.data.slice(2, end - 1)}${last}${log.data.slice(end)}`
        return findings(logs.toSpliced(index, 1, { ...log, data })) > 0 ? '' : `${name} ${at}`
      }).filter((text) => text !== '')
    })

    // The status of a skipped job, reasons, nonces and keys have no effect, and strings end in padding.
    const told = /^((SettleSkipped|FailSkipped|PostRefused|NoncesCancelled) \d|KeyDelivered [12])$/
    const padding = /^(JobPosted 9|ProviderUpdated \d+)$/
    expect(unnoticed.filter((text) => !told.test(text) && !padding.test(text))).to.deep.equal([])
  })

  it('cannot name another address or job', () => {
    const unnoticed = logs.flatMap((log, index) =>
      log.topics.slice(1).flatMap((topic, at) => {
        const last = numberToHex(Number(`0x${topic.at(-1)}`) ^ 1).slice(2)
        const topics = log.topics.toSpliced(at + 1, 1, `${topic.slice(0, -1)}${last}` as Hex)
        return findings(logs.toSpliced(index, 1, { ...log, topics })) > 0 ? [] : [`${nameOf(log)} ${at + 1}`]
      }),
    )

    // where a withdrawal went is the token's affair
    expect(
      unnoticed.filter(
        (text) => !/^((SettleSkipped|FailSkipped|PostRefused|NoncesCancelled) 1|Withdrawn 2)$/.test(text),
      ),
    ).to.deep.equal([])
  })

  it('cannot come at another time where time decides', () => {
    const timed = ['JobPosted', 'JobClaimed', 'KeyDelivered', 'JobReleased', 'ResultSubmitted', 'JobFailed']
    const unnoticed = logs.flatMap((log) => {
      if (!timed.includes(nameOf(log))) return []
      return findings(logs, new Map([[log.blockNumber, -2_000_000n]])) > 0 ? [] : [nameOf(log)]
    })

    expect(unnoticed).to.deep.equal([])
  })

  it('are findings where they are not the events of a market', () => {
    const [log] = logs
    const strange: RawLog[] = [
      { ...log!, topics: [] },
      { ...log!, topics: [`0x${'12'.repeat(32)}`] },
      { ...log!, topics: log!.topics.slice(0, 1) },
    ]
    const checks = new Checks()

    expect(decodeEvents(strange, checks)).to.deep.equal([])
    expect(checks.results()).to.deep.equal([{ name: 'events', checked: 3, differences: 3 }])
  })
})
