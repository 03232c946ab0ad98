import { type Address, type Hex, pad } from 'viem'
import { mappingSlot, type WordFields, type WordSchema } from './words.ts'

// Where JobMarket keeps what, as its compiler's `storageLayout` says; a test compares the two. The bits inside of
// accounts, profiles and jobs are the libraries' under contracts/types, which the compiler does not describe.

/** Words at fixed slots. The names are the contract's variables without their underscore. */
export const fixedWords = {
  0: { owner: 160, unused: 96 },
  1: { pendingOwner: 160, held: 80, unused: 16 },
  2: { reserve: 80, feeRecipient: 160, unused: 16 },
  5: { parametersId: 16, feeBps: 16, minRun: 24, minWindow: 24, paused: 8, unused: 168 },
  6: { count: 256 },
} as const satisfies Record<number, WordSchema>

/** Slots of the mappings. */
export const mappings = { accounts: 3n, profiles: 4n, sets: 7n, hooks: 8n, contacts: 9n, jobs: 10n } as const

/** `_sets[id]`: two words. */
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
  { minWindow: 24, lateRequesterGas: 80, lateKeeperGas: 80, unused: 72 },
] as const satisfies WordSchema[]

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

/** First word of `_jobs[jobId]`: written once. */
export const originWord = {
  requester: 160,
  postedAt: 32,
  claimBy: 32,
  tasks: 32,
} as const satisfies WordSchema

/** Second word: the terms' rules; `parametersId` and `feeBps` are the snapshot that posting adds. */
export const rulesWord = {
  maxPrice: 80,
  minBps: 16,
  ramp: 24,
  run: 24,
  window: 24,
  minReputation: 20,
  floor: 32,
  level: 8,
  parametersId: 12,
  feeBps: 16,
} as const satisfies WordSchema

/** Third word: zero until the job leaves Open. `mark` is `runBy` while claimed, the submission's time from then on. */
export const claimWord = {
  provider: 160,
  mark: 32,
  share: 24,
  status: 4,
  bond: 20,
  openChallenges: 16,
} as const satisfies WordSchema

/** Fourth word: `keccak256(resultRoot ‖ totalSteps u128)`, zero until submitted. */
export const commitmentWord = { resultCommitment: 256 } as const satisfies WordSchema

/** The four words of `_jobs[jobId]`, in their order. */
export const jobWords = [originWord, rulesWord, claimWord, commitmentWord] as const

/** The packed limits of posted terms; only in the event. */
export const limitsWord = {
  tasks: 32,
  claimBy: 32,
  stepLimit: 64,
  maxOutput: 32,
  maxPages: 32,
  nonce: 64,
} as const satisfies WordSchema

export type AccountFields = WordFields<typeof accountWord>
export type ProfileFields = WordFields<typeof profileWord>
export type OriginFields = WordFields<typeof originWord>
export type RulesFields = WordFields<typeof rulesWord>
export type ClaimFields = WordFields<typeof claimWord>

/** Status as a job's third word stores it; a word that is zero is Open. */
export const storedStatus = {
  open: 0n,
  claimed: 2n,
  submitted: 3n,
  settled: 4n,
  released: 5n,
  failed: 6n,
  rejected: 7n,
  cancelled: 8n,
} as const

export type StoredStatus = keyof typeof storedStatus

/** The status a job's third word stands for, undefined for a number that no job may store. */
export function statusOf({ status }: Pick<ClaimFields, 'status'>): StoredStatus | undefined {
  return (Object.keys(storedStatus) as StoredStatus[]).find((name) => storedStatus[name] === status)
}

export const slotOf = {
  account: (address: Address) => mappingSlot(mappings.accounts, pad(address, { size: 32 })),
  profile: (address: Address) => mappingSlot(mappings.profiles, pad(address, { size: 32 })),
  /** The first of two: encryption key, then endpoint. */
  contact: (address: Address) => mappingSlot(mappings.contacts, pad(address, { size: 32 })),
  /** The first of two. */
  parameters: (id: bigint) => mappingSlot(mappings.sets, id),
  hook: (id: bigint, level: bigint) => mappingSlot(mappingSlot(mappings.hooks, id), level),
  /** The first of four. */
  job: (jobId: Hex) => mappingSlot(mappings.jobs, jobId),
} as const
