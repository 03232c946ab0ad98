import type { Checks } from './checks.ts'
import type { Liabilities } from './sums.ts'
import type { TokenInfo } from './surroundings.ts'

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
