import { type AssertChainParameters, assertChain } from '../actions/assertChain.ts'
import { type GetAccountParameters, type GetAccountReturnType, getAccount } from '../actions/getAccount.ts'
import {
  type GetChallengeBondParameters,
  type GetChallengeBondReturnType,
  getChallengeBond,
} from '../actions/getChallengeBond.ts'
import {
  type GetDeliveredKeyParameters,
  type GetDeliveredKeyReturnType,
  getDeliveredKey,
} from '../actions/getDeliveredKey.ts'
import {
  type GetGameRulesParameters,
  type GetGameRulesReturnType,
  getGameRules,
} from '../actions/getGameRules.ts'
import { type GetGamesParameters, type GetGamesReturnType, getGames } from '../actions/getGames.ts'
import {
  type GetGovernanceParameters,
  type GetGovernanceReturnType,
  getGovernance,
} from '../actions/getGovernance.ts'
import { type GetGroupParameters, type GetGroupReturnType, getGroup } from '../actions/getGroup.ts'
import { type GetJobParameters, type GetJobReturnType, getJob } from '../actions/getJob.ts'
import { type GetJobIdParameters, type GetJobIdReturnType, getJobId } from '../actions/getJobId.ts'
import {
  type GetJobStatusParameters,
  type GetJobStatusReturnType,
  getJobStatus,
} from '../actions/getJobStatus.ts'
import { type GetJobsParameters, type GetJobsReturnType, getJobs } from '../actions/getJobs.ts'
import {
  type GetJobTermsParameters,
  type GetJobTermsReturnType,
  getJobTerms,
} from '../actions/getJobTerms.ts'
import { type GetLevelParameters, type GetLevelReturnType, getLevel } from '../actions/getLevel.ts'
import {
  type GetMajorityParameters,
  type GetMajorityReturnType,
  getMajority,
} from '../actions/getMajority.ts'
import {
  type GetMarketEventsParameters,
  type GetMarketEventsReturnType,
  getMarketEvents,
} from '../actions/getMarketEvents.ts'
import {
  type GetParametersParameters,
  type GetParametersReturnType,
  getParameters,
} from '../actions/getParameters.ts'
import {
  type GetProviderParameters,
  type GetProviderReturnType,
  getProvider,
} from '../actions/getProvider.ts'
import { type GetResultParameters, type GetResultReturnType, getResult } from '../actions/getResult.ts'
import {
  type GetScheduledCallParameters,
  type GetScheduledCallReturnType,
  getScheduledCall,
} from '../actions/getScheduledCall.ts'
import { type GetSeatParameters, type GetSeatReturnType, getSeat } from '../actions/getSeat.ts'
import {
  type GetSpentNoncesParameters,
  type GetSpentNoncesReturnType,
  getSpentNonces,
} from '../actions/getSpentNonces.ts'
import {
  type GetTimeToSettleParameters,
  type GetTimeToSettleReturnType,
  getTimeToSettle,
} from '../actions/getTimeToSettle.ts'
import { type GetTotalsParameters, type GetTotalsReturnType, getTotals } from '../actions/getTotals.ts'
import { type IsDrawnParameters, type IsDrawnReturnType, isDrawn } from '../actions/isDrawn.ts'
import { type QuoteClaimParameters, type QuoteClaimReturnType, quoteClaim } from '../actions/quoteClaim.ts'
import { type WaitForJobParameters, type WaitForJobReturnType, waitForJob } from '../actions/waitForJob.ts'
import { type WatchJobsParameters, type WatchJobsReturnType, watchJobs } from '../actions/watchJobs.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import type { MarketEventName } from '../types/event.ts'

