/**
 * A local network in one process: Hardhat's node, the contracts deployed, demo accounts funded, then one block a second.
 *
 *   node scripts/network.ts [--host H] [--port P] [--interval MILLISECONDS]
 *
 * Prints one JSON line `{ url, chainId, market, token, disputeGame, accounts }` when it is ready, and runs until its standard input or
 * its parent goes away, or a signal arrives. `assay up` starts it.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import hre from 'hardhat'
import Assay from '../ignition/modules/Assay.ts'
import { localGovernance } from './support/deployMarket.ts'

const DEMO_ACCOUNTS = 10
const DEMO_TOKENS = 1_000_000_000_000n // a million each

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8545' },
    interval: { type: 'string', default: '1000' },
  },
})

// Mined at once while deploying; in the rhythm of a chain afterwards.
const mining = { auto: true, interval: 0 }
const server = await hre.network.createServer(
  // Without it each block is a second later than the last one, however often they come.
  { network: 'devnet', override: { mining, allowBlocksWithSameTimestamp: true } },
  values.host,
  Number(values.port),
)
const { address, port } = await server.listen()
const url = `http://${address}:${port}`
const connection = await hre.network.create({ network: 'local', override: { url } })
// Ignition keeps a journal for chains behind a URL; this chain ends with the process, so its journal goes at once.
const deploymentId = `local-${process.pid}`
const parameters = { Assay: localGovernance }
const { token, market, disputeGame } = await connection.ignition.deploy(Assay, { deploymentId, parameters })
rmSync(join(hre.config.paths.ignition, 'deployments', deploymentId), { recursive: true, force: true })
const [deployer, ...others] = await connection.ethers.getSigners()
if (deployer === undefined) throw new TypeError('the network has no accounts')
const signers = [deployer, ...others]
const accounts = signers.slice(0, DEMO_ACCOUNTS).map((signer) => signer.address)
for (const account of accounts.slice(1)) {
  const sent = await token.connect(deployer).getFunction('transfer')(account, DEMO_TOKENS)
  await sent.wait()
}
await connection.provider.request({ method: 'evm_setAutomine', params: [false] })
await connection.provider.request({ method: 'evm_setIntervalMining', params: [Number(values.interval)] })
console.log(
  JSON.stringify({
    url,
    chainId: 31337,
    market: await market.getAddress(),
    token: await token.getAddress(),
    disputeGame: await disputeGame.getAddress(),
    accounts,
  }),
)

let closing = false
async function close() {
  if (closing) return
  closing = true
  await server.close()
  process.exit(0)
}
process.on('SIGTERM', close)
process.on('SIGINT', close)
process.stdin.on('end', close)
process.stdin.resume()
