import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import hre from 'hardhat'
import type { NetworkConnection } from 'hardhat/types/network'
import type { Address } from 'viem'
import Assay, { defaultGame, defaultParameters } from '../../ignition/modules/Assay.ts'
import AssayOnToken from '../../ignition/modules/AssayOnToken.ts'
import { checkGame, type GameRules } from './checkGame.ts'
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
   * Rules of the dispute game.
   * @default those of `ignition/modules/Assay.ts`, with turns of ten minutes at the least unless the chain is a local one
   */
  game?: Partial<GameRules>
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

/** Seconds in which a transaction is in a block even when fees rise. */
const PUBLIC_TURN_FLOOR = 600

/** The chain has a market of the other kind: with a token of its own, or on one that was there already. */
export class OtherTokenDeployedError extends Error {
  constructor({ chainId, folder, existing }: { chainId: number; folder: string; existing: boolean }) {
    super(
      `This chain's market has another token.\n\nChain: ${chainId}\nDeployed: ${existing ? 'a market with a token of its own' : 'a market on a token that was there already'}\nRecorded in: ${folder}\n\n${existing ? 'Leave `--token` out' : 'Pass the `--token` of the first time'} to find that market, or pass \`--reset\` to deploy another one.`,
    )
    this.name = 'OtherTokenDeployedError'
  }
}

/** On a chain of one's own nobody has to be warned of a change. */
export const localGovernance = { delay: 0 } as const satisfies Governance

/**
 * Deploys one of the two Ignition modules on a network, that of local chains or that of an existing token, or finds it
 * deployed already. A local chain that was started afresh is noticed: there is no code where the last one had its market.
 * @throws {MinBondTooSmallError} moves are too dear for the least bond
 * @throws {OtherTokenDeployedError} the other module was deployed there
 * @throws {TokenNotDeployedError} there is no code at the token's address
 * @throws {TokenDecimalsError} it does not say decimals that a market can count
 */
export async function deployMarket(
  connection: NetworkConnection,
  { governance = {}, game = {}, token: existing, reset = false, deploymentId }: DeployOptions = {},
): Promise<{ chainId: number; deployment: RecordedDeployment; timelock: string; disputeGame: string }> {
  const chainId = Number(await connection.provider.request({ method: 'eth_chainId' }))
  const usual = chainId === LOCAL_CHAIN ? defaultGame : { ...defaultGame, turnFloor: PUBLIC_TURN_FLOOR }
  const gameRules: GameRules = { ...usual, ...game }
  checkGame({ minBond: defaultParameters.minBond, moveFee: gameRules.moveFee })
  if (existing !== undefined) await checkToken(connection, existing)
  const id = deploymentId ?? `chain-${chainId}`
  const folder = join(hre.config.paths.ignition, 'deployments', id)
  if (reset || (chainId === LOCAL_CHAIN && (await isStale(connection, folder))))
    rmSync(folder, { recursive: true, force: true })
  // Ignition compares what is deployed within a module; two modules in one folder would be two markets.
  const other = existing === undefined ? AssayOnToken.id : Assay.id
  if (deployedIn(folder).some(([future]) => future.startsWith(`${other}#`)))
    throw new OtherTokenDeployedError({ chainId, folder, existing: existing !== undefined })
  const roles = chainId === LOCAL_CHAIN ? { ...localGovernance, ...governance } : governance
  const parameters = { ...roles, ...gameRules }
  const options = { deploymentId: id }
  const { ignition } = connection
  const deployed =
    existing === undefined
      ? await ignition.deploy(Assay, { ...options, parameters: { Assay: parameters } })
      : await ignition.deploy(AssayOnToken, {
          ...options,
          parameters: { AssayOnToken: { ...parameters, token: existing } },
        })
  const { market, token, timelock, disputeGame } = deployed
  const [marketAddress, tokenAddress, timelockAddress, gameAddress] = await Promise.all([
    market.getAddress(),
    token.getAddress(),
    timelock.getAddress(),
    disputeGame.getAddress(),
  ])
  const fromBlock = chainId === LOCAL_CHAIN ? 0 : firstBlock(folder)
  const deployment = { market: marketAddress, token: tokenAddress, fromBlock }
  return { chainId, deployment, timelock: timelockAddress, disputeGame: gameAddress }
}

async function isStale(connection: NetworkConnection, folder: string): Promise<boolean> {
  const codes = await Promise.all(
    deployedIn(folder).map(([, address]) =>
      connection.provider.request({ method: 'eth_getCode', params: [address, 'latest'] }),
    ),
  )
  return codes.includes('0x')
}

/** What Ignition has deployed, by the name of its future: `Module#Contract`. */
function deployedIn(folder: string): [future: string, address: string][] {
  const file = join(folder, 'deployed_addresses.json')
  return existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, 'utf8'))) : []
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
