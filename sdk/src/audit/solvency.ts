import { type Address, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem'
import { assayTokenAbi, jobMarketAbi } from '../abis.ts'
import { AuditTokenError } from '../errors/audit.ts'
import { isRetryable } from '../errors/decode.ts'
import type { Checks } from './checks.ts'
import type { ChainReader } from './reader.ts'
import type { Liabilities } from './sums.ts'

/** The market's token. */
export type TokenInfo = {
  token: Address
  decimals: number
  /** Token base units in one unit of the market: `10^max(0, decimals − 6)`. */
  unit: bigint
  /** What the market has, in base units. */
  balance: bigint
}

/**
 * The token's own view of the market. Which token it is stands in the market's code, not in its storage, so the market
 * is asked; that it moved with every deposit and withdrawal is checked on its transfers.
 * @throws {AuditTokenError}
 */
export async function readToken(reader: ChainReader, market: Address, block: bigint): Promise<TokenInfo> {
  let token: Address | undefined
  const ask = async <result>(to: Address, data: Hex, decode: (data: Hex) => result): Promise<result> => {
    try {
      return decode(await reader.call(to, data, block))
    } catch (cause) {
      // a connection that failed says nothing about the token
      if (isRetryable(cause)) throw cause
      throw new AuditTokenError({ market, token, cause })
    }
  }
  token = await ask(market, encodeFunctionData({ abi: jobMarketAbi, functionName: 'token' }), (data) =>
    decodeFunctionResult({ abi: jobMarketAbi, functionName: 'token', data }),
  )
  const abi = assayTokenAbi
  const decimals = await ask(token, encodeFunctionData({ abi, functionName: 'decimals' }), (data) =>
    decodeFunctionResult({ abi, functionName: 'decimals', data }),
  )
  const balance = await ask(
    token,
    encodeFunctionData({ abi, functionName: 'balanceOf', args: [market] }),
    (data) => decodeFunctionResult({ abi, functionName: 'balanceOf', data }),
  )
  return { token, decimals, unit: 10n ** BigInt(Math.max(0, decimals - 6)), balance }
}

/** Amounts in token base units. */
export type Solvency = {
  tokenBalance: bigint
  owed: bigint
  balances: bigint
  stakes: bigint
  escrow: bigint
  reserve: bigint
  fees: bigint
  /** Token balance less what is owed: somebody's gift, or if negative what is missing. */
  surplus: bigint
  /** Tokens that were sent to the market without a deposit. */
  gifts: bigint
}

/** Whether the token balance covers what is owed, and is no less than the token's transfers made it. */
export function checkSolvency(
  { unit, balance }: TokenInfo,
  liabilities: Liabilities,
  { net, gifts }: { net: bigint; gifts: bigint },
  checks: Checks,
): Solvency {
  const owed = liabilities.total * unit
  checks.that('solvency', balance >= owed, () => ({
    subject: 'token balance of the market, in base units',
    expected: `at least ${owed}`,
    actual: `${balance}`,
  }))
  checks.that('transfers', balance >= net, () => ({
    subject: 'token balance of the market, in base units',
    expected: `at least ${net}, what came less what left`,
    actual: `${balance}`,
  }))
  return {
    tokenBalance: balance,
    owed,
    balances: liabilities.balances * unit,
    stakes: liabilities.stakes * unit,
    escrow: liabilities.escrow * unit,
    reserve: liabilities.reserve * unit,
    fees: liabilities.fees * unit,
    surplus: balance - owed,
    gifts,
  }
}
