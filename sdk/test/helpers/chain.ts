import { readFileSync } from 'node:fs'
import hre from 'hardhat'
import {
  type Address,
  createTestClient,
  custom,
  type EIP1193RequestFn,
  type Hex,
  type PrivateKeyAccount,
  publicActions,
  walletActions,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { defaultParameters } from '../../../ignition/modules/Assay.ts'
import { createMarketClient, local, type MarketClient, type MarketClientConfig } from '../../src/index.ts'

// The well-known accounts of a Hardhat chain.
const KEYS: Record<Actor, Hex> = {
  owner: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  requester: '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  provider: '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
  keeper: '0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6',
  eve: '0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a',
}

export type Actor = 'owner' | 'requester' | 'provider' | 'keeper' | 'eve'

/** How the tests talk to a node: a real one inside this process. */
export type Request = EIP1193RequestFn

/** A fresh chain with a token and a market at the addresses of every fresh local chain. */
export type TestChain = {
  token: Address
  market: Address
  request: Request
  accounts: Record<Actor, PrivateKeyAccount>
  /** A client of one actor; `config` replaces what it would get. */
  client: (actor: Actor, config?: Partial<MarketClientConfig>) => MarketClient
  /** A contract of the compiler's output, deployed by the owner. */
  deploy: (artifact: string, args: readonly unknown[]) => Promise<Address>
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

  async function deploy(artifact: string, args: readonly unknown[]): Promise<Address> {
    const url = new URL(`../../../artifacts/contracts/${artifact}.json`, import.meta.url)
    const { abi, bytecode } = JSON.parse(readFileSync(url, 'utf8'))
    const hash = await test.deployContract({ abi, bytecode, args } as never)
    return (await test.getTransactionReceipt({ hash })).contractAddress as Address
  }

  const token = await deploy('token/AssayToken.sol/AssayToken', [owner.address, 10n ** 15n])
  const parameters = { ...defaultParameters, ...rules }
  const market = await deploy('JobMarket.sol/JobMarket', [
    token,
    owner.address,
    owner.address,
    parameters,
    [],
  ])
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
  return {
    token,
    market,
    request,
    accounts,
    client: (actor, config = {}) =>
      createMarketClient({
        transport,
        chain: local,
        account: accounts[actor],
        pollingInterval: 10,
        ...config,
      }),
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
