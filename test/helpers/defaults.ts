import { DAY, HOUR } from './time.ts'

/** Base units of one token of 6 decimals; with them a unit is a base unit. */
export const TOKEN = 1_000_000n

export const MAX_UNITS = 2n ** 80n - 1n

export interface Parameters {
  feeBps: bigint
  bondBps: bigint
  surchargeBps: bigint
  latenessBps: bigint
  minBond: bigint
  baseExposure: bigint
  minRun: bigint
  minWindow: bigint
  lateRequesterGas: bigint
  lateKeeperGas: bigint
  keyTime: bigint
}

/** The rules of `ignition/modules/Assay.ts`, written down a second time: a change there must be meant. */
export const defaultParameters: Parameters = {
  feeBps: 100n,
  bondBps: 10_000n,
  surchargeBps: 10_000n,
  latenessBps: 2_000n,
  minBond: TOKEN,
  baseExposure: 1_000n * TOKEN,
  minRun: 2n,
  minWindow: 2n,
  lateRequesterGas: 20_000n,
  lateKeeperGas: 10_000n,
  keyTime: 600n,
}

/** What everybody starts with. */
export const FUNDS = { requester: 1_000n * TOKEN, balance: 100n * TOKEN, stake: 500n * TOKEN } as const

export const CONCURRENCY = 100n
export const ENDPOINT = 'http://198.51.100.8:4401'

/** `cores 8 | memory 12 (256 MiB) | disk 12 (GiB)`, from the lowest bit. */
export function resources(cores: bigint, memoryUnits: bigint, disk: bigint): bigint {
  return cores | (memoryUnits << 8n) | (disk << 20n)
}

export const OFFERED = resources(8n, 32n, 10n)

/**
 * A job whose every amount is odd, so that a wrong rounding shows: at {@link CLAIM_AFTER} the auction stands at three
 * quarters of 7,000,003 units, 5,250,002.
 */
export const defaultJob = {
  maxPrice: 7_000_003n,
  minBps: 5_000n,
  isPrivate: 0n,
  ramp: 600n,
  run: HOUR + 1n,
  window: 2n * HOUR,
  minReputation: 0n,
  floor: resources(4n, 8n, 1n),
  level: 0n,
  snapshot: 0n,
  tasks: 64n,
  stepLimit: 2n ** 36n,
  maxOutput: 65_536n,
  maxPages: 256n,
  meteredBps: 0n,
  assurance: `0x${'0'.repeat(64)}`,
  dataUri: 'https://store.example.org:4400/content/0x00/1',
} as const

/** From posting to `claimBy`, where a test does not say. */
export const CLAIM_PERIOD = DAY

/** Seconds from posting to the claim, where a test does not say. */
export const CLAIM_AFTER = 300n

/** `floor(7,000,003 * 3/4)`, `100 % of it + 100 % surcharge` and the fee, `floor(1 %)`. */
export const DEFAULT_PRICE = 5_250_002n
export const DEFAULT_FEE = 52_500n
export const DEFAULT_PAY = 5_197_502n
