/**
 * Deploys token and market through Ignition and records their addresses where the SDK reads them.
 *
 *   node scripts/deploy.ts --network NAME [--reset]
 *
 * NAME is a network of hardhat.config.ts. Running it again changes nothing; `--reset` deploys anew.
 */
import { parseArgs } from 'node:util'
import hre from 'hardhat'
import { deployMarket } from './support/deployMarket.ts'
import { DEPLOYMENTS, recordDeployment } from './support/recordDeployment.ts'

const USAGE = 'Usage: node scripts/deploy.ts --network NAME [--reset]'

function readOptions(): { network: string; reset: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: { network: { type: 'string' }, reset: { type: 'boolean', default: false } },
    })
    const { network, reset } = values
    if (network !== undefined && network in hre.config.networks) return { network, reset }
    const names = Object.keys(hre.config.networks).join(', ')
    console.error(
      `${USAGE}\n${network === undefined ? 'A network is needed' : `No network ${network}`}: ${names}.`,
    )
  } catch (error) {
    console.error(`${USAGE}\n${error instanceof Error ? error.message : error}`)
  }
  return undefined
}

const options = readOptions()
if (options === undefined) {
  process.exitCode = 2
} else {
  const connection = await hre.network.create(options.network)
  try {
    const { chainId, deployment } = await deployMarket(connection, { reset: options.reset })
    // A chain inside this process is gone in a moment.
    if (connection.networkConfig.type === 'http') recordDeployment(DEPLOYMENTS, chainId, deployment)
    console.log(JSON.stringify({ chainId, ...deployment }))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  } finally {
    await connection.close()
  }
}
