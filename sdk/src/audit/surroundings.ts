import { type Address, decodeFunctionResult, encodeFunctionData } from 'viem'
import { assayTokenAbi, jobMarketAbi } from '../abis.ts'
import { AuditTokenError } from '../errors/audit.ts'
import { isRetryable } from '../errors/decode.ts'
import type { ChainReader } from './reader.ts'

/** The market's token. */
export type TokenInfo = {
  token: Address
  decimals: number
  /** Token base units in one unit of the market: `10^max(0, decimals − 6)`. */
  unit: bigint
  /** What the market has, in base units. */
  balance: bigint
}

/** A contract's answer to a question without arguments, or with one address. */
type Ask = <result>(
  to: Address,
  abi: typeof jobMarketAbi | typeof assayTokenAbi,
  name: string,
  args?: [Address],
) => Promise<result>

/**
 * The timelock that governs the market. It stands in the market's code, not in its storage, so the market is asked.
 * @throws {AuditTokenError}
 */
export function readTimelock(reader: ChainReader, market: Address, block: bigint): Promise<Address> {
  return asker(reader, block, (cause) => new AuditTokenError({ market, token: undefined, cause }))(
    market,
    jobMarketAbi,
    'timelock',
  )
}

/**
 * The token's own view of the market. Which token it is stands in the market's code, not in its storage, so the market
 * is asked; that it moved with every deposit and withdrawal is checked on its transfers.
 * @throws {AuditTokenError}
 */
export async function readToken(reader: ChainReader, market: Address, block: bigint): Promise<TokenInfo> {
  let token: Address | undefined
  const ask = asker(reader, block, (cause) => new AuditTokenError({ market, token, cause }))
  token = await ask<Address>(market, jobMarketAbi, 'token')
  const decimals = await ask<number>(token, assayTokenAbi, 'decimals')
  const balance = await ask<bigint>(token, assayTokenAbi, 'balanceOf', [market])
  return { token, decimals, unit: 10n ** BigInt(Math.max(0, decimals - 6)), balance }
}

function asker(reader: ChainReader, block: bigint, failure: (cause: unknown) => Error): Ask {
  return async <result>(to: Address, abi: unknown, functionName: string, args?: [Address]) => {
    try {
      const data = await reader.call(to, encodeFunctionData({ abi, functionName, args } as never), block)
      return decodeFunctionResult({ abi, functionName, data } as never) as result
    } catch (cause) {
      // a connection that failed says nothing about the contract
      if (isRetryable(cause)) throw cause
      throw failure(cause)
    }
  }
}
