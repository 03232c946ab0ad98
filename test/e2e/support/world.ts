import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createMarketClient,
  getAccount,
  type Job,
  jobMarketAbi,
  local,
  type MarketClient,
  type Run,
  type RunJob,
  type RunParameters,
  replicationAbi,
  waitForJob,
} from 'assay'
import { type Address, decodeFunctionData, type Hex, http, toFunctionSelector } from 'viem'
import { demoAccount } from '../../../runner/src/cli/demoAccount.ts'
import {
  type AssayProcess,
  type Network,
  startNetwork,
  startProvider,
} from '../../../scripts/support/processes.ts'
import { until } from './until.ts'

const REQUESTER = 1
const BLOCK_MS = 300
/** What the requester has in the market from the start, units. */
const DEPOSIT = 10_000_000_000n
/** Long enough for a busy machine; nothing waits for it when all is well. */
const TIMEOUT_MS = 45_000

export type PostedJob = { jobId: Hex; run: Run }

/** A transaction to the market; `jobIds` are its arguments, for functions that take job ids alone or first. */
export type MarketCallMade = { functionName: string; jobIds: Hex[]; status: 'success' | 'reverted' }

export type ProviderSettings = {
  account: number
  /** Folder of its data, by name; the account's own if not given. */
  data?: string
  rpc?: string
  port?: number
  args?: readonly string[]
  ready?: boolean
}

/** A local network, and everything that a file of tests starts on it. */
export class World {
  readonly network: Network
  readonly folder: string
  readonly #processes = new Set<AssayProcess>()
  /** Every process that was ever started here, with its children: their commands by pid and start. */
  readonly #started = new Map<string, string>()
  readonly #runs: Run[] = []
  readonly #over = new AbortController()
  readonly #cleanup: (() => Promise<void> | void)[] = []

  private constructor(network: Network, folder: string) {
    this.network = network
    this.folder = folder
    this.watch(network.process)
  }

