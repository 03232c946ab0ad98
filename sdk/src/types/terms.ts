import type { Hex } from 'viem'
import type { AssuranceLevel } from './job.ts'
import type { Resources } from './resources.ts'

/** Everything a job is. Amounts in units, times in seconds. */
export type JobTerms = {
  /** Content root of the program. */
  programId: Hex
  /** Root of the inputs tree over `tasks` inputs. */
  inputsRoot: Hex
  /** Content hash of the input that all tasks share; that of the empty content where there is none. */
  sharedInput: Hex
  /** The highest price, escrowed at posting. */
  maxPrice: bigint
  /** The price at posting; kept in basis points of `maxPrice`, rounded down. */
  minPrice: bigint
  /** Whether the requester delivers a key for the data after the claim, from when on the run time counts. */
  isPrivate: boolean
  /** Seconds in which the price climbs from `minPrice` to `maxPrice`; zero for a fixed price. */
  ramp: number
  /** Seconds from claim to the submission deadline. */
  run: number
  /** Seconds from submission in which the result may be challenged. */
  window: number
  /** Least reputation of a provider; kept with 13 significant bits, rounded up. */
  minReputation: bigint
  /** Least resources of a provider. */
  floor: Resources
  level: AssuranceLevel
  /** What the level needs to know: `attestersHash` if attested, `encodeReplicationTerms` if replicated, else zero. */
  assurance: Hex
  /** The parameter set and fee that the requester relies on: under others the job is refused. Null for any. */
  expects: ExpectedParameters | null
  tasks: number
  /** Last second in which the job may be claimed, unix time. */
  claimBy: number
  /** The most steps a task may take. */
  stepLimit: bigint
  /** The most bytes a task may write. */
  maxOutput: number
  /** The most 64 KiB pages of memory the program may have. */
  maxPages: number
  /** Share of the price that is paid by step, of `tasks × stepLimit` steps, in basis points; zero for a fixed price. */
  meteredBps: number
  /** 64 bits, chosen by the requester so that equal jobs have different ids. */
  nonce: bigint
  /** Where the requester serves the job's data. */
  dataUri: string
}

/** A parameter set, named by its number and its fee in basis points. Set 0 with fee 0 cannot be told from none. */
export type ExpectedParameters = { parametersId: number; feeBps: number }

type OptionalTerms = 'isPrivate' | 'assurance' | 'expects' | 'meteredBps'

/** Terms that have an id: with their nonce. What is left out is the plain case: public, fixed price, any parameters. */
export type NamedJobTerms = Omit<JobTerms, OptionalTerms> & {
  [term in OptionalTerms]?: JobTerms[term] | undefined
}

/** Terms whose nonce is drawn at random when it is left out. */
export type JobTermsInput = Omit<NamedJobTerms, 'nonce'> & { nonce?: bigint | undefined }

/** Terms as the contract takes them: two packed words. */
export type EncodedJobTerms = {
  programId: Hex
  inputsRoot: Hex
  sharedInput: Hex
  rules: bigint
  limits: bigint
  assurance: Hex
  dataUri: string
}
