import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import hre from 'hardhat'
import type { NetworkConnection } from 'hardhat/types/network'
import type { Address } from 'viem'
import Assay from '../../ignition/modules/Assay.ts'
import AssayOnToken from '../../ignition/modules/AssayOnToken.ts'
import { checkToken } from './checkToken.ts'

/** Where the SDK reads which market a chain has. */
export type RecordedDeployment = {
  market: string
  token: string
  /** Block from which the market's events are searched. */
  fromBlock: number
}

/** Who governs the market; the deployer where nobody is named. */
export type Governance = {
  /** Proposes to the timelock and executes what has waited. */
  proposer?: Address
  /** May pause new jobs. */
  guardian?: Address
  feeRecipient?: Address
  /**
   * Seconds that a proposal waits.
   * @default two days, none on a local chain
   */
  delay?: number
}

export type DeployOptions = {
  governance?: Governance
  /**
   * The ERC-20 of the market, for good.
   * @default a token of its own without value, minted to the deployer
   */
  token?: Address
  /** Forgets what was deployed before and deploys anew. */
  reset?: boolean
  /** Folder under `ignition/deployments`, by default `chain-{id}`. */
  deploymentId?: string
}

const LOCAL_CHAIN = 31_337

/** On a chain of one's own nobody has to be warned of a change. */
export const localGovernance = { delay: 0 } as const satisfies Governance

/**
 * Deploys one of the two Ignition modules on a network, that of local chains or that of an existing token, or finds it
 * deployed already. A local chain that was started afresh is noticed: there is no code where the last one had its market.
 * @throws {TokenNotDeployedError} there is no code at the token's address
 * @throws {TokenDecimalsError} it does not say decimals that a market can count
 */
export async function deployMarket(
  connection: NetworkConnection,
  { governance = {}, token: existing, reset = false, deploymentId }: DeployOptions = {},
): Promise<{ chainId: number; deployment: RecordedDeployment; timelock: string }> {
  const chainId = Number(await connection.provider.request({ method: 'eth_chainId' }))
  if (existing !== undefined) await checkToken(connection, existing)
  const id = deploymentId ?? `chain-${chainId}`
  const folder = join(hre.config.paths.ignition, 'deployments', id)
  if (reset || (chainId === LOCAL_CHAIN && (await isStale(connection, folder))))
    rmSync(folder, { recursive: true, force: true })
  const parameters = chainId === LOCAL_CHAIN ? { ...localGovernance, ...governance } : governance
  const options = { deploymentId: id }
  const { ignition } = connection
  const deployed =
    existing === undefined
      ? await ignition.deploy(Assay, { ...options, parameters: { Assay: parameters } })
      : await ignition.deploy(AssayOnToken, {
          ...options,
          parameters: { AssayOnToken: { ...parameters, token: existing } },
        })
  const { market, token, timelock } = deployed
  const [marketAddress, tokenAddress, timelockAddress] = await Promise.all([
    market.getAddress(),
    token.getAddress(),
    timelock.getAddress(),
  ])
  const fromBlock = chainId === LOCAL_CHAIN ? 0 : firstBlock(folder)
  const deployment = { market: marketAddress, token: tokenAddress, fromBlock }
  return { chainId, deployment, timelock: timelockAddress }
}

async function isStale(connection: NetworkConnection, folder: string): Promise<boolean> {
  const file = join(folder, 'deployed_addresses.json')
  if (!existsSync(file)) return false
  const addresses: string[] = Object.values(JSON.parse(readFileSync(file, 'utf8')))
  const codes = await Promise.all(
    addresses.map((address) =>
      connection.provider.request({ method: 'eth_getCode', params: [address, 'latest'] }),
    ),
  )
  return codes.includes('0x')
}

/** The block of the first confirmed transaction in Ignition's journal. */
function firstBlock(folder: string): number {
  const file = join(folder, 'journal.jsonl')
  if (!existsSync(file)) return 0
  const blocks = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line).receipt?.blockNumber)
    .filter((block) => typeof block === 'number')
  return Math.min(...blocks)
}
