/** Starts the product's own programs as processes, for the demo, the benchmarks and the end-to-end tests. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Address } from 'viem'
import type { LieOptions } from './liar.ts'

const bin = fileURLToPath(new URL('../../runner/dist/bin.js', import.meta.url))

/** A line of a provider's JSON log. */
export type LogLine = { level: string; time: number; event?: string; jobId?: string; msg: string } & Record<
  string,
  unknown
>

const liar = fileURLToPath(new URL('liar.ts', import.meta.url))

/** A running `assay` command, or another program that logs like one. */
export class AssayProcess {
  readonly child: ChildProcess
  readonly log: LogLine[] = []
  /** Exit code, or the signal's name. */
  readonly exited: Promise<number | NodeJS.Signals | null>
  #stdout = ''
  #stderr = ''
  #waiting: { matches: (line: LogLine) => boolean; resolve: (line: LogLine) => void }[] = []
  #firstLine: Promise<string>

  /** @param options.program file to run instead of the command line */
  constructor(
    args: readonly string[],
    options: { env?: Record<string, string>; cwd?: string; program?: string } = {},
  ) {
    this.child = spawn(process.execPath, [options.program ?? bin, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...options.env },
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    })
    const { stdout, stderr } = this.child as ChildProcess & {
      stdout: NodeJS.ReadableStream
      stderr: NodeJS.ReadableStream
    }
    this.exited = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(code ?? signal)))
    this.#firstLine = new Promise((resolve) => {
      createInterface({ input: stdout }).on('line', (line) => {
        this.#stdout += `${line}\n`
        resolve(line)
      })
    })
    createInterface({ input: stderr }).on('line', (line) => {
      this.#stderr += `${line}\n`
      if (line.startsWith('{')) this.#record(JSON.parse(line) as LogLine)
    })
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** The first line on stdout, or an error with what the process said when it ends before. */
  async firstLine(): Promise<string> {
    const ended = this.exited.then((code) => {
      throw new ProcessEndedError(code, this.#stderr)
    })
    return Promise.race([this.#firstLine, ended])
  }

  /** The first log line, past or coming, with this event (and job). */
  async waitFor(
    event: string,
    options: { jobId?: string; timeout?: number; after?: number } = {},
  ): Promise<LogLine> {
    const { jobId, timeout = 60_000, after = 0 } = options
    const matches = (line: LogLine) => line.event === event && (jobId === undefined || line.jobId === jobId)
    const found = this.log.slice(after).find(matches)
    if (found !== undefined) return found
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new ProcessEndedError(`no '${event}' in ${timeout} ms`, this.#stderr)),
        timeout,
      )
    })
    const ended = this.exited.then((code) => {
      const last = this.log.slice(after).find(matches)
      if (last !== undefined) return last
      throw new ProcessEndedError(code, this.#stderr)
    })
    const coming = new Promise<LogLine>((resolve) => this.#waiting.push({ matches, resolve }))
    return Promise.race([coming, late, ended]).finally(() => clearTimeout(timer))
  }

  /** Calls `listener` with each line that comes from now on. */
  onLine(listener: (line: LogLine) => void): void {
    this.#waiting.push({
      matches: (line) => {
        listener(line)
        return false
      },
      resolve: () => undefined,
    })
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Asks it to stop, and waits; kills it where it does not. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    this.child.kill('SIGTERM')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000)
    await this.exited
    clearTimeout(timer)
  }

  #record(line: LogLine): void {
    this.log.push(line)
    for (const waiting of [...this.#waiting]) {
      if (!waiting.matches(line)) continue
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
      waiting.resolve(line)
    }
  }
}

export class ProcessEndedError extends Error {
  constructor(code: unknown, output: string) {
    super(`the process ended or went silent (${String(code)}):\n${output.slice(-4_000)}`)
    this.name = 'ProcessEndedError'
  }
}

export type Network = {
  rpc: string
  store: string
  chainId: number
  market: Address
  token: Address
  accounts: Address[]
  process: AssayProcess
}

/** `assay up` on free ports. */
export async function startNetwork(
  data: string,
  options: { port?: number; storePort?: number; interval?: number } = {},
): Promise<Network> {
  const { port = 0, storePort = 0, interval = 1_000 } = options
  const up = new AssayProcess([
    ...['up', '--json', '--data', data, '--port', String(port), '--store-port', String(storePort)],
    ...['--interval', String(interval)],
  ])
  return { ...(JSON.parse(await up.firstLine()) as Omit<Network, 'process'>), process: up }
}

/** `assay provide` with JSON logs, once it watches for jobs. */
export async function startProvider(
  network: Pick<Network, 'rpc'>,
  options: { account: number; data: string; args?: readonly string[]; port?: number; ready?: boolean },
): Promise<AssayProcess> {
  const { account, data, args = [], port = 0, ready = true } = options
  const provider = new AssayProcess([
    ...[
      'provide',
      '--rpc',
      network.rpc,
      '--demo-account',
      String(account),
      '--data',
      data,
      '--port',
      String(port),
    ],
    ...['--log-format', 'json', ...args],
  ])
  if (ready) await provider.waitFor('ready')
  return provider
}

/** A provider that lies about one of the tasks it executes, once it watches for jobs. */
export async function startLiar(
  network: Pick<Network, 'rpc'>,
  options: { account: number; data: string; lie: LieOptions; args?: readonly string[] },
): Promise<AssayProcess> {
  const { account, data, lie, args = [] } = options
  const provider = new AssayProcess(
    [
      ...['--rpc', network.rpc, '--demo-account', String(account), '--data', data],
      ...['--lie', JSON.stringify(lie), ...args],
    ],
    { program: liar },
  )
  await provider.waitFor('ready')
  return provider
}

/** `assay watch` with JSON logs, once it watches. */
export async function startWatcher(
  network: Pick<Network, 'rpc'>,
  options: { account: number; data: string; args?: readonly string[] },
): Promise<AssayProcess> {
  const { account, data, args = [] } = options
  const watcher = new AssayProcess([
    ...['watch', '--rpc', network.rpc, '--demo-account', String(account), '--data', data],
    ...['--log-format', 'json', ...args],
  ])
  await watcher.waitFor('watching')
  return watcher
}

/** Runs a command to its end. */
export async function assay(
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<{ code: number | NodeJS.Signals | null; stdout: string; stderr: string }> {
  const command = new AssayProcess(args, options)
  const closed = new Promise<void>((resolve) => command.child.once('close', () => resolve()))
  const code = await command.exited
  await closed
  return { code, stdout: command.stdout, stderr: command.stderr }
}
