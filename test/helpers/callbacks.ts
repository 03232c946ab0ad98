import type { Interface } from 'ethers'
import type { CallbackAccountMock, CallbackTokenMock } from '../../types/ethers-contracts/index.ts'
import { ethers } from './chain.ts'
import { CONCURRENCY, ENDPOINT, OFFERED, TOKEN } from './defaults.ts'
import { openMarket, type World } from './fixtures.ts'
import { word } from './terms.ts'

export const BALANCE = 400n * TOKEN
export const STAKE = 300n * TOKEN
const WALLET = 50n * TOKEN

export type Encode = (name: string, args: unknown[]) => string

/** Encodes calls by a name that is only known at run time. */
export const encoderOf =
  (contract: Interface): Encode =>
  (name, args) =>
    contract.encodeFunctionData(name, args)

/** `attacker` is a registered provider that the token calls; `thief` its address. */
export type Attack = World & { attacker: CallbackAccountMock; thief: string; tokenAddress: string }

/** A market whose token calls back, and a registered provider that is a contract and makes use of it. */
export async function callbackMarket(): Promise<Attack> {
  const world = await openMarket({
    token: (holder) => ethers.deployContract('CallbackTokenMock', [holder, 10n ** 24n]),
  })
  const { token, market, address, actors } = world
  const attacker = await ethers.deployContract('CallbackAccountMock')
  const thief = await attacker.getAddress()
  const tokenAddress = await token.getAddress()
  const callbacks = token as unknown as CallbackTokenMock
  await token.connect(actors.owner).transfer(thief, BALANCE + STAKE + WALLET)
  await attacker.execute(
    tokenAddress,
    token.interface.encodeFunctionData('approve', [address, ethers.MaxUint256]),
  )
  const call = encoderOf(market.interface)
  await attacker.execute(address, call('deposit', [BALANCE + STAKE]))
  await attacker.execute(address, call('stake', [STAKE]))
  await attacker.execute(address, call('updateProvider', [OFFERED, CONCURRENCY, ENDPOINT, word('key')]))
  await attacker.execute(tokenAddress, callbacks.interface.encodeFunctionData('register'))
  return { ...world, attacker, thief, tokenAddress }
}
