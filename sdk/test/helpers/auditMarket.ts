import { network } from 'hardhat'
import {
  type Address,
  type Client,
  createClient,
  custom,
  decodeEventLog,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  numberToHex,
  parseAbi,
  toHex,
  zeroAddress,
  zeroHash,
} from 'viem'
import { assayTokenAbi, jobMarketAbi, replicationAbi, timelockAbi } from '../../src/abis.ts'
import { limitsWord, rulesWord } from '../../src/audit/layout.ts'
import { type WordSchema, word } from '../../src/audit/words.ts'
import { emptyContentHash } from '../../src/trees/contentTree.ts'
import { type ContractName, readContract } from './artifacts.ts'

/** A market on a chain of its own in this process, driven over raw JSON-RPC: the audit must not depend on the actions. */
export type AuditMarket = Awaited<ReturnType<typeof deployAuditMarket>>

export type Request = (method: string, ...params: unknown[]) => Promise<unknown>

export const defaultRules = {
  feeBps: 100,
  bondBps: 10_000,
  surchargeBps: 10_000,
  latenessBps: 2_000,
  minBond: 1_000_000n,
  baseExposure: 1_000_000_000n,
  minRun: 2,
  minWindow: 2,
  lateRequesterGas: 20_000n,
  lateKeeperGas: 10_000n,
  keyTime: 60,
}

export type PostOptions = Partial<Record<keyof typeof rulesWord | keyof typeof limitsWord, bigint>> & {
  programId?: Hex
  inputsRoot?: Hex
  sharedInput?: Hex
  dataUri?: string
  assurance?: Hex
}

type RpcLog = { topics: [Hex, ...Hex[]]; data: Hex }

const gas = numberToHex(10_000_000)
/** How long a change of the rules waits, in seconds. */
const timelockDelay = 100n
const delegation: Hex = `0xef0100${'00'.repeat(18)}de1e`

