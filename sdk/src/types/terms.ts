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
  tasks: number
  /** Last second in which the job may be claimed, unix time. */
  claimBy: number
  /** The most steps a task may take. */
  stepLimit: bigint
  /** The most bytes a task may write. */
  maxOutput: number
  /** The most 64 KiB pages of memory the program may have. */
  maxPages: number
  /** 64 bits, chosen by the requester so that equal jobs have different ids. */
  nonce: bigint
  /** Where the requester serves the job's data. */
  dataUri: string
}

/** Terms whose nonce is drawn at random when it is left out. */
export type JobTermsInput = Omit<JobTerms, 'nonce'> & { nonce?: bigint | undefined }

/** Terms as the contract takes them: two packed words. */
export type EncodedJobTerms = {
  programId: Hex
  inputsRoot: Hex
  sharedInput: Hex
  rules: bigint
  limits: bigint
  dataUri: string
}
