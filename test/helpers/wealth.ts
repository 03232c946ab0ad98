import { expect } from 'chai'
import type { Role, Signer } from './actors.ts'
import { ethers } from './chain.ts'
import { FUNDS } from './defaults.ts'
import type { World } from './fixtures.ts'
import { enlist, fund } from './fixtures.ts'

/** All that accounts have inside the market and in their wallets, in units; what a job's escrow holds is nobody's. */
export async function wealthOf({ market, token, unit }: World, ...accounts: string[]): Promise<bigint> {
  let sum = 0n
  for (const account of new Set(accounts)) {
    const { balance, stake } = await market.accountOf(account)
    sum += balance + stake + (await token.balanceOf(account)) / unit
  }
  return sum
}

/** What a coalition of accounts has more, or less, after `act`; who is in it besides its actors is up to the caller. */
export async function profitOf(
  world: World,
  coalition: readonly string[],
  act: () => Promise<unknown>,
): Promise<bigint> {
  const before = await wealthOf(world, ...coalition)
  await act()
  return (await wealthOf(world, ...coalition)) - before
}

/** Asserts that a coalition has not a unit more by what it does; what it has lost comes back. */
export async function expectNoProfit(
  world: World,
  coalition: readonly string[],
  act: () => Promise<unknown>,
): Promise<bigint> {
  const profit = await profitOf(world, coalition, act)
  expect(profit <= 0n, `a profit of ${profit} units`).to.equal(true)
  return profit
}

export const addressesOf = ({ actors }: World, ...roles: Role[]): string[] =>
  roles.map((role) => actors[role].address)

/** Signers that play no part yet, the first with this index. */
const FIRST_EXTRA = 10

/** Funded, registered and staked providers besides `provider` and `rival`. */
export async function recruit(world: World, count: number): Promise<Signer[]> {
  const signers = (await ethers.getSigners()).slice(FIRST_EXTRA, FIRST_EXTRA + count)
  for (const signer of signers) {
    await fund(world, signer, FUNDS.balance + FUNDS.stake)
    await enlist(world, signer)
  }
  return signers
}
