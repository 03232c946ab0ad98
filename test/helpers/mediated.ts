import type { MediatorMock } from '../../types/ethers-contracts/index.ts'
import { ethers } from './chain.ts'
import { busyMarket, openMarket, type World, type WorldOptions } from './fixtures.ts'
import { govern } from './govern.ts'

/** The level that {@link mediatedMarket} puts a {@link MediatorMock} behind, in its parameter set 1. */
export const MEDIATED = 5n
export const MEDIATED_SET = 1n

export interface MediatedWorld extends World {
  mediator: MediatorMock
  mediatorAddress: string
}

async function mediate(world: World): Promise<MediatedWorld> {
  const mediator = await ethers.deployContract('MediatorMock')
  const mediatorAddress = await mediator.getAddress()
  const { actors, attestation, replication, assurance, parameters } = world
  const levels = [
    { hook: actors.hook.address, isMediated: false },
    { hook: await attestation.getAddress(), isMediated: false },
    { hook: await replication.getAddress(), isMediated: true },
    { hook: await assurance.getAddress(), isMediated: false },
    { hook: ethers.ZeroAddress, isMediated: false },
    { hook: mediatorAddress, isMediated: true },
  ]
  await govern(world, 'addParameters', [parameters, levels])
  return { ...world, mediator, mediatorAddress }
}

/** A market in which level {@link MEDIATED} is in a test's hand. */
export async function mediatedMarket(): Promise<MediatedWorld> {
  return mediate(await busyMarket())
}

/** The same with rules of its own. */
export async function mediatedMarketWith(options: WorldOptions): Promise<MediatedWorld> {
  return mediate(await openMarket(options))
}

type HookCall = 'conclude' | 'freezeBond' | 'cancel' | 'challengeOpened' | 'challengeClosed' | 'reject'

/** Has the mediator call the market. */
export function asMediator(world: MediatedWorld, name: HookCall, args: readonly unknown[]) {
  const data = world.market.interface.encodeFunctionData(name as never, args as never)
  return world.mediator.forward(world.address, data)
}