  static async start(): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), 'assay-e2e-'))
    const world = new World(await startNetwork(join(folder, 'store'), { interval: BLOCK_MS }), folder)
    await world.client().depositSync({ amount: DEPOSIT })
    return world
  }

  get rpcUrl(): string {
    return this.network.rpc
  }

  get store(): string {
    return this.network.store
  }

  path(...names: string[]): string {
    return join(this.folder, ...names)
  }

  address(account: number): Address {
    return demoAccount(account).address
  }

  client(account = REQUESTER, rpc = this.network.rpc): MarketClient {
    return createMarketClient({
      transport: http(rpc),
      account: demoAccount(account),
      chain: local,
      pollingInterval: 150,
    })
  }

  async rpc(method: string, ...params: unknown[]): Promise<unknown> {
    return this.client().request({ method, params } as never)
  }

  /** Stops the coming of blocks; transactions wait. */
  async pauseMining(): Promise<void> {
    await this.rpc('evm_setIntervalMining', 0)
  }

  async resumeMining(): Promise<void> {
    await this.rpc('evm_setIntervalMining', BLOCK_MS)
  }

  /** Transactions of an account that were mined, and that wait. */
  async transactionCounts(account: number): Promise<{ mined: number; pending: number }> {
    const client = this.client()
    const address = this.address(account)
    const [mined, all] = await Promise.all([
      client.getTransactionCount({ address, blockTag: 'latest' }),
      client.getTransactionCount({ address, blockTag: 'pending' }),
    ])
    return { mined, pending: all - mined }
  }

  /** How many calls of one function of the market wait that an account sent. */
  async waitingCalls(account: number, name: Function): Promise<number> {
    const from = this.address(account).toLowerCase()
    const { transactions } = await this.client().getBlock({ blockTag: 'pending', includeTransactions: true })
    return transactions.filter(
      (each) => each.from.toLowerCase() === from && each.input.startsWith(selector(name)),
    ).length
  }

  /** The market's functions that an account called in blocks from `fromBlock` on, reverted ones included. */
  async callsOf(account: number, fromBlock: bigint): Promise<MarketCallMade[]> {
    const client = this.client()
    const from = this.address(account).toLowerCase()
    const market = this.network.market.toLowerCase()
    const newest = await client.getBlockNumber({ cacheTime: 0 })
    const numbers = Array.from({ length: Number(newest - fromBlock) + 1 }, (_, i) => fromBlock + BigInt(i))
    const blocks = await Promise.all(
      numbers.map((blockNumber) => client.getBlock({ blockNumber, includeTransactions: true })),
    )
    const sent = blocks
      .flatMap(({ transactions }) => transactions)
      .filter((each) => each.from.toLowerCase() === from && each.to?.toLowerCase() === market)
    return Promise.all(
      sent.map(async ({ hash, input }) => {
        const { functionName, args = [] } = decodeFunctionData({ abi: jobMarketAbi, data: input })
        const { status } = await client.getTransactionReceipt({ hash })
        return { functionName, jobIds: args.flat() as Hex[], status }
      }),
    )
  }

  /** Starts a provider of one slot and one job at a time, with a stake of 100. */
  async provider(settings: ProviderSettings): Promise<AssayProcess> {
    const { account, data = `provider-${account}`, rpc = this.network.rpc, port, args = [], ready } = settings
    const provider = await startProvider(
      { rpc },
      {
        account,
        data: this.path(data),
        ...(port !== undefined && { port }),
        args: [
          ...['--stake', '100', '--cores', '4', '--memory', '4096', '--slots', '1', '--jobs', '1'],
          ...['--min-run', '1', '--polling-interval', '150', ...args],
        ],
        ready: false,
      },
    )
    this.watch(provider)
    if (ready ?? true) await provider.waitFor('ready', { timeout: TIMEOUT_MS })
    return provider
  }

  /** Kills a provider the hard way, and waits until it is gone. */
  async kill(provider: AssayProcess): Promise<void> {
    this.#remember(provider)
    provider.kill('SIGKILL')
    await provider.exited
  }

  /** A process that ends with this world. */
  watch(process: AssayProcess): void {
    this.#processes.add(process)
    this.#remember(process)
  }

  onStop(step: () => Promise<void> | void): void {
    this.#cleanup.push(step)
  }

  async job(jobId: Hex, until: 'claimed' | 'submitted' | 'settled' | 'final' = 'settled'): Promise<Job> {
    return waitForJob(this.client(), { jobId, until, timeout: TIMEOUT_MS })
  }

  /** Waits until no claim holds any of an account's stake. */
  async bondsFree(account: number): Promise<{ stake: bigint; locked: bigint }> {
    const address = this.address(account)
    return until(`account ${account} has nothing locked`, async () => {
      const { stake, locked } = await getAccount(this.client(), { address })
      return locked === 0n ? { stake, locked } : undefined
    })
  }

  /** Posts one job and follows it; short times, one price. */
  async post(
    parameters: Partial<RunParameters> & Pick<RunParameters, 'program' | 'inputs'>,
  ): Promise<PostedJob> {
    const run = await this.client().run({
      store: this.store,
      maxPrice: 1_000_000n,
      minPrice: 1_000_000n,
      ramp: 0,
      run: 30,
      window: 2,
      claimFor: 60,
      tasksPerJob: parameters.inputs.length,
      signal: this.#over.signal,
      ...parameters,
    })
    this.#runs.push(run)
    const [{ jobId }] = run.jobs() as [RunJob]
    // Errors are taken where they are asked for.
    run.result().catch(() => undefined)
    return { jobId, run }
  }

  /** Stops everything, and fails if any process is left. */
  async stop(): Promise<void> {
    for (const process of this.#processes) this.#remember(process)
    this.#over.abort()
    await Promise.all(this.#runs.map((run) => run.settled().catch(() => undefined)))
    for (const step of this.#cleanup.reverse()) await step()
    const [network, ...others] = [...this.#processes]
    await Promise.all(others.map((process) => this.kill(process)))
    await network?.stop()
    const left = () =>
      [...this.#started].filter(([id]) => isRunning(id)).map(([id, command]) => `${id} ${command}`)
    await until('every process has ended', () => left().length === 0 || undefined, { timeout: 10_000 }).catch(
      () => {
        throw new ProcessLeftError(left())
      },
    )
    rmSync(this.folder, { recursive: true, force: true })
  }

  #remember({ child }: AssayProcess): void {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    for (const { pid, command } of [{ pid: child.pid, command: 'assay' }, ...descendants(child.pid)]) {
      const id = identityOf(pid)
      if (id !== undefined) this.#started.set(id, command)
    }
  }
}

export class ProcessLeftError extends Error {
  constructor(left: readonly string[]) {
    super(`processes are left: ${left.join(', ')}`)
    this.name = 'ProcessLeftError'
  }
}

type Function = 'postMany' | 'claim' | 'submit' | 'settleMany' | 'release' | 'commit' | 'reveal' | 'resolve'

export function selector(name: Function): Hex {
  const abi = [...jobMarketAbi, ...replicationAbi]
  return toFunctionSelector(abi.find((entry) => entry.type === 'function' && entry.name === name) as never)
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function descendants(pid: number): { pid: number; command: string }[] {
  const children = new Map<number, { pid: number; command: string }[]>()
  for (const line of execFileSync('ps', ['-eo', 'pid=,ppid=,comm=']).toString().trim().split('\n')) {
    const [child = '', parent = '', ...command] = line.trim().split(/\s+/)
    const siblings = children.get(Number(parent)) ?? []
    children.set(Number(parent), [...siblings, { pid: Number(child), command: command.join(' ') }])
  }
  const below = (parent: number): { pid: number; command: string }[] =>
    (children.get(parent) ?? []).flatMap((child) => [child, ...below(child.pid)])
  return below(pid)
}

/** A process by its pid and when it started: pids are used again. Undefined once it has ended. */
function identityOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie has ended; nobody has looked at its exit code yet.
    return state === 'Z' ? undefined : `${pid}@${fields[18]}`
  } catch {
    return undefined
  }
}

function isRunning(identity: string): boolean {
  return identityOf(Number(identity.split('@')[0])) === identity
}