export type AuditorActions = {
  /** Checks that the node belongs to the client's chain, and that there is a contract at the market's address. */
  assertChain: (parameters?: AssertChainParameters) => Promise<void>
  /** Reads the money of an address inside the market, in units. */
  getAccount: (parameters?: GetAccountParameters) => Promise<GetAccountReturnType>
  /** Reads the wrapped key of a private job out of the event of its delivery. */
  getDeliveredKey: (parameters: GetDeliveredKeyParameters) => Promise<GetDeliveredKeyReturnType>
  /** Reads who governs the market. */
  getGovernance: (parameters?: GetGovernanceParameters) => Promise<GetGovernanceReturnType>
  /** Reads a job and where it stands. */
  getJob: (parameters: GetJobParameters) => Promise<GetJobReturnType>
  /** Computes the id that a job will have. */
  getJobId: (parameters: GetJobIdParameters) => Promise<GetJobIdReturnType>
  /** Finds jobs in the events since `fromBlock` and reads each, oldest first. */
  getJobs: (parameters?: GetJobsParameters) => Promise<GetJobsReturnType>
  /** Reads where a job stands at the newest block. */
  getJobStatus: (parameters: GetJobStatusParameters) => Promise<GetJobStatusReturnType>
  /** Reads the whole terms of a job out of the event of its posting; they are checked against the job's id. */
  getJobTerms: (parameters: GetJobTermsParameters) => Promise<GetJobTermsReturnType>
  /** Reads decoded events of the market in their order, in as many requests as the node needs. */
  getMarketEvents: <const name extends MarketEventName = MarketEventName>(
    parameters?: GetMarketEventsParameters<name>,
  ) => Promise<GetMarketEventsReturnType<name>>
  /** Reads a set of the market's rules, and whether posting is paused. */
  getParameters: (parameters?: GetParametersParameters) => Promise<GetParametersReturnType>
  /** Reads what a provider declares and has earned. */
  getProvider: (parameters?: GetProviderParameters) => Promise<GetProviderReturnType>
  /** Reads the submitted result root out of its event; it is checked against the commitment that the contract keeps. */
  getResult: (parameters: GetResultParameters) => Promise<GetResultReturnType>
  /** Reads where a call of the timelock stands. */
  getScheduledCall: (parameters: GetScheduledCallParameters) => Promise<GetScheduledCallReturnType>
  /** Tells how long the challenge window of a submitted job still runs. */
  getTimeToSettle: (parameters: GetTimeToSettleParameters) => Promise<GetTimeToSettleReturnType>
  /** Reads what the market has and what of it is the reserve, at one block. */
  getTotals: (parameters?: GetTotalsParameters) => Promise<GetTotalsReturnType>
  /** Tells what a claim at the newest block would get and lock; throws what the claim would throw. */
  quoteClaim: (parameters: QuoteClaimParameters) => Promise<QuoteClaimReturnType>
  /** Waits until a job has got so far, whatever came after. */
  waitForJob: (parameters: WaitForJobParameters) => Promise<WaitForJobReturnType>
  /** Delivers the events of jobs: those since `fromBlock`, then new ones as blocks come. */
  watchJobs: (parameters: WatchJobsParameters) => WatchJobsReturnType
  /** Reads a group of sibling jobs of the level `replicated`. */
  getGroup: (parameters: GetGroupParameters) => Promise<GetGroupReturnType>
  /** Reads what a challenge of a job's result needs as a bond. */
  getChallengeBond: (parameters: GetChallengeBondParameters) => Promise<GetChallengeBondReturnType>
  /** Reads the rules of a dispute game. */
  getGameRules: (parameters: GetGameRulesParameters) => Promise<GetGameRulesReturnType>
  /** Reads the disputes of jobs out of events: every game, where it stands, and what was posted for it. */
  getGames: (parameters: GetGamesParameters) => Promise<GetGamesReturnType>
  /** Reads which contract decides the jobs of an assurance level. */
  getLevel: (parameters: GetLevelParameters) => Promise<GetLevelReturnType>
  /** Reads the result of a replicated group and the seats it came from. */
  getMajority: (parameters: GetMajorityParameters) => Promise<GetMajorityReturnType>
  /** Reads which seat of which group a job of the level `replicated` is. */
  getSeat: (parameters: GetSeatParameters) => Promise<GetSeatReturnType>
  /** Reads which nonces a signer can use no more. */
  getSpentNonces: (parameters?: GetSpentNoncesParameters) => Promise<GetSpentNoncesReturnType>
  /** Tells whether a provider may take a spare of a group that escalated. */
  isDrawn: (parameters: IsDrawnParameters) => Promise<IsDrawnReturnType>
}

/**
 * Everything that can be read; needs no account.
 *
 * @example
 * const client = createClient({ chain: local, transport: http() }).extend(auditorActions())
 */
export function auditorActions(options: MarketParameter = {}): (client: ClientWithMarket) => AuditorActions {
  return (client) => ({
    assertChain: (parameters) => assertChain(client, { ...options, ...parameters }),
    getAccount: (parameters) => getAccount(client, { ...options, ...parameters }),
    getDeliveredKey: (parameters) => getDeliveredKey(client, { ...options, ...parameters }),
    getGovernance: (parameters) => getGovernance(client, { ...options, ...parameters }),
    getJob: (parameters) => getJob(client, { ...options, ...parameters }),
    getJobId: (parameters) => getJobId(client, { ...options, ...parameters }),
    getJobs: (parameters) => getJobs(client, { ...options, ...parameters }),
    getJobStatus: (parameters) => getJobStatus(client, { ...options, ...parameters }),
    getJobTerms: (parameters) => getJobTerms(client, { ...options, ...parameters }),
    getMarketEvents: (parameters) => getMarketEvents(client, { ...options, ...parameters }),
    getParameters: (parameters) => getParameters(client, { ...options, ...parameters }),
    getProvider: (parameters) => getProvider(client, { ...options, ...parameters }),
    getResult: (parameters) => getResult(client, { ...options, ...parameters }),
    getScheduledCall: (parameters) => getScheduledCall(client, { ...options, ...parameters }),
    getTimeToSettle: (parameters) => getTimeToSettle(client, { ...options, ...parameters }),
    getTotals: (parameters) => getTotals(client, { ...options, ...parameters }),
    quoteClaim: (parameters) => quoteClaim(client, { ...options, ...parameters }),
    waitForJob: (parameters) => waitForJob(client, { ...options, ...parameters }),
    watchJobs: (parameters) => watchJobs(client, { ...options, ...parameters }),
    getGroup: (parameters) => getGroup(client, { ...options, ...parameters }),
    getChallengeBond: (parameters) => getChallengeBond(client, { ...options, ...parameters }),
    getGameRules: (parameters) => getGameRules(client, parameters),
    getGames: (parameters) => getGames(client, { ...options, ...parameters }),
    getLevel: (parameters) => getLevel(client, { ...options, ...parameters }),
    getMajority: (parameters) => getMajority(client, { ...options, ...parameters }),
    getSeat: (parameters) => getSeat(client, { ...options, ...parameters }),
    getSpentNonces: (parameters) => getSpentNonces(client, { ...options, ...parameters }),
    isDrawn: (parameters) => isDrawn(client, { ...options, ...parameters }),
  })
}
