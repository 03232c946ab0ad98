import hre from 'hardhat'
import {
  type Address,
  createTestClient,
  custom,
  type EIP1193RequestFn,
  getAddress,
  type Hex,
  type PrivateKeyAccount,
  publicActions,
  walletActions,
  zeroAddress,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { defaultGame, defaultParameters } from '../../../ignition/modules/Assay.ts'
import {
  type ContractCall,
  createMarketClient,
  local,
  type MarketClient,
  type MarketClientConfig,
  type MarketLevel,
  type ScheduledCall,
} from '../../src/index.ts'
import { type ContractName, readContract } from './artifacts.ts'

// The well-known accounts of a Hardhat chain.
const KEYS: Record<Actor, Hex> = {
  owner: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  requester: '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  provider: '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
  keeper: '0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6',
  eve: '0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a',
}

/** The private key of an actor, for wallets that are not viem's. */
export const keyOf = (actor: Actor): Hex => KEYS[actor]

export type Actor = 'owner' | 'requester' | 'provider' | 'keeper' | 'eve'

/** How long a change of the rules waits, in seconds. */
export const timelockDelay = 100

/** How the tests talk to a node: a real one inside this process. */
export type Request = EIP1193RequestFn

/** A fresh chain with a token and a market at the addresses of every fresh local chain. */
export type TestChain = {
  token: Address
  market: Address
  /** Behind the level `optimistic`. */
  disputeGame: Address
  /** Behind the level `attested`. */
  attestation: Address
  /** Behind the level `replicated`. */
  replication: Address
  /** Those of the market's first parameter set. */
  levels: readonly MarketLevel[]
  request: Request
  accounts: Record<Actor, PrivateKeyAccount>
  /** A client of one actor; `config` replaces what it would get. */
  client: (actor: Actor, config?: Partial<MarketClientConfig>) => MarketClient
  /** A contract of the compiler's output, deployed by the owner. */
  deploy: (name: ContractName, args: readonly unknown[]) => Promise<Address>
  /** Has the timelock make a call, once its delay has passed. */
  govern: (call: ScheduledCall['call']) => ReturnType<MarketClient['executeCallSync']>
  /** Lets so much time pass and mines a block. */
  pass: (seconds: number) => Promise<void>
  /** Mines empty blocks, so many seconds apart. */
  mine: (blocks?: number, interval?: number) => Promise<void>
  /** Seconds of the newest block. */
  now: () => Promise<number>
  /** Runs as an account without a key, e.g. as a contract. */
  impersonate: (address: Address) => Promise<void>
  snapshot: () => Promise<() => Promise<void>>
  /** Turns mining after each transaction on or off. */
  automine: (on: boolean) => Promise<void>
  close: () => Promise<void>
}

/** Starts a chain in this process, deploys, and gives every actor tokens. */
export async function startChain(rules: Partial<typeof defaultParameters> = {}): Promise<TestChain> {
  const connection = await hre.network.create()
  const request = connection.provider.request.bind(connection.provider) as Request
  const transport = custom({ request }, { retryCount: 0 })
  const accounts = Object.fromEntries(
    Object.entries(KEYS).map(([actor, key]) => [actor, privateKeyToAccount(key)]),
  ) as Record<Actor, PrivateKeyAccount>
  const { owner } = accounts
  const test = createTestClient({ mode: 'hardhat', chain: local, transport, account: owner, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions)

  async function deploy(
    name: ContractName,
    args: readonly unknown[],
    libraries: Record<string, Address> = {},
  ): Promise<Address> {
    const { abi, bytecode } = readContract(name, libraries)
    const hash = await test.deployContract({ abi, bytecode, args } as never)
    return getAddress((await test.getTransactionReceipt({ hash })).contractAddress as Address)
  }

  // As many contracts before the market as Ignition deploys, so that its address is the recorded one.
  const token = await deploy('token', [owner.address, 10n ** 15n])
  const timelock = await deploy('timelock', [timelockDelay, [owner.address], [owner.address], zeroAddress])
  const oneStepVm = await deploy('oneStepVm', [await deploy('oneStepFloat', [])])
  const { moveFee, turnFloor, stepsPerSecond } = defaultGame
  const disputeGame = await deploy('disputeGame', [oneStepVm, moveFee, turnFloor, stepsPerSecond])
  const attestation = await deploy('attestation', [])
  const replication = await deploy('replication', [])
  const store = await deploy('parameterStore', [])
  const parameters = { ...defaultParameters, ...rules }
  const levels = [
    { hook: disputeGame, isMediated: false },
    { hook: attestation, isMediated: false },
    { hook: replication, isMediated: true },
  ]
  const market = await deploy('market', [token, timelock, owner.address, owner.address, parameters, levels], {
    ParameterStore: store,
  })
  for (const { address } of Object.values(accounts)) {
    const transfer = {
      address: token,
      abi: [
        {
          type: 'function',
          name: 'transfer',
          stateMutability: 'nonpayable',
          inputs: [{ type: 'address' }, { type: 'uint256' }],
          outputs: [{ type: 'bool' }],
        },
      ],
      functionName: 'transfer',
      args: [address, 10_000_000_000n],
    } as const
    if (address !== owner.address) await test.writeContract(transfer)
  }

  const now = async () => Number((await test.getBlock()).timestamp)
  const pass = async (seconds: number) => {
    await test.increaseTime({ seconds })
    await test.mine({ blocks: 1 })
  }
  const client: TestChain['client'] = (actor, config = {}) =>
    createMarketClient({
      transport,
      chain: local,
      account: accounts[actor],
      pollingInterval: 10,
      ...config,
    })
  return {
    token,
    market,
    disputeGame,
    attestation,
    replication,
    levels,
    request,
    accounts,
    client,
    govern: async (call: ContractCall) => {
      const governor = client('owner')
      await governor.scheduleCallSync({ call })
      await pass(timelockDelay)
      return governor.executeCallSync({ call })
    },
    deploy,
    pass,
    mine: (blocks = 1, interval = 1) => test.mine({ blocks, interval }),
    now,
    impersonate: async (address) => {
      await test.impersonateAccount({ address })
      await test.setBalance({ address, value: 10n ** 18n })
    },
    snapshot: async () => {
      const id = await test.snapshot()
      return () => test.revert({ id })
    },
    automine: (on) => test.setAutomine(on),
    close: () => connection.close(),
  }
}
