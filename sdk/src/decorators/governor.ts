import {
  type ExecuteCallParameters,
  type ExecuteCallReturnType,
  type ExecuteCallSyncParameters,
  type ExecuteCallSyncReturnType,
  executeCall,
  executeCallSync,
} from '../actions/executeCall.ts'
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
  type ScheduleCallParameters,
  type ScheduleCallReturnType,
  type ScheduleCallSyncParameters,
  type ScheduleCallSyncReturnType,
  scheduleCall,
  scheduleCallSync,
} from '../actions/scheduleCall.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'

export type GovernorActions = {
  /** Announces a call that the market's timelock makes: `addParameters.call`, `setFeeRecipient.call`, `setGuardian.call`; only its proposers. */
  scheduleCall: (parameters: ScheduleCallParameters) => Promise<ScheduleCallReturnType>
  /** `scheduleCall`, then waits for the receipt. */
  scheduleCallSync: (parameters: ScheduleCallSyncParameters) => Promise<ScheduleCallSyncReturnType>
  /** Has the timelock make a call that was scheduled and whose delay has passed; only its executors. */
  executeCall: (parameters: ExecuteCallParameters) => Promise<ExecuteCallReturnType>
  /** `executeCall`, then waits for the receipt. */
  executeCallSync: (parameters: ExecuteCallSyncParameters) => Promise<ExecuteCallSyncReturnType>
  /** Stops the posting of new jobs, nothing else; only the guardian. */
  pausePosting: (parameters?: PausePostingParameters) => Promise<PausePostingReturnType>
  /** `pausePosting`, then waits for the receipt. */
  pausePostingSync: (parameters?: PausePostingSyncParameters) => Promise<PausePostingSyncReturnType>
  /** Lets jobs be posted again; only the guardian. */
  resumePosting: (parameters?: ResumePostingParameters) => Promise<ResumePostingReturnType>
  /** `resumePosting`, then waits for the receipt. */
  resumePostingSync: (parameters?: ResumePostingSyncParameters) => Promise<ResumePostingSyncReturnType>
}

/**
 * What those who govern the market may do: change its rules through the timelock, stop new jobs at once.
 *
 * @example
 * const client = createClient({ chain: local, transport: http() }).extend(governorActions())
 */
export function governorActions(
  options: MarketParameter = {},
): (client: ClientWithMarket) => GovernorActions {
  return (client) => ({
    scheduleCall: (parameters) => scheduleCall(client, { ...options, ...parameters }),
    scheduleCallSync: (parameters) => scheduleCallSync(client, { ...options, ...parameters }),
    executeCall: (parameters) => executeCall(client, { ...options, ...parameters }),
    executeCallSync: (parameters) => executeCallSync(client, { ...options, ...parameters }),
    pausePosting: (parameters) => pausePosting(client, { ...options, ...parameters }),
    pausePostingSync: (parameters) => pausePostingSync(client, { ...options, ...parameters }),
    resumePosting: (parameters) => resumePosting(client, { ...options, ...parameters }),
    resumePostingSync: (parameters) => resumePostingSync(client, { ...options, ...parameters }),
  })
}
