import { type Address, type Chain, type Client, getAddress, type Hex, type Transport } from 'viem'
import { marketDeployments } from '../chains.ts'
import {
  AuditChainChangedError,
  AuditHistoryError,
  AuditNodeAnswerError,
  AuditParameterError,
} from '../errors/audit.ts'
import { MarketNotDeployedError, MarketUnknownError, WrongChainError } from '../errors/client.ts'
import type { MarketDeployment } from '../types/client.ts'
import { Checks } from './checks.ts'
import { compareState } from './compare.ts'
import { type AuditEvent, decodeEvents } from './events.ts'
import { type ExecuteTask, reexecute } from './executions.ts'
import { type StoredStatus, statusOf } from './layout.ts'
import { checkContinuity, readLogs } from './logs.ts'
import { readRawMarket } from './raw.ts'
import { type ChainReader, createReader, type Header, type RawLog } from './reader.ts'
import { replayEvents } from './replay.ts'
import { type AuditReport, verdictOf } from './report.ts'
import { jobsWithResult, verifyResults } from './results.ts'
import { checkSolvency, type Solvency } from './solvency.ts'
import type { MarketState } from './state.ts'
import { sumLiabilities } from './sums.ts'
import { readTimelock, readToken } from './surroundings.ts'
import { matchTransfers, transferTopics } from './transfers.ts'

export type AuditPhase = 'logs' | 'headers' | 'storage' | 'results' | 'executions'

export type AuditProgress = { phase: AuditPhase; done: number; total: number }

export type AuditParameters = {
  /** @default the client's market, else that of the node's chain */
  market?: Address | undefined
  /**
   * A block at or before the market's deployment.
   * @default the recorded block of the deployment, else 0
   */
  fromBlock?: bigint | undefined
  /**
   * The block whose state is audited.
   * @default the newest
   */
  blockNumber?: bigint | undefined
  /**
   * Jobs whose published contents are verified; `[]` for none. State and money are audited whole in any case.
   * @default all that have a result
   */
  jobs?: readonly Hex[] | undefined
  /** Executes a task in a sandbox; without it no task is executed again. */
  execute?: ExecuteTask | undefined
  /**
   * Tasks that are executed again, drawn from all jobs with verified leaves.
   * @default 8
   */
  sample?: number | undefined
  /**
   * From which the sampled tasks are drawn.
   * @default the hash of the audited block, which no provider could know
   */
  seed?: Hex | undefined
  /**
   * Bytes of outputs downloaded of one job at the most.
   * @default 1 GiB
   */
  maxOutputs?: number | undefined
  /**
   * Requests to the node in flight at once.
   * @default 400 in batches of 100 over HTTP, 16 where the node takes no batches
   */
  concurrency?: number | undefined
  signal?: AbortSignal | undefined
  onProgress?: ((progress: AuditProgress) => void) | undefined
}

/** Any viem client; one with a `deployment` knows its market. */
export type AuditClient = Client<Transport, Chain | undefined> & { deployment?: MarketDeployment | undefined }

/**
 * Recomputes a market from its logs and compares the result with its storage and its token, then verifies published
 * results. Nothing is taken from the contract's getters except its token and its timelock, and no key is needed.
 *
 * A difference is a finding in the report, not an error: see {@link AuditReport.verdict}.
 *
 * @throws {WrongChainError | MarketUnknownError | MarketNotDeployedError}
 * @throws {AuditHistoryError} if the logs do not begin with the market's deployment
 * @throws {AuditChainChangedError} retryable: the chain was reorganised meanwhile
 * @throws {AuditTokenError | AuditNodeAnswerError | AuditParameterError}
 * @throws {RpcUnavailableError | RpcRequestFailedError}
 */
