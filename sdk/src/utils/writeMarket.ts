import type {
  Account,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  Hash,
  Log,
  TransactionReceipt,
} from 'viem'
import {
  estimateContractGas,
  getTransaction,
  simulateContract,
  waitForTransactionReceipt,
  writeContract,
} from 'viem/actions'
import { jobMarketAbi } from '../abis.ts'
import type { AssayError } from '../errors/base.ts'
import { decodeContractError } from '../errors/decode.ts'
import { ReceiptTimeoutError, TransactionRevertedError } from '../errors/rpc.ts'
import type {
  ClientWithMarket,
  ReceiptParameters,
  WriteParameters,
  WriteSyncParameters,
} from '../types/client.ts'
import { assertContractOnce } from './assertContract.ts'
import { inTurn } from './inTurn.ts'
import { getAccountOf, getMarketAddress } from './market.ts'
import { signAndSend } from './signAndSend.ts'
import { sleep } from './sleep.ts'

// Two storage words: accounts that the call credits may be emptied by others before its block comes, and the first unit
// on an empty one costs a new word.
const gasReserve = 45_000n

type Abi = typeof jobMarketAbi
type WriteName = ContractFunctionName<Abi, 'nonpayable' | 'payable'>

/** A contract call, as viem's `simulateContract`, `multicall` and `encodeFunctionData` take it. */
export type ContractCall = {
  abi: readonly unknown[]
  address: Address
  functionName: string
  args: readonly unknown[]
}

/** A call of one of the market's functions. */
export type MarketCall<name extends WriteName = WriteName> = {
  abi: Abi
  address: Address
  functionName: name
  args: ContractFunctionArgs<Abi, 'nonpayable' | 'payable', name>
}

/** Arguments of an action's `call`: those of the action, and the market it goes to. */
export type MarketCallParameters<args extends object = object> = args & { market: Address }

/** Adds the market that an action's call goes to. */
export function withMarket<parameters extends WriteParameters>(
  client: ClientWithMarket,
  parameters: parameters,
): parameters & { market: Address } {
  return { ...parameters, market: getMarketAddress(client, parameters) }
}

/** A call of one of the market's functions, with its arguments checked against the ABI. */
export function marketCall<const name extends WriteName>(
  market: Address,
  functionName: name,
  args: ContractFunctionArgs<Abi, 'nonpayable' | 'payable', name>,
): MarketCall<name> {
  return { abi: jobMarketAbi, address: market, functionName, args }
}

/**
 * Simulates a call, so that a revert arrives as a typed error before any gas is spent, and sends it.
 * @throws {AssayError} the contract's error as its class, or what else went wrong
 */
export async function writeCall(
  client: ClientWithMarket,
  call: ContractCall,
  parameters: WriteParameters,
): Promise<Hash> {
  const account = getAccountOf(client, { account: parameters.account, action: call.functionName })
  await assertContractOnce(client, call.address)
  try {
    await simulateContract(client, { ...call, account } as never)
    const request = {
      ...call,
      ...(await feesAndGas(client, call, account, parameters)),
      account,
      chain: client.chain ?? null,
    }
    return await inTurn(`${client.uid} ${account.address}`, () =>
      account.type === 'local'
        ? signAndSend(client, account, request)
        : writeContract(client, request as never),
    )
  } catch (error) {
    throw decodeContractError(error, call)
  }
}

/**
 * {@link writeCall}, then waits for the receipt.
 * @throws {TransactionRevertedError} mined and reverted; its `cause` says why
 * @throws {ReceiptTimeoutError} sent, but not mined in time
 */
export async function writeCallSync(
  client: ClientWithMarket,
  call: ContractCall,
  parameters: WriteSyncParameters,
): Promise<TransactionReceipt> {
  const account = getAccountOf(client, { account: parameters.account, action: call.functionName })
  const hash = await writeCall(client, call, parameters)
  return waitForCall(client, { hash, call, account }, parameters)
}

/** {@link writeCallSync} for calls of which one event tells everything: returns its arguments and the receipt. */
export async function writeMarketSync<args extends object>(
  client: ClientWithMarket,
  call: ContractCall,
  parameters: WriteSyncParameters,
  extractEvent: (logs: readonly Log[]) => { args: args },
): Promise<args & { receipt: TransactionReceipt }> {
  const receipt = await writeCallSync(client, call, parameters)
  return { ...extractEvent(receipt.logs).args, receipt }
}

async function waitForCall(
  client: ClientWithMarket,
  { hash, call, account }: { hash: Hash; call: ContractCall; account: Account },
  parameters: ReceiptParameters,
): Promise<TransactionReceipt> {
  const { functionName } = call
  const receipt = await waitForReceipt(client, { hash, functionName }, parameters)
  if (receipt.status === 'success') return receipt
  const cause = await findRevertReason(client, call, account, receipt)
  throw new TransactionRevertedError({
    hash: receipt.transactionHash,
    blockNumber: receipt.blockNumber,
    functionName,
    cause,
  })
}

/** Waits also while the node is away: the transaction was sent, so its hash must not be lost in an error of the node's. */
async function waitForReceipt(
  client: ClientWithMarket,
  { hash, functionName }: { hash: Hash; functionName: string },
  parameters: ReceiptParameters,
): Promise<TransactionReceipt> {
  const { confirmations = 1, pollingInterval = client.pollingInterval, timeout = 180_000 } = parameters
  const deadline = Date.now() + timeout
  for (;;) {
    // Zero would mean for ever.
    const rest = Math.max(1, deadline - Date.now())
    try {
      return await waitForTransactionReceipt(client, { hash, confirmations, pollingInterval, timeout: rest })
    } catch (cause) {
      if (Date.now() >= deadline) throw new ReceiptTimeoutError({ hash, functionName, cause })
      await sleep(Math.min(pollingInterval, deadline - Date.now()))
    }
  }
}

/** Runs the call again on the state that its block left. What made it revert is mostly still there. */
async function findRevertReason(
  client: ClientWithMarket,
  call: ContractCall,
  account: Account,
  { blockNumber, transactionHash }: TransactionReceipt,
): Promise<AssayError | undefined> {
  try {
    const { gas } = await getTransaction(client, { hash: transactionHash })
    await simulateContract(client, { ...call, account, blockNumber, gas } as never)
    return undefined
  } catch (error) {
    return decodeContractError(error, call)
  }
}

async function feesAndGas(
  client: ClientWithMarket,
  call: ContractCall,
  account: Account,
  { gas, gasPrice, maxFeePerGas, maxPriorityFeePerGas, nonce }: WriteParameters,
): Promise<Record<string, bigint | number>> {
  const given = { gas, gasPrice, maxFeePerGas, maxPriorityFeePerGas, nonce }
  if (gas === undefined && account.type === 'local')
    given.gas = (await estimateContractGas(client, { ...call, account } as never)) + gasReserve
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<
    string,
    bigint | number
  >
}
