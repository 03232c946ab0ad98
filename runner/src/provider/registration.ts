import {
  depositSync,
  getAccount,
  getProvider,
  type MarketClient,
  type Resources,
  stakeSync,
  updateProviderSync,
} from 'assay'
import type { Logger } from 'pino'
import type { Address, Hex } from 'viem'
import { NotAProviderError } from '../errors.ts'

export type Declaration = {
  resources: Resources
  concurrency: number
  endpoint: string
  /** X25519 public key for private jobs. */
  encryptionKey: Hex
}

/** Makes the chain's declaration of this provider equal to `declared`; sends nothing when it is already. */
export async function declare(
  client: MarketClient,
  address: Address,
  declared: Declaration,
  log: Logger,
): Promise<void> {
  const now = await getProvider(client, { address })
  const { resources: r } = now
  const same =
    now.endpoint === declared.endpoint &&
    now.concurrency === declared.concurrency &&
    now.encryptionKey === declared.encryptionKey &&
    r.cores === declared.resources.cores &&
    r.memoryMiB === declared.resources.memoryMiB &&
    r.diskGiB === declared.resources.diskGiB
  if (same) return
  await updateProviderSync(client, declared)
  log.info({ event: 'declared', ...declared }, 'declared')
}

/**
 * Brings the stake up to `target` units from the balance, and the balance from the wallet's tokens.
 *
 * @throws NotAProviderError when there is no stake at all and none was asked for
 */
export async function ensureStake(
  client: MarketClient,
  address: Address,
  target: bigint,
  log: Logger,
): Promise<void> {
  const { stake, balance } = await getAccount(client, { address })
  const missing = target - stake
  if (missing > 0n) {
    if (balance < missing) await depositSync(client, { amount: missing - balance })
    await stakeSync(client, { amount: missing })
    log.info({ event: 'staked', amount: missing, stake: target }, 'staked')
  } else if (stake === 0n) {
    throw new NotAProviderError({ address })
  }
}
