import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Address } from 'viem'
import { LocalNetworkError } from '../errors.ts'

/** A running local chain with the contracts on it. */
export type LocalNetwork = {
  url: string
  chainId: number
  market: Address
  token: Address
  /** The hook of level 0. */
  disputeGame: Address
  accounts: Address[]
  /** Resolves with what ended it. */
  exited: Promise<string>
  stop(): Promise<void>
}

/**
 * Starts the project's local network as a child that ends with this process.
 *
 * @throws LocalNetworkError when the contracts are not at hand or the network does not come up
 */
export async function startLocalNetwork(options: {
  host: string
  port: number
  /** Milliseconds between blocks. */
  interval: number
}): Promise<LocalNetwork> {
  const root = findProject()
  const { host, port, interval } = options
  const flags = ['--host', host, '--port', String(port), '--interval', String(interval)]
  const child = spawn(process.execPath, [join(root, 'scripts', 'network.ts'), ...flags], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4_000)
  })
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(errors.trim() || `exit ${code ?? signal}`))
  })
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) resolve(line)
    })
  })
  const first = await Promise.race([ready, exited.then((reason) => ({ reason }))])
  if (typeof first !== 'string') throw new LocalNetworkError({ host, port, reason: first.reason })
  return {
    ...(JSON.parse(first) as Omit<LocalNetwork, 'exited' | 'stop'>),
    exited,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** The folder with the contracts: the nearest one above this file, or above the working folder. */
function findProject(): string {
  for (const start of [fileURLToPath(import.meta.url), join(process.cwd(), 'x')]) {
    for (let folder = dirname(start); folder !== dirname(folder); folder = dirname(folder)) {
      const manifest = join(folder, 'package.json')
      if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'assay-workspace')
        return folder
    }
  }
  throw new LocalNetworkError({ reason: 'the contracts are not here' })
}
