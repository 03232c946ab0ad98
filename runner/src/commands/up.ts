import { join, resolve } from 'node:path'
import { marketDeployments } from 'assay'
import { Command } from 'commander'
import { makeFolder } from '../cli/files.ts'
import { createLogger } from '../cli/log.ts'
import { parseCount, parsePort } from '../cli/options.ts'
import { facts, toJson } from '../cli/output.ts'
import { startLocalNetwork } from '../devnet/network.ts'
import { factsOf, LocalNetworkError } from '../errors.ts'
import { DiskStore } from '../store/disk.ts'
import { startStoreServer } from '../store/server.ts'

type UpOptions = {
  host: string
  port: number
  storePort: number
  interval: number
  data: string
  json?: boolean
}

/** `assay up`: a whole network on this machine. */
export function upCommand(): Command {
  return new Command('up')
    .description('start a local network: a chain with the contracts, funded demo accounts, a content store')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port of the chain', parsePort, 8545)
    .option('--store-port <n>', 'port of the content store', parsePort, 4400)
    .option('--interval <ms>', 'milliseconds between blocks', parseCount, 1_000)
    .option('--data <folder>', 'where the store keeps its contents', '.assay/store')
    .option('--json', 'print one JSON line when ready')
    .addHelpText('after', '\nExample:\n  assay up')
    .action(async (options: UpOptions) => {
      const { host, port, interval } = options
      const log = createLogger(options.json ? 'json' : 'text')
      const store = await startStoreServer({
        host,
        port: options.storePort,
        content: new DiskStore(makeFolder(resolve(options.data))),
        uploads: true,
        onError: (error) => log.error({ event: 'serve', ...factsOf(error) }, 'a content could not be served'),
      })
      const network = await startLocalNetwork({ host, port, interval }).catch(async (error: unknown) => {
        await store.close()
        throw error
      })
      const { url, chainId, market, token, accounts } = network
      const info = { rpc: url, store: store.url, chainId, market, token, accounts, interval }
      process.stdout.write(`${options.json ? toJson(info) : welcome(info)}\n`)
      const asked = new Promise<null>((resolve) => {
        process.once('SIGINT', () => resolve(null))
        process.once('SIGTERM', () => resolve(null))
      })
      const reason = await Promise.race([asked, network.exited])
      await Promise.all([network.stop(), store.close()])
      if (reason !== null) throw new LocalNetworkError({ host, port, reason: `the chain ended: ${reason}` })
    })
}

function welcome(info: {
  rpc: string
  store: string
  chainId: number
  market: string
  token: string
  accounts: string[]
  interval: number
}): string {
  const rpc = info.rpc === 'http://127.0.0.1:8545' ? '' : ` --rpc ${info.rpc}`
  // `npm run deploy` on a network like this one has recorded a market that this one does not have.
  const known = marketDeployments[info.chainId]?.market.toLowerCase() === info.market.toLowerCase()
  const defaults = rpc + (known ? '' : ` --market ${info.market}`)
  const store = info.store === 'http://127.0.0.1:4400' ? '' : ` --store ${info.store}`
  const wasm = join('examples', 'build', 'tiny.wasm')
  return `${facts([
    ['Chain', `${info.rpc} (id ${info.chainId}, a block every ${info.interval} ms)`],
    ['Store', info.store],
    ['Market', info.market],
    ['Token', info.token],
    ['Accounts', `${info.accounts.length}, use them with --demo-account 0 … ${info.accounts.length - 1}`],
  ])}

Next, in other terminals:
  npm run assay -- provide --demo-account 2 --stake 100${defaults}
  npm run assay -- run ${wasm} --text hello --max-price 1 --demo-account 1${defaults}${store}
  npm run assay -- audit${defaults}

Ctrl-C ends the network; its chain is gone then. The next one is another chain, for which a provider needs a
new folder: remove .assay/provider, or give it another --data.`
}
