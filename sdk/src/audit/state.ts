import { type Address, type Hex, zeroAddress } from 'viem'
import type {
  AccountFields,
  ClaimFields,
  MeterFields,
  OriginFields,
  ProfileFields,
  parametersWords,
  RulesFields,
} from './layout.ts'
import type { WordFields } from './words.ts'

type ParametersFields = WordFields<(typeof parametersWords)[0]> & WordFields<(typeof parametersWords)[1]>

/** Who decides the jobs of an assurance level. */
export type Level = { hook: Address; isMediated: boolean }

/** One set of rules with its assurance levels. */
export type ParameterSet = Omit<ParametersFields, 'unused'> & { levels: readonly Level[] }

export type Contact = { endpoint: string; encryptionKey: Hex; registeredAt: bigint }

/** Terms as they were posted: what the job's id commits to. */
export type PostedTerms = {
  programId: Hex
  inputsRoot: Hex
  sharedInput: Hex
  rules: bigint
  limits: bigint
  assurance: Hex
  dataUri: string
}

export type JobState = {
  jobId: Hex
  requester: Address
  terms: PostedTerms
  origin: OriginFields
  rules: RulesFields
  /** All zero unless metered. */
  meter: MeterFields
  /**
   * Whether its events could be those of an agreement by signature: claimed in the very next log at a fixed price. They
   * are the same as those of a posting that is claimed at once; the words in storage differ.
   */
  maybeSigned: boolean
  /** The log of its posting. */
  postedIn: { transactionHash: Hex; logIndex: number }
  /** All zero while open. */
  claim: ClaimFields
  /** Zero until submitted. */
  resultCommitment: bigint
  provider: Address | undefined
}

/** What a market's storage must hold after its events. Amounts are in units. */
export type MarketState = {
  guardian: Address
  feeRecipient: Address
  /** Deposits less withdrawals. */
  held: bigint
  reserve: bigint
  paused: boolean
  sets: ParameterSet[]
  accounts: Map<Address, AccountFields>
  profiles: Map<Address, ProfileFields>
  contacts: Map<Address, Contact>
  jobs: Map<Hex, JobState>
}

export function emptyState(): MarketState {
  return {
    guardian: zeroAddress,
    feeRecipient: zeroAddress,
    held: 0n,
    reserve: 0n,
    paused: false,
    sets: [],
    accounts: new Map(),
    profiles: new Map(),
    contacts: new Map(),
    jobs: new Map(),
  }
}

export function emptyAccount(): AccountFields {
  return { balance: 0n, stake: 0n, locked: 0n, active: 0n }
}

export function emptyProfile(): ProfileFields {
  return { resources: 0n, concurrency: 0n, faults: 0n, reputationAt: 0n, reputation: 0n, feeOwed: 0n }
}

/** An address's money, created empty. */
export function accountOf({ accounts }: MarketState, address: Address): AccountFields {
  return getOrAdd(accounts, address, emptyAccount)
}

/** A provider's declared and earned values, created empty. */
export function profileOf({ profiles }: MarketState, address: Address): ProfileFields {
  return getOrAdd(profiles, address, emptyProfile)
}

function getOrAdd<key, value>(map: Map<key, value>, key: key, create: () => value): value {
  const found = map.get(key)
  if (found !== undefined) return found
  const created = create()
  map.set(key, created)
  return created
}
