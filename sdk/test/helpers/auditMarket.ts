import { readFileSync } from 'node:fs'
import { network } from 'hardhat'
import {
  type Abi,
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
  toHex,
} from 'viem'
import { assayTokenAbi, jobMarketAbi } from '../../src/abis.ts'
import { limitsWord, rulesWord } from '../../src/audit/layout.ts'
import { type WordSchema, word } from '../../src/audit/words.ts'
import { emptyContentHash } from '../../src/trees/contentTree.ts'

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
}

export type PostOptions = Partial<Record<keyof typeof rulesWord | keyof typeof limitsWord, bigint>> & {
  programId?: Hex
  inputsRoot?: Hex
  sharedInput?: Hex
  dataUri?: string
}

const gas = numberToHex(5_000_000)

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
  const deploy = async (path: string, args: unknown[]) => {
    const url = new URL(`../../../artifacts/contracts/${path}.json`, import.meta.url)
    const { abi, bytecode } = JSON.parse(readFileSync(url, 'utf8')) as { abi: Abi; bytecode: Hex }
    const { contractAddress } = await transact(owner, undefined, encodeDeployData({ abi, bytecode, args }))
    return contractAddress
  }

  const unit = 10n ** BigInt(Math.max(0, decimals - 6))
  const supply = 10n ** 18n * unit
  const token =
    decimals === 6
      ? await deploy('token/AssayToken.sol/AssayToken', [owner, supply])
      : await deploy('mocks/OddTokenMock.sol/OddTokenMock', [decimals, owner, supply])
  const market = await deploy('JobMarket.sol/JobMarket', [token, owner, feeRecipient, rules, [hook]])
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
    pass: async (seconds: number | bigint) => {
      await request('evm_increaseTime', Number(seconds))
      await request('evm_mine')
    },
    snapshot: () => request('evm_snapshot') as Promise<Hex>,
    revert: (id: Hex) => request('evm_revert', id),
    storage: async (slot: bigint) =>
      BigInt((await request('eth_getStorageAt', market, word(slot), 'latest')) as Hex),
    setStorage: (slot: bigint, value: bigint, at: Address = market) =>
      request('hardhat_setStorageAt', at, numberToHex(slot), word(value)),
    register: (from: Address, endpoint: string, { concurrency = 4, resources = 0x0040_1004 } = {}) =>
      send(from, 'updateProvider', resources, concurrency, endpoint, `0x${'5e'.repeat(32)}`),
    /** Posts a job and returns its id. */
    post: async (from: Address, options: PostOptions = {}): Promise<Hex> => {
      const { programId, inputsRoot, sharedInput, dataUri = 'http://127.0.0.1:1', ...fields } = options
      const time = await now()
      const terms = {
        programId: programId ?? toHex('program', { size: 32 }),
        inputsRoot: inputsRoot ?? toHex('inputs', { size: 32 }),
        sharedInput: sharedInput ?? emptyContentHash,
        rules: encodeWord(rulesWord, {
          maxPrice: 2_000_000n,
          minBps: 5_000n,
          ramp: 60n,
          run: 100n,
          window: 50n,
          ...fields,
        }),
        limits: encodeWord(limitsWord, {
          tasks: 4n,
          claimBy: time + 1_000n,
          stepLimit: 1n << 30n,
          maxOutput: 1n << 20n,
          maxPages: 256n,
          nonce: nonce++,
          ...fields,
        }),
        dataUri,
      }
      const { logs } = await send(from, 'post', terms)
      const { args } = decodeEventLog({ abi: jobMarketAbi, eventName: 'JobPosted', ...logs[0]! })
      return args.jobId
    },
  }
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
