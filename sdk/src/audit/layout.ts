import { type Address, type Hex, pad } from 'viem'
import { mappingSlot, type WordFields, type WordSchema } from './words.ts'

// Where JobMarket keeps what, as its compiler's `storageLayout` says; a test compares the two. The bits inside of
// accounts, profiles and jobs are the libraries' under contracts/types, which the compiler does not describe.

/** Words at fixed slots. The names are the contract's variables without their underscore. */
export const fixedWords = {
  0: { reserve: 80, feeRecipient: 160, unused: 16 },
  3: { parametersId: 12, feeBps: 16, minRun: 24, minWindow: 24, paused: 1, guardian: 160, unused: 19 },
  4: { count: 256 },
  // where EIP-712 names too long for the code would stand
  9: { nameFallback: 256 },
  10: { versionFallback: 256 },
} as const satisfies Record<number, WordSchema>

/** Slots of the mappings. Which nonces are spent is not audited: no event tells of those that agreements used. */
export const mappings = {
  accounts: 1n,
  profiles: 2n,
  parameters: 5n,
  levels: 6n,
  contacts: 7n,
  jobs: 8n,
  spentNonces: 11n,
} as const

/** `_sets.parameters[id]`: two words. */
export const parametersWords = [
  {
    feeBps: 16,
    bondBps: 16,
    surchargeBps: 16,
    latenessBps: 16,
    minBond: 80,
    baseExposure: 80,
    minRun: 24,
    unused: 8,
  },
  { minWindow: 24, lateRequesterGas: 80, lateKeeperGas: 80, keyTime: 24, unused: 48 },
] as const satisfies WordSchema[]

/** `_sets.levels[id][level]`. */
export const levelWord = { hook: 160, isMediated: 8, unused: 88 } as const satisfies WordSchema

/** `_accounts[address]`, in units. */
export const accountWord = { balance: 80, stake: 80, locked: 80, active: 16 } as const satisfies WordSchema

/** `_profiles[address]`. */
export const profileWord = {
  resources: 32,
  concurrency: 16,
  faults: 16,
  reputationAt: 32,
  reputation: 80,
  feeOwed: 80,
} as const satisfies WordSchema

/** First word of `_jobs[jobId]`, written once; an `agreementWord` where the claim says that it was signed. */
export const originWord = {
  requester: 160,
  postedAt: 32,
  claimBy: 32,
  tasks: 32,
} as const satisfies WordSchema

/** First word of a signed job. Its price is `mantissa << exponent`, its run time stands in the claim's `share`. */
export const agreementWord = {
  requester: 160,
  mantissa: 40,
  exponent: 6,
  window: 24,
  level: 4,
  parametersId: 12,
  feeBps: 10,
} as const satisfies WordSchema

/**
 * Second word: the terms' rules; `isMetered`, `parametersId` and `feeBps` are what posting adds. Zero for a signed job.
 */
export const rulesWord = {
  maxPrice: 80,
  minBps: 14,
  isPrivate: 1,
  isMetered: 1,
  ramp: 24,
  run: 24,
  window: 24,
  minReputation: 20,
  floor: 32,
  level: 8,
  parametersId: 12,
  feeBps: 16,
} as const satisfies WordSchema

/**
 * Third word: zero until the job leaves Open. `mark` is `keyBy` while a key is awaited, `runBy` while claimed, the time
 * of the result from then on.
 */
export const claimWord = {
  provider: 160,
  mark: 32,
  share: 24,
  status: 4,
  bond: 20,
  openChallenges: 14,
  isMetered: 1,
  isSigned: 1,
} as const satisfies WordSchema

/** Fourth word: `keccak256(resultRoot ‖ totalSteps u128)`, zero until submitted. */
export const commitmentWord = { resultCommitment: 256 } as const satisfies WordSchema

/** Fifth word: zero unless metered. */
export const meterWord = {
  stepBudget: 96,
  steps: 96,
  meteredBps: 16,
  unused: 48,
} as const satisfies WordSchema

/** The five words of `_jobs[jobId]`, in their order. */
export const jobWords = [originWord, rulesWord, claimWord, commitmentWord, meterWord] as const

/** The packed limits of posted terms; only in the event. */
export const limitsWord = {
  tasks: 32,
  claimBy: 32,
  stepLimit: 64,
  maxOutput: 32,
  maxPages: 16,
  meteredBps: 16,
  nonce: 64,
} as const satisfies WordSchema

export type AccountFields = WordFields<typeof accountWord>
export type ProfileFields = WordFields<typeof profileWord>
export type OriginFields = WordFields<typeof originWord>
export type RulesFields = WordFields<typeof rulesWord>
export type ClaimFields = WordFields<typeof claimWord>
export type MeterFields = Omit<WordFields<typeof meterWord>, 'unused'>

/** Status as a job's third word stores it; a word that is zero is Open. */
export const storedStatus = {
  open: 0n,
  awaitingKey: 2n,
  claimed: 3n,
  seated: 4n,
  submitted: 5n,
  settled: 6n,
  released: 7n,
  failed: 8n,
  rejected: 9n,
  cancelled: 10n,
} as const

export type StoredStatus = keyof typeof storedStatus

/** The status a job's third word stands for, undefined for a number that no job may store. */
export function statusOf({ status }: Pick<ClaimFields, 'status'>): StoredStatus | undefined {
  return (Object.keys(storedStatus) as StoredStatus[]).find((name) => storedStatus[name] === status)
}

export const slotOf = {
  account: (address: Address) => mappingSlot(mappings.accounts, pad(address, { size: 32 })),
  profile: (address: Address) => mappingSlot(mappings.profiles, pad(address, { size: 32 })),
  /** The first of three: encryption key, endpoint, time of registration. */
  contact: (address: Address) => mappingSlot(mappings.contacts, pad(address, { size: 32 })),
  /** The first of two. */
  parameters: (id: bigint) => mappingSlot(mappings.parameters, id),
  level: (id: bigint, level: bigint) => mappingSlot(mappingSlot(mappings.levels, id), level),
  /** The first of five. */
  job: (jobId: Hex) => mappingSlot(mappings.jobs, jobId),
} as const