/** @param decimals - Of the token: 6 are the project's own, others a mock's. */
export async function deployAuditMarket({ rules = defaultRules, decimals = 6 } = {}) {
  const connection = await network.connect()
  const { provider } = connection
  const request: Request = (method, ...params) => provider.request({ method, params })
  const client: Client = createClient({ transport: custom(provider, { retryCount: 0 }) })
  const accounts = (await request('eth_accounts')) as Address[]
  const [owner, requester, requester2, provider1, provider2, keeper, hook, feeRecipient] = accounts as [
    ...Address[],
  ] as [Address, Address, Address, Address, Address, Address, Address, Address]

  const transact = async (from: Address, to: Address | undefined, data: Hex) => {
    const hash = await request('eth_sendTransaction', { from, ...(to ? { to } : {}), data, gas })
    return (await request('eth_getTransactionReceipt', hash)) as {
      contractAddress: Address
      logs: { topics: [Hex, ...Hex[]]; data: Hex; address: Address }[]
    }
  }
  const deploy = async (name: ContractName, args: unknown[], libraries: Record<string, Address> = {}) => {
    const { abi, bytecode } = readContract(name, libraries)
    const { contractAddress } = await transact(owner, undefined, encodeDeployData({ abi, bytecode, args }))
    return contractAddress
  }

  const unit = 10n ** BigInt(Math.max(0, decimals - 6))
  const supply = 10n ** 18n * unit
  const token =
    decimals === 6
      ? await deploy('token', [owner, supply])
      : await deploy('oddToken', [decimals, owner, supply])
  const timelock = await deploy('timelock', [timelockDelay, [owner], [owner], zeroAddress])
  const replication = await deploy('replication', [])
  const store = await deploy('parameterStore', [])
  // the hook is an account that plays all parts of one but for the last level's: it has delegated to code (EIP-7702), and
  // a contract of its own mediates
  await request('hardhat_setCode', hook, delegation)
  const mediator = await deploy('wallet', [hook])
  const levels = [
    { hook, isMediated: false },
    { hook, isMediated: false },
    { hook: mediator, isMediated: true },
    { hook: replication, isMediated: true },
  ]
  const market = await deploy('market', [token, timelock, owner, feeRecipient, rules, levels], {
    ParameterStore: store,
  })
  let nonce = 0n

  const now = async () =>
    BigInt(((await request('eth_getBlockByNumber', 'latest', false)) as { timestamp: Hex }).timestamp)
  const send = (from: Address, functionName: string, ...args: unknown[]) =>
    transact(from, market, encodeFunctionData({ abi: jobMarketAbi, functionName, args } as never))
  const read = async (functionName: string, ...args: unknown[]): Promise<unknown> => {
    const data = encodeFunctionData({ abi: jobMarketAbi, functionName, args } as never)
    const result = (await request('eth_call', { to: market, data }, 'latest')) as Hex
    return decodeFunctionResult({ abi: jobMarketAbi, functionName, data: result } as never)
  }
  /** A transfer that `spender` makes of tokens of `from`. */
  const transferFrom = (spender: Address, from: Address, to: Address, amount: bigint) =>
    transact(
      spender,
      token,
      encodeFunctionData({ abi: assayTokenAbi, functionName: 'transferFrom', args: [from, to, amount] }),
    )
  const transfer = (from: Address, to: Address, amount: bigint) =>
    transact(
      from,
      token,
      encodeFunctionData({ abi: assayTokenAbi, functionName: 'transfer', args: [to, amount] }),
    )
  const fund = async (address: Address, amount: bigint) => {
    if (address !== owner) await transfer(owner, address, amount * unit)
    await transact(
      address,
      token,
      encodeFunctionData({ abi: assayTokenAbi, functionName: 'approve', args: [market, amount * unit] }),
    )
    await send(address, 'deposit', amount)
  }

  const pass = async (seconds: number | bigint) => {
    await request('evm_increaseTime', Number(seconds))
    await request('evm_mine')
  }
  const termsOf = async (options: PostOptions = {}) => {
    const {
      programId = toHex('program', { size: 32 }),
      inputsRoot = toHex('inputs', { size: 32 }),
      sharedInput = emptyContentHash,
      dataUri = 'http://127.0.0.1:1',
      assurance = zeroHash,
      ...fields
    } = options
    const rules = { maxPrice: 2_000_000n, minBps: 5_000n, ramp: 60n, run: 100n, window: 50n, ...fields }
    const limits = {
      tasks: 4n,
      claimBy: (await now()) + 1_000n,
      stepLimit: 1n << 30n,
      maxOutput: 1n << 20n,
      maxPages: 256n,
      nonce: nonce++,
      ...fields,
    }
    return {
      ...{ programId, inputsRoot, sharedInput, assurance, dataUri },
      rules: encodeWord(rulesWord, rules),
      limits: encodeWord(limitsWord, limits),
    }
  }
  let scheduled = 0n
  /** Has the timelock call the market. */
  const govern = async (functionName: string, ...args: unknown[]) => {
    const data = encodeFunctionData({ abi: jobMarketAbi, functionName, args } as never)
    const call = [market, 0n, data, zeroHash, word(scheduled++)] as const
    const abi = timelockAbi
    const schedule = encodeFunctionData({ abi, functionName: 'schedule', args: [...call, timelockDelay] })
    await transact(owner, timelock, schedule)
    await pass(timelockDelay)
    return transact(owner, timelock, encodeFunctionData({ abi, functionName: 'execute', args: call }))
  }

  return {
    request,
    client,
    provider,
    accounts,
    market,
    token,
    owner,
    requester,
    requester2,
    provider1,
    provider2,
    keeper,
    hook,
    feeRecipient,
    now,
    send,
    read,
    transfer,
    transferFrom,
    fund,
    close: () => connection.close(),
    /** Lets the next block come `seconds` after the newest. */
    pass,
    govern,
    timelock,
    replication,
    levels,
    /** Deposits less withdrawals, by the events. */
    held: async () => {
      const logs = (await request('eth_getLogs', { address: market, fromBlock: '0x0' })) as RpcLog[]
      let held = 0n
      for (const log of logs) {
        const { eventName, args } = decodeEventLog({ abi: jobMarketAbi, ...log })
        if (eventName === 'Deposited') held += args.amount
        if (eventName === 'Withdrawn') held -= args.amount
      }
      return held
    },
    snapshot: () => request('evm_snapshot') as Promise<Hex>,
    revert: (id: Hex) => request('evm_revert', id),
    storage: async (slot: bigint) =>
      BigInt((await request('eth_getStorageAt', market, word(slot), 'latest')) as Hex),
    setStorage: (slot: bigint, value: bigint, at: Address = market) =>
      request('hardhat_setStorageAt', at, numberToHex(slot), word(value)),
    register: (from: Address, endpoint: string, { concurrency = 12, resources = 0x0040_1004 } = {}) =>
      send(from, 'updateProvider', resources, concurrency, endpoint, `0x${'5e'.repeat(32)}`),
    termsOf,
    /** Posts a job and returns its id. */
    post: async (from: Address, options: PostOptions = {}): Promise<Hex> => {
      const { logs } = await send(from, 'post', await termsOf(options))
      return jobIdIn(logs)
    },
    /** Posts and claims a job in one transaction, by what one side signed; returns its id. */
    agree: async (
      kind: 'JobRequest' | 'JobOffer',
      { requester, provider, isOpen = false, ...options }: AgreeOptions,
    ): Promise<Hex> => {
      const terms = await termsOf({ minBps: 10_000n, ramp: 0n, ...options })
      const isRequest = kind === 'JobRequest'
      const [signer, taker] = isRequest ? [requester, provider] : [provider, requester]
      const typedData = {
        domain: { name: 'Assay', version: '1', chainId: 31_337, verifyingContract: market },
        types: { EIP712Domain: domainFields, [kind]: agreementFields },
        primaryType: kind,
        message: {
          requester: isOpen && !isRequest ? zeroAddress : requester,
          provider: isOpen && isRequest ? zeroAddress : provider,
          ...terms,
          rules: `${terms.rules}`,
          limits: `${terms.limits}`,
        },
      }
      const signature = await request('eth_signTypedData_v4', signer, typedData)
      const action = isRequest ? 'claimSigned' : 'acceptOffer'
      const { logs } = await send(taker, action, signer, isOpen, terms, signature)
      return jobIdIn(logs)
    },
    /** Calls the market as the mediating hook. */
    mediate: (functionName: string, ...args: unknown[]) => {
      const data = encodeFunctionData({ abi: jobMarketAbi, functionName, args } as never)
      const abi = parseAbi(['function execute(address target, bytes data)'])
      return transact(
        hook,
        mediator,
        encodeFunctionData({ abi, functionName: 'execute', args: [market, data] }),
      )
    },
    /** Asks the contract behind the level of groups. */
    readReplication: async (functionName: string, ...args: unknown[]): Promise<unknown> => {
      const data = encodeFunctionData({ abi: replicationAbi, functionName, args } as never)
      const result = (await request('eth_call', { to: replication, data }, 'latest')) as Hex
      return decodeFunctionResult({ abi: replicationAbi, functionName, data: result } as never)
    },
    /** Calls the contract behind the level of groups. */
    replicate: (from: Address, functionName: string, ...args: unknown[]) =>
      transact(from, replication, encodeFunctionData({ abi: replicationAbi, functionName, args } as never)),
  }
}

type AgreeOptions = PostOptions & { requester: Address; provider: Address; isOpen?: boolean }

const domainFields = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
]

const agreementFields = [
  ...['requester', 'provider'].map((name) => ({ name, type: 'address' })),
  ...['programId', 'inputsRoot', 'sharedInput'].map((name) => ({ name, type: 'bytes32' })),
  ...['rules', 'limits'].map((name) => ({ name, type: 'uint256' })),
  { name: 'assurance', type: 'bytes32' },
  { name: 'dataUri', type: 'string' },
]

function jobIdIn([log]: readonly RpcLog[]): Hex {
  return decodeEventLog({ abi: jobMarketAbi, eventName: 'JobPosted', ...log! }).args.jobId
}

/** Puts fields into a word, from the lowest bit up. */
export function encodeWord(schema: WordSchema, fields: Readonly<Record<string, unknown>>): bigint {
  let value = 0n
  let shift = 0n
  for (const [field, bits] of Object.entries(schema)) {
    value |= BigInt.asUintN(bits, BigInt((fields[field] ?? 0n) as bigint)) << shift
    shift += BigInt(bits)
  }
  return value
}
