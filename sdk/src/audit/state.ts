import { type Address, type Hex, zeroAddress } from 'viem'
import type {
  AccountFields,
  ClaimFields,
  OriginFields,
  ProfileFields,
  parametersWords,
  RulesFields,
} from './layout.ts'
import type { WordFields } from './words.ts'

type ParametersFields = WordFields<(typeof parametersWords)[0]> & WordFields<(typeof parametersWords)[1]>

/** One set of rules; `hooks[level]` decides jobs of that assurance level. */
export type ParameterSet = Omit<ParametersFields, 'unused'> & { hooks: readonly Address[] }

export type Contact = { endpoint: string; encryptionKey: Hex }

/** Terms as they were posted: what the job's id commits to. */
export type PostedTerms = {
  programId: Hex
  inputsRoot: Hex
  sharedInput: Hex
  rules: bigint
  limits: bigint
  dataUri: string
}

export type JobState = {
  jobId: Hex
  requester: Address
  terms: PostedTerms
  origin: OriginFields
  rules: RulesFields
  /** All zero while open. */
  claim: ClaimFields
  /** Zero until submitted. */
  resultCommitment: bigint
  provider: Address | undefined
}

/** What a market's storage must hold after its events. Amounts are in units. */
export type MarketState = {
  owner: Address
  pendingOwner: Address
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
    owner: zeroAddress,
    pendingOwner: zeroAddress,
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
