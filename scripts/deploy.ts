/** Deploys token, market, timelock, hooks and the judge of steps through Ignition and records the market where the SDK reads it. */
import { parseArgs } from 'node:util'
import hre from 'hardhat'
import { type Address, isAddress } from 'viem'
import type { GameRules } from './support/checkGame.ts'
import { deployMarket, type Governance } from './support/deployMarket.ts'
import { DEPLOYMENTS, recordDeployment } from './support/recordDeployment.ts'

const USAGE = 'Usage: npm run deploy -- --network NAME [options]'

const HELP = `${USAGE}

Deploys token, market, timelock and hooks, or finds them deployed already; prints where they are.

  --network NAME           a network of hardhat.config.ts: ${Object.keys(hre.config.networks).join(', ')}
  --token ADDRESS          the ERC-20 of the market, for good (default: a token of its own without value)
  --proposer ADDRESS       who proposes changes to the timelock and executes them (default: the deployer)
  --guardian ADDRESS       who may pause new jobs, and nothing else (default: the deployer)
  --fee-recipient ADDRESS  who receives the protocol's fees (default: the deployer)
  --delay SECONDS          how long a proposed change waits (default: two days, none on a local chain)
  --move-fee UNITS         what one move of a dispute costs (default: 5000)
  --turn-floor SECONDS     the shortest turn of a dispute (default: 600, 10 on a local chain)
  --steps-per-second STEPS the speed for which turns of long tasks are made (default: 2097152)
  --reset                  deploys anew
  --help                   prints this

Example:
  npm run deploy -- --network local --guardian 0x70997970C51812dc3A010C7d01b50e0d17dc79C8`

/** The longest wait that the timelock is given: a market whose rules nobody can change is a mistake. */
const LONGEST_DELAY = 365 * 86_400

class DeployUsageError extends Error {
  constructor(message: string) {
    super(`${USAGE}\n${message}`)
    this.name = 'DeployUsageError'
  }
}

type Options = {
  network: string
  reset: boolean
  governance: Governance
  game: Partial<GameRules>
  token?: Address
}

/** What the command line says; null where it asks for help. */
function readOptions(): Options | null {
  const { values } = parseFlags()
  const { network, reset, help } = values
  if (help) return null
  if (network === undefined || !(network in hre.config.networks)) {
    const names = Object.keys(hre.config.networks).join(', ')
    throw new DeployUsageError(
      `${network === undefined ? 'A network is needed' : `No network ${network}`}: ${names}.`,
    )
  }
  const governance: Governance = {}
  const named = {
    proposer: values.proposer,
    guardian: values.guardian,
    feeRecipient: values['fee-recipient'],
  }
  for (const [role, text] of Object.entries(named)) {
    if (text !== undefined) governance[role as keyof typeof named] = parseAddress(text)
  }
  if (values.delay !== undefined) {
    const delay = Number(values.delay)
    if (!/^\d+$/.test(values.delay) || delay > LONGEST_DELAY)
      throw new DeployUsageError(`A delay is a whole number of seconds, at most ${LONGEST_DELAY}.`)
    governance.delay = delay
  }
  return {
    network,
    reset,
    governance,
    game: readGame(values),
    ...(values.token !== undefined && { token: parseAddress(values.token) }),
  }
}

function readGame(values: ReturnType<typeof parseFlags>['values']): Partial<GameRules> {
  const game: Partial<GameRules> = {}
  if (values['move-fee'] !== undefined) game.moveFee = parseCount(values['move-fee'], 80)
  if (values['turn-floor'] !== undefined) game.turnFloor = Number(parseCount(values['turn-floor'], 32))
  if (values['steps-per-second'] !== undefined)
    game.stepsPerSecond = parseCount(values['steps-per-second'], 64)
  return game
}

/** A whole number from 1 on that the contract's field of so many bits holds. */
function parseCount(text: string, bits: number): bigint {
  const count = /^\d+$/.test(text) ? BigInt(text) : 0n
  if (count === 0n || count >> BigInt(bits) !== 0n)
    throw new DeployUsageError(`${text} is no whole number from 1 to 2^${bits} - 1.`)
  return count
}

function parseAddress(text: string): Address {
  if (!isAddress(text)) throw new DeployUsageError(`${text} is no address.`)
  return text
}

function parseFlags() {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const named = { token: text, proposer: text, guardian: text, 'fee-recipient': text, delay: text }
  const game = { 'move-fee': text, 'turn-floor': text, 'steps-per-second': text }
  try {
    return parseArgs({ options: { network: text, ...named, ...game, reset: flag, help: flag } })
  } catch (error) {
    throw new DeployUsageError((error as Error).message)
  }
}

async function deploy({ network, ...options }: Options): Promise<void> {
  const connection = await hre.network.create(network)
  try {
    const { chainId, deployment, timelock, disputeGame } = await deployMarket(connection, options)
    // A chain inside this process is gone in a moment.
    const isKept = connection.networkConfig.type === 'http'
    if (isKept && recordDeployment(DEPLOYMENTS, chainId, deployment))
      console.error(
        `sdk/src/deployments.json: from now on the market of chain ${chainId} where none is named`,
      )
    console.log(JSON.stringify({ chainId, ...deployment, timelock, disputeGame }))
  } finally {
    await connection.close()
  }
}

try {
  const options = readOptions()
  if (options === null) console.log(HELP)
  else await deploy(options)
} catch (error) {
  const isUsage = error instanceof DeployUsageError
  if (isUsage) console.error(error.message)
  else console.error(error instanceof Error ? `${error.name}: ${error.message}` : error)
  process.exitCode = isUsage ? 2 : 1
}
