import type { Account, Address } from 'viem'
import { parseAbi } from 'viem'
import { readContract, simulateContract } from 'viem/actions'
import { assayTokenAbi } from '../abis.ts'
import { decodeContractError } from '../errors/decode.ts'
import { ERC20InsufficientBalanceError } from '../errors/token.ts'
import type { ClientWithMarket, MarketParameter, WriteSyncParameters } from '../types/client.ts'
import { getDeployment, readMarket } from './market.ts'
import { type ContractCall, writeCallSync } from './writeMarket.ts'

// Without a result: some tokens return nothing.
const approveAbi = parseAbi(['function approve(address spender, uint256 value)'])

/** The token of a market, asked from the market where it is not known. */
export async function getTokenAddress(
  client: ClientWithMarket,
  parameters: MarketParameter,
): Promise<Address> {
  return getDeployment(client, parameters).token ?? readMarket(client, parameters, 'token', [])
}

/**
 * Lets the market take `amount` units if it may not yet, and waits until it may. A token that refuses to change an
 * allowance is asked by way of zero.
 * @throws {ERC20InsufficientBalanceError} before anything is approved in vain
 */
export async function ensureAllowance(
  client: ClientWithMarket,
  { amount, account }: { amount: bigint; account: Account },
  parameters: WriteSyncParameters,
): Promise<void> {
  const { market } = getDeployment(client, parameters)
  const [address, unit] = await Promise.all([
    getTokenAddress(client, parameters),
    readMarket(client, parameters, 'unit', []),
  ])
  const needed = amount * unit
  const allowance = await readToken(client, address, 'allowance', [account.address, market])
  if (allowance >= needed) return
  const balance = await readToken(client, address, 'balanceOf', [account.address])
  if (balance < needed) throw new ERC20InsufficientBalanceError({ sender: account.address, balance, needed })
  const { gas: _gas, nonce: _nonce, ...options } = parameters
  const approval = (value: bigint) =>
    ({ abi: approveAbi, address, functionName: 'approve', args: [market, value] }) as const
  if (allowance !== 0n && (await isRefused(client, approval(needed), account)))
    await writeCallSync(client, approval(0n), { ...options, account })
  await writeCallSync(client, approval(needed), { ...options, account })
}

/** Whether a call would fail now; one that cannot be tried counts as refused, what follows will say why. */
async function isRefused(client: ClientWithMarket, call: ContractCall, account: Account): Promise<boolean> {
  try {
    await simulateContract(client, { ...call, account } as never)
    return false
  } catch {
    return true
  }
}

/** Calls a view function of the token. */
export async function readToken(
  client: ClientWithMarket,
  address: Address,
  functionName: 'allowance' | 'balanceOf' | 'nonces',
  args: readonly Address[],
  blockNumber?: bigint | undefined,
): Promise<bigint> {
  try {
    return (await readContract(client, {
      abi: assayTokenAbi,
      address,
      functionName,
      args,
      ...(blockNumber === undefined ? {} : { blockNumber }),
    } as never)) as bigint
  } catch (error) {
    throw decodeContractError(error, { functionName, address })
  }
}
