import type { Checks } from './checks.ts'
import {
  accountWord,
  agreementWord,
  claimWord,
  fixedWords,
  originWord,
  profileWord,
  rulesWord,
  type StoredStatus,
  statusOf,
} from './layout.ts'
import type { RawMarket } from './raw.ts'
import { decodeFloat, priceOf } from './rules.ts'
import { decodeWord } from './words.ts'

/** Everything the market owes, added up from its storage; amounts in units. */
export type Liabilities = {
  balances: bigint
  stakes: bigint
  escrow: bigint
  reserve: bigint
  fees: bigint
  /** Sum of the above. */
  total: bigint
}

/**
 * Adds up the words in storage: the parts must make what was deposited and not withdrawn, and what each account has
 * locked must be the bonds of its claims.
 * @param held - Deposits less withdrawals, by the events.
 */
export function sumLiabilities(raw: RawMarket, held: bigint, checks: Checks): Liabilities {
  const { reserve } = decodeWord(fixedWords[0], raw.fixed.get(0)!)
  const accounts = Array.from(raw.accounts, ([address, word]) => ({
    address,
    ...decodeWord(accountWord, word),
  }))
  const { escrow, claims } = sumJobs(raw)
  const balances = sum(accounts.map(({ balance }) => balance))
  const stakes = sum(accounts.map(({ stake }) => stake))
  const fees = sum(Array.from(raw.profiles.values(), (word) => decodeWord(profileWord, word).feeOwed))
  const total = balances + stakes + escrow + reserve + fees

  checks.equal('sums', 'balances + stakes + escrow + reserve + fees', held, total)
  for (const { address, stake, locked, active } of accounts) {
    const own = claims.get(BigInt(address)) ?? { locked: 0n, active: 0n }
    checks.equal('sums', `account ${address}: locked, from the bonds of its claims`, own.locked, locked)
    checks.equal('sums', `account ${address}: active, from its claims`, own.active, active)
    checks.that('sums', locked <= stake, () => ({
      subject: `account ${address}: locked stake`,
      expected: `at most ${stake}`,
      actual: `${locked}`,
    }))
    claims.delete(BigInt(address))
  }
  checks.equal('sums', 'claims of addresses without an account', 0, claims.size)
  return { balances, stakes, escrow, reserve, fees, total }
}

type Claims = Map<bigint, { locked: bigint; active: bigint }>

function sumJobs(raw: RawMarket): { escrow: bigint; claims: Claims } {
  let escrow = 0n
  const claims: Claims = new Map()
  for (const [first, second, third] of raw.jobs.values()) {
    const exists = decodeWord(originWord, first!).requester !== 0n
    const { maxPrice } = decodeWord(rulesWord, second!)
    const claim = decodeWord(claimWord, third!)
    const status = statusOf(claim)
    if (exists && status === 'open') escrow += maxPrice
    if (!isActive(status)) continue
    escrow += claim.isSigned ? agreedPrice(first!) : priceOf(maxPrice, claim.share)
    const { locked, active } = claims.get(claim.provider) ?? { locked: 0n, active: 0n }
    claims.set(claim.provider, { locked: locked + decodeFloat(claim.bond), active: active + 1n })
  }
  return { escrow, claims }
}

/** Whether a claim locks its bond and keeps its price in escrow. */
function isActive(status: StoredStatus | undefined): boolean {
  return status === 'awaitingKey' || status === 'claimed' || status === 'seated' || status === 'submitted'
}

function agreedPrice(agreement: bigint): bigint {
  const { mantissa, exponent } = decodeWord(agreementWord, agreement)
  return mantissa << exponent
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}
