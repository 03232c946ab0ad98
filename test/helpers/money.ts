import { expect } from 'chai'
import type { ContractTransactionResponse } from 'ethers'
import type { Role } from './actors.ts'
import { ethers } from './chain.ts'
import type { World } from './fixtures.ts'
import { type Status, statusNumber } from './statuses.ts'

/** All that an address has in the market, in units; `active` counts claims. */
export interface Purse {
  balance: bigint
  stake: bigint
  locked: bigint
  active: bigint
  feeOwed: bigint
}

export type Change = Partial<Purse>

export async function purseOf({ market }: World, address: string): Promise<Purse> {
  const { balance, stake, locked, active } = await market.accountOf(address)
  const { feeOwed } = await market.providerOf(address)
  return { balance, stake, locked, active, feeOwed }
}

/** Units deposited and not withdrawn, by the events: Σ deposits − Σ withdrawals. */
export async function heldOf({ market, address, fromBlock }: World): Promise<bigint> {
  const topics = [
    ['Deposited', 'Withdrawn'].map((name) => market.getEvent(name as 'Deposited').fragment.topicHash),
  ]
  let held = 0n
  for (const log of await ethers.provider.getLogs({ address, fromBlock, toBlock: 'latest', topics })) {
    const event = market.interface.parseLog(log)
    held += event?.name === 'Deposited' ? event.args.amount : -event?.args.amount
  }
  return held
}

interface Holdings {
  purses: Record<string, Purse>
  /** Tokens outside of the market, in base units. */
  wallets: Record<string, bigint>
  reserve: bigint
  held: bigint
  tokens: bigint
}

async function holdingsOf(world: World): Promise<Holdings> {
  const { market, token, actors } = world
  const purses: Record<string, Purse> = {}
  const wallets: Record<string, bigint> = {}
  for (const [role, { address }] of Object.entries(actors)) {
    purses[role] = await purseOf(world, address)
    wallets[role] = await token.balanceOf(address)
  }
  const [reserve, held] = [await market.reserve(), await heldOf(world)]
  return { purses, wallets, reserve, held, tokens: await token.balanceOf(world.address) }
}

export type Changes = Partial<Record<Role, Change>> & {
  reserve?: bigint
  held?: bigint
  /** Tokens that came to an actor's wallet, in base units. */
  wallets?: Partial<Record<Role, bigint>>
}

/**
 * Sends a transaction and asserts that it changed the money of every actor by exactly what is named, and nothing else:
 * what is not named must stay as it was, to the unit.
 */
export async function expectMoney(
  world: World,
  changes: Changes,
  send: () => Promise<ContractTransactionResponse>,
): Promise<ContractTransactionResponse> {
  const before = await holdingsOf(world)
  const transaction = await send()
  const after = await holdingsOf(world)

  const { reserve = 0n, held = 0n, wallets = {}, ...purses } = changes
  const expected: Holdings = {
    purses: { ...before.purses },
    wallets: { ...before.wallets },
    reserve: before.reserve + reserve,
    held: before.held + held,
    tokens: before.tokens + held * world.unit,
  }
  for (const [role, change] of Object.entries(purses) as [Role, Change][]) {
    expected.purses[role] = added(before.purses[role] as Purse, change)
  }
  for (const [role, amount] of Object.entries(wallets)) {
    expected.wallets[role] = (before.wallets[role] as bigint) + amount
  }
  expect(after).to.deep.equal(expected)
  await expectSolvent(world)
  return transaction
}

function added(purse: Purse, change: Change): Purse {
  return {
    balance: purse.balance + (change.balance ?? 0n),
    stake: purse.stake + (change.stake ?? 0n),
    locked: purse.locked + (change.locked ?? 0n),
    active: purse.active + (change.active ?? 0n),
    feeOwed: purse.feeOwed + (change.feeOwed ?? 0n),
  }
}

/** Every job and every address that the market's events name, with the actors of the test. */
export async function known(world: World): Promise<{ jobIds: string[]; addresses: string[] }> {
  const { market, address, actors, fromBlock } = world
  const jobIds = new Set<string>()
  const addresses = new Set(Object.values(actors).map((actor) => actor.address))
  for (const log of await ethers.provider.getLogs({ address, fromBlock, toBlock: 'latest' })) {
    const event = market.interface.parseLog(log)
    event?.fragment.inputs.forEach((input, i) => {
      if (input.type === 'address') addresses.add(event.args[i])
      if (input.name === 'jobId') jobIds.add(event.args[i])
    })
  }
  return { jobIds: [...jobIds], addresses: [...addresses] }
}

const numbers = (...statuses: Status[]) => statuses.map(statusNumber)
const HOLDING_MAX_PRICE = numbers('Open', 'Expired')
const HOLDING_PRICE = numbers(
  ...(['AwaitingKey', 'Keyless', 'Claimed', 'Overdue', 'Seated'] as const),
  ...(['Submitted', 'Disputed', 'Settleable'] as const),
)

/** What the market holds for a job that is not final. */
export async function escrowOf({ market }: World, jobId: string): Promise<bigint> {
  const job = await market.getJob(jobId)
  if (HOLDING_MAX_PRICE.includes(job.status)) return job.maxPrice
  return HOLDING_PRICE.includes(job.status) ? job.price : 0n
}

/**
 * Promise 1: Σ balances + Σ stake + Σ escrow + reserve + Σ fees is Σ deposits − Σ withdrawals, exactly, and the market
 * holds at least that much of the token. Each provider's locked stake is the sum of the bonds of its claims.
 */
export async function expectSolvent(world: World): Promise<void> {
  const { market, token, address, unit } = world
  const { jobIds, addresses } = await known(world)
  let sum = await market.reserve()
  const bonds = new Map<string, { locked: bigint; active: bigint }>()
  for (const jobId of jobIds) {
    sum += await escrowOf(world, jobId)
    const { status, provider, bond } = await market.getJob(jobId)
    if (!HOLDING_PRICE.includes(status)) continue
    const { locked, active } = bonds.get(provider) ?? { locked: 0n, active: 0n }
    bonds.set(provider, { locked: locked + bond, active: active + 1n })
  }
  for (const account of addresses) {
    const { balance, stake, locked, active, feeOwed } = await purseOf(world, account)
    sum += balance + stake + feeOwed
    expect({ locked, active }, account).to.deep.equal(bonds.get(account) ?? { locked: 0n, active: 0n })
    expect(locked <= stake, `${account} has ${locked} locked of ${stake}`).to.equal(true)
  }
  const held = await heldOf(world)
  expect(sum, 'sum of all parts').to.equal(held)
  const tokens = await token.balanceOf(address)
  expect(tokens >= held * unit, `${tokens} base units cover ${held} units`).to.equal(true)
}
