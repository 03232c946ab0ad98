import type { Address, Hex } from 'viem'
import type { Resources } from './resources.ts'

/** What a provider declares and has earned. Amounts in units. */
export type Provider = {
  address: Address
  resources: Resources
  /** How many jobs it holds at once at the most. */
  concurrency: number
  /** Late or rejected jobs, ever. */
  faults: number
  /** Fees that its jobs paid, decayed until now. */
  reputation: bigint
  /** Fees not collected yet. */
  feeOwed: bigint
  /** Base URL where it serves results. */
  endpoint: string
  /** X25519 public key for private inputs, zero for none. */
  encryptionKey: Hex
  /** Whether it ever declared anything. */
  registered: boolean
}
