import {
  type AddParametersParameters,
  type AddParametersReturnType,
  type AddParametersSyncParameters,
  type AddParametersSyncReturnType,
  addParameters,
  addParametersSync,
} from '../actions/addParameters.ts'
import {
  type PausePostingParameters,
  type PausePostingReturnType,
  type PausePostingSyncParameters,
  type PausePostingSyncReturnType,
  pausePosting,
  pausePostingSync,
} from '../actions/pausePosting.ts'
import {
  type ResumePostingParameters,
  type ResumePostingReturnType,
  type ResumePostingSyncParameters,
  type ResumePostingSyncReturnType,
  resumePosting,
  resumePostingSync,
} from '../actions/resumePosting.ts'
import {
  type SetFeeRecipientParameters,
  type SetFeeRecipientReturnType,
  type SetFeeRecipientSyncParameters,
  type SetFeeRecipientSyncReturnType,
  setFeeRecipient,
  setFeeRecipientSync,
} from '../actions/setFeeRecipient.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'

export type OwnerActions = {
  /** Adds a parameter set and makes it that of jobs posted from now on; only the owner. */
  addParameters: (parameters: AddParametersParameters) => Promise<AddParametersReturnType>
  /** `addParameters`, then waits for the receipt. */
  addParametersSync: (parameters: AddParametersSyncParameters) => Promise<AddParametersSyncReturnType>
  /** Stops the posting of new jobs, nothing else; only the owner. */
  pausePosting: (parameters?: PausePostingParameters) => Promise<PausePostingReturnType>
  /** `pausePosting`, then waits for the receipt. */
  pausePostingSync: (parameters?: PausePostingSyncParameters) => Promise<PausePostingSyncReturnType>
  /** Lets jobs be posted again; only the owner. */
  resumePosting: (parameters?: ResumePostingParameters) => Promise<ResumePostingReturnType>
  /** `resumePosting`, then waits for the receipt. */
  resumePostingSync: (parameters?: ResumePostingSyncParameters) => Promise<ResumePostingSyncReturnType>
  /** Names who receives fees from now on; only the owner. */
  setFeeRecipient: (parameters: SetFeeRecipientParameters) => Promise<SetFeeRecipientReturnType>
  /** `setFeeRecipient`, then waits for the receipt. */
  setFeeRecipientSync: (parameters: SetFeeRecipientSyncParameters) => Promise<SetFeeRecipientSyncReturnType>
}

/**
 * What the market's owner may do.
 *
 * @example
 * const client = createClient({ chain: local, transport: http() }).extend(ownerActions())
 */
export function ownerActions(options: MarketParameter = {}): (client: ClientWithMarket) => OwnerActions {
  return (client) => ({
    addParameters: (parameters) => addParameters(client, { ...options, ...parameters }),
    addParametersSync: (parameters) => addParametersSync(client, { ...options, ...parameters }),
    pausePosting: (parameters) => pausePosting(client, { ...options, ...parameters }),
    pausePostingSync: (parameters) => pausePostingSync(client, { ...options, ...parameters }),
    resumePosting: (parameters) => resumePosting(client, { ...options, ...parameters }),
    resumePostingSync: (parameters) => resumePostingSync(client, { ...options, ...parameters }),
    setFeeRecipient: (parameters) => setFeeRecipient(client, { ...options, ...parameters }),
    setFeeRecipientSync: (parameters) => setFeeRecipientSync(client, { ...options, ...parameters }),
  })
}