export async function audit(client: AuditClient, parameters: AuditParameters = {}): Promise<AuditReport> {
  const { jobs: only, execute, sample = 8, maxOutputs = 2 ** 30, signal, onProgress } = parameters
  if (!Number.isSafeInteger(sample) || sample < 0)
    throw new AuditParameterError({ name: 'sample', value: sample, expected: 'a whole number of tasks' })
  const progress = (phase: AuditPhase) => (done: number, total: number) =>
    onProgress?.({ phase, done, total })
  const checks = new Checks()
  const reader = await createReader(client, parameters)

  const chainId = await requireChain(client, reader)
  const { market, fromBlock } = marketOf(client, chainId, parameters)
  const pinned = await reader.header(parameters.blockNumber ?? 'latest')
  if (!(await reader.hasCode(market, pinned.number))) throw new MarketNotDeployedError({ market })

  const timelock = await readTimelock(reader, market, pinned.number)
  const token = await readToken(reader, market, pinned.number)
  const range = { fromBlock, toBlock: pinned.number }
  const { incoming, outgoing } = transferTopics(market)
  const own = await readLogs(reader, { address: market }, { ...range, onRange: progress('logs') })
  const came = await readLogs(reader, { address: token.token, topics: incoming }, range)
  const left = await readLogs(reader, { address: token.token, topics: outgoing }, range)

  const events = decodeEvents(own.logs, checks)
  requireHistory(events, market, fromBlock)
  const logs = [...own.logs, ...came.logs, ...left.logs]
  const borders = [...own.borders, ...came.borders, ...left.borders]
  const headers = await readHeaders(reader, own.logs, borders, progress('headers'))
  checks.count('chain', checkContinuity(headers, logs, borders))

  const timeOf = (block: bigint) => headers.get(block)!.timestamp
  const state = replayEvents(events, { chainId, market, timelock, checks, timeOf })
  const raw = await readRawMarket(reader, market, pinned.number, state, progress('storage')).finally(() =>
    requireSameBlock(reader, pinned),
  )
  compareState(state, raw, checks)
  const transfers = matchTransfers(events, came.logs, left.logs, { unit: token.unit, checks })
  const solvency = checkSolvency(token, sumLiabilities(raw, state.held, checks), transfers, checks)

  const jobs = jobsWithResult(state, requireJobs(state, only))
  const { verified, outputs, notServed } = await verifyResults(state, jobs, {
    checks,
    maxOutputs,
    signal,
    onEach: progress('results'),
  })
  const again =
    execute !== undefined && sample > 0
      ? await reexecute(verified, {
          execute,
          sample,
          seed: parameters.seed ?? pinned.hash,
          checks,
          signal,
          onEach: progress('executions'),
        })
      : undefined

  return {
    chainId,
    market,
    token: token.token,
    decimals: token.decimals,
    block: { number: `${pinned.number}`, hash: pinned.hash, timestamp: Number(pinned.timestamp) },
    fromBlock: `${fromBlock}`,
    verdict: verdictOf(solvency, checks.findings),
    checks: checks.results(),
    solvency: asStrings(solvency),
    counts: {
      events: events.length,
      accounts: state.accounts.size,
      providers: state.contacts.size,
      jobs: countJobs(state),
    },
    ...(only?.length === 0
      ? {}
      : {
          results: {
            jobs: jobs.length,
            verified: verified.length,
            tasks: verified.reduce((sum, { leaves }) => sum + leaves.length, 0),
            outputs,
          },
        }),
    ...(again ? { executions: again.executions } : {}),
    notServed: [...notServed, ...(again?.notServed ?? [])],
    findings: checks.findings,
  }
}

async function requireChain(client: AuditClient, reader: ChainReader): Promise<number> {
  const actual = await reader.chainId()
  const expected = client.chain?.id ?? actual
  if (expected !== actual) throw new WrongChainError({ expected, actual })
  return actual
}

function marketOf(
  client: AuditClient,
  chainId: number,
  { market, fromBlock }: AuditParameters,
): { market: Address; fromBlock: bigint } {
  const known = [client.deployment, marketDeployments[chainId]].filter(
    (deployment) => deployment !== undefined,
  )
  const deployment =
    market === undefined
      ? known[0]
      : (known.find((one) => one.market.toLowerCase() === market.toLowerCase()) ?? { market, fromBlock: 0n })
  if (deployment === undefined) throw new MarketUnknownError({ chainId })
  return { market: getAddress(deployment.market), fromBlock: fromBlock ?? deployment.fromBlock }
}

/** What a market's constructor emits, before anything else can happen. */
const firstEvents = ['FeeRecipientChanged', 'GuardianChanged', 'ParametersAdded']

function requireHistory(events: readonly AuditEvent[], market: Address, fromBlock: bigint): void {
  const begins = firstEvents.every((name, index) => events[index]?.eventName === name)
  const [first, , third] = events
  const isFirst = third?.eventName === 'ParametersAdded' && third.args.id === 0n
  if (!begins || !isFirst) throw new AuditHistoryError({ market, fromBlock, first: first?.eventName })
}

function readHeaders(
  reader: ChainReader,
  logs: readonly RawLog[],
  borders: readonly bigint[],
  onEach: (done: number, total: number) => void,
): Promise<Map<bigint, Header>> {
  const blocks = [
    ...logs.map(({ blockNumber }) => blockNumber),
    ...borders.flatMap((border) => [border, border + 1n]),
  ]
  return reader.headers(blocks, onEach)
}

/** What was read by height, or failed to be, is the pinned block's only if that is still there. */
async function requireSameBlock(reader: ChainReader, { number, hash }: Header): Promise<void> {
  const actual = await reader.header(number).then(
    (header) => header.hash,
    (error: unknown) => {
      if (error instanceof AuditNodeAnswerError) return undefined
      throw error
    },
  )
  if (actual !== hash) throw new AuditChainChangedError({ block: number, expected: hash, actual })
}

function requireJobs({ jobs }: MarketState, only: readonly Hex[] | undefined): readonly Hex[] | undefined {
  const unknown = only?.find((jobId) => !jobs.has(jobId.toLowerCase() as Hex))
  if (unknown === undefined) return only
  throw new AuditParameterError({ name: 'jobs', value: unknown, expected: 'ids of jobs of this market' })
}

function countJobs({ jobs }: MarketState): Partial<Record<StoredStatus, number>> {
  const counts: Partial<Record<StoredStatus, number>> = {}
  for (const { claim } of jobs.values()) {
    const status = statusOf(claim)
    if (status !== undefined) counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}

function asStrings(solvency: Solvency): { [amount in keyof Solvency]: string } {
  return Object.fromEntries(Object.entries(solvency).map(([name, amount]) => [name, `${amount}`])) as never
}
