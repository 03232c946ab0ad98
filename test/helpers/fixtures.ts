import type {
  AssayToken,
  AssuranceMock,
  Attestation,
  JobMarket,
  Replication,
  TimelockController,
} from '../../types/ethers-contracts/index.ts'
import { type Actors, getActors, type Signer } from './actors.ts'
import { ethers, networkHelpers } from './chain.ts'
import { CONCURRENCY, defaultParameters, ENDPOINT, FUNDS, OFFERED, type Parameters } from './defaults.ts'
import { TIMELOCK_DELAY } from './govern.ts'
import { word } from './terms.ts'

/** A market with its token and everybody who acts on it. */
export interface World {
  actors: Actors
  token: AssayToken
  market: JobMarket
  address: string
  /** Base units of the token in one unit. */
  unit: bigint
  parameters: Parameters
  /** Governs the market; the actor `owner` proposes to it and executes. */
  timelock: TimelockController
  /** Behind level {@link ATTESTED}. */
  attestation: Attestation
  /** Behind level {@link REPLICATED}, which it mediates. */
  replication: Replication
  /** Behind level {@link MOCKED}; level 0 is decided by the actor `hook`, level {@link NOT_OFFERED} by nobody. */
  assurance: AssuranceMock
  /** Block of the deployment, from which on events are read. */
  fromBlock: number
}

export const ATTESTED = 1n
export const REPLICATED = 2n
export const MOCKED = 3n
export const NOT_OFFERED = 4n

/** Enough tokens for every test; the holder is the owner. */
const SUPPLY_UNITS = 2n ** 82n

export interface WorldOptions {
  parameters?: Partial<Parameters>
  token?: (holder: string) => Promise<unknown>
  /** Deploys the hook of level 0; the actor `hook` where not given. */
  optimistic?: () => Promise<string>
  unit?: bigint
}

/** Deploys a token and a market; nobody has anything in it yet. */
export async function deployMarket(options: WorldOptions = {}): Promise<World> {
  const actors = await getActors()
  const unit = options.unit ?? 1n
  const holder = actors.owner.address
  const token = (await (options.token?.(holder) ??
    ethers.deployContract('AssayToken', [holder, SUPPLY_UNITS]))) as AssayToken
  const assurance = await ethers.deployContract('AssuranceMock')
  const parameters = { ...defaultParameters, ...options.parameters }
  const attestation = await ethers.deployContract('Attestation')
  const replication = await ethers.deployContract('Replication')
  const timelock = await deployTimelock(holder)
  await delegate(actors.hook.address)
  const optimistic = (await options.optimistic?.()) ?? actors.hook.address
  const market = await createMarket([
    await token.getAddress(),
    await timelock.getAddress(),
    holder,
    actors.treasury.address,
    parameters,
    [
      { hook: optimistic, isMediated: false },
      { hook: await attestation.getAddress(), isMediated: false },
      { hook: await replication.getAddress(), isMediated: true },
      { hook: await assurance.getAddress(), isMediated: false },
    ],
  ])
  const fromBlock = await ethers.provider.getBlockNumber()
  const address = await market.getAddress()
  const contracts = { token, market, timelock, attestation, replication, assurance }
  return { actors, ...contracts, address, unit, parameters, fromBlock }
}

/**
 * Lets an account have code and still sign for itself (EIP-7702): the market takes hooks with code only, and tests play
 * them. It delegates to an address without code, so that calls of it do nothing.
 */
export async function delegate(account: string): Promise<void> {
  await networkHelpers.setCode(account, ethers.concat(['0xef0100', ethers.toBeHex(0xde1e, 20)]))
}

/** Takes that code away again, as its owner may at any time. */
export async function undelegate(account: string): Promise<void> {
  await networkHelpers.setCode(account, '0x')
}

async function deployTimelock(proposer: string): Promise<TimelockController> {
  return ethers.deployContract('TimelockController', [
    TIMELOCK_DELAY,
    [proposer],
    [proposer],
    ethers.ZeroAddress,
  ])
}

/** A market with the library it needs: token, timelock, guardian, fee recipient, parameters, levels. */
export async function createMarket(args: readonly unknown[]): Promise<JobMarket> {
  const store = await ethers.deployContract('ParameterStore')
  const libraries = { ParameterStore: await store.getAddress() }
  return ethers.deployContract('JobMarket', args as never, { libraries } as never)
}

/** Gives `units` of tokens to `to` and lets it deposit them. */
export async function fund({ token, market, address, unit, actors }: World, to: Signer, units: bigint) {
  await token.connect(actors.owner).transfer(to.address, units * unit)
  await token.connect(to).approve(address, units * unit)
  await market.connect(to).deposit(units)
}

/** Registers and stakes; what it needs must be in its balance. */
export async function enlist({ market }: World, provider: Signer, stake: bigint = FUNDS.stake) {
  await market.connect(provider).updateProvider(OFFERED, CONCURRENCY, ENDPOINT, word('encryption key'))
  await market.connect(provider).stake(stake)
}

/** Everybody funded, two providers registered and staked. */
export async function openMarket(options: WorldOptions = {}): Promise<World> {
  const world = await deployMarket(options)
  const { requester, provider, rival, keeper, hook, eve } = world.actors
  await fund(world, requester, FUNDS.requester)
  for (const worker of [provider, rival]) {
    await fund(world, worker, FUNDS.balance + FUNDS.stake)
    await enlist(world, worker)
  }
  for (const actor of [keeper, hook, eve]) await fund(world, actor, FUNDS.balance)
  return world
}

/** For `loadFixture`, which wants one named function per state. */
export async function emptyMarket(): Promise<World> {
  return deployMarket()
}

export async function busyMarket(): Promise<World> {
  return openMarket()
}

/** A token of 18 decimals: a unit has 10^12 base units. */
export async function market18(): Promise<World> {
  const unit = 10n ** 12n
  return openMarket({
    unit,
    token: (holder) => ethers.deployContract('OddTokenMock', [18, holder, SUPPLY_UNITS * unit]),
  })
}
