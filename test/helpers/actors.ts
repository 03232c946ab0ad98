import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types'
import { ethers } from './chain.ts'

export type Signer = HardhatEthersSigner

const ROLES = ['owner', 'treasury', 'requester', 'provider', 'rival', 'keeper', 'hook', 'eve'] as const
export type Role = (typeof ROLES)[number]

/**
 * Who is who: `owner` proposes to the timelock and is the guardian, `treasury` receives fees, `requester` posts, `provider`
 * and `rival` work, `keeper` calls what anyone may call, `hook` decides Optimistic disputes, `eve` has no right at all.
 */
export type Actors = Record<Role, Signer>

export async function getActors(): Promise<Actors> {
  const signers = await ethers.getSigners()
  return Object.fromEntries(ROLES.map((role, i) => [role, signers[i]])) as Actors
}

export function roleOf(actors: Actors, address: string): string {
  return ROLES.find((role) => actors[role].address === address) ?? address
}
