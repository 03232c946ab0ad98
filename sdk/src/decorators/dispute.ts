import {
  type CollectRewardParameters,
  type CollectRewardReturnType,
  type CollectRewardSyncParameters,
  type CollectRewardSyncReturnType,
  collectReward,
  collectRewardSync,
} from '../actions/collectReward.ts'
import {
  type DescendParameters,
  type DescendReturnType,
  type DescendSyncParameters,
  type DescendSyncReturnType,
  descend,
  descendSync,
} from '../actions/descend.ts'
import {
  type EnterTraceParameters,
  type EnterTraceReturnType,
  type EnterTraceSyncParameters,
  type EnterTraceSyncReturnType,
  enterTrace,
  enterTraceSync,
} from '../actions/enterTrace.ts'
import {
  type OpenChallengeParameters,
  type OpenChallengeReturnType,
  type OpenChallengeSyncParameters,
  type OpenChallengeSyncReturnType,
  openChallenge,
  openChallengeSync,
} from '../actions/openChallenge.ts'
import {
  type PickSegmentParameters,
  type PickSegmentReturnType,
  type PickSegmentSyncParameters,
  type PickSegmentSyncReturnType,
  pickSegment,
  pickSegmentSync,
} from '../actions/pickSegment.ts'
import {
  type PostNodeParameters,
  type PostNodeReturnType,
  type PostNodeSyncParameters,
  type PostNodeSyncReturnType,
  postNode,
  postNodeSync,
} from '../actions/postNode.ts'
import {
  type PostNodesParameters,
  type PostNodesReturnType,
  type PostNodesSyncParameters,
  type PostNodesSyncReturnType,
  postNodes,
  postNodesSync,
} from '../actions/postNodes.ts'
import {
  type ProveStepParameters,
  type ProveStepReturnType,
  type ProveStepSyncParameters,
  type ProveStepSyncReturnType,
  proveStep,
  proveStepSync,
} from '../actions/proveStep.ts'
import {
  type TimeOutGameParameters,
  type TimeOutGameReturnType,
  type TimeOutGameSyncParameters,
  type TimeOutGameSyncReturnType,
  timeOutGame,
  timeOutGameSync,
} from '../actions/timeOutGame.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'

export type DisputeActions = {
  /** Says that a submitted result is wrong, with a bond: opens a dispute game. */
  openChallenge: (parameters: OpenChallengeParameters) => Promise<OpenChallengeReturnType>
  /** `openChallenge`, then waits for the receipt. */
  openChallengeSync: (parameters: OpenChallengeSyncParameters) => Promise<OpenChallengeSyncReturnType>
  /** Posts what is below the node in dispute; only the claim's provider, in its turn. */
  postNode: (parameters: PostNodeParameters) => Promise<PostNodeReturnType>
  /** `postNode`, then waits for the receipt. */
  postNodeSync: (parameters: PostNodeSyncParameters) => Promise<PostNodeSyncReturnType>
  /** `postNode` for each of several games that it is not too late for. */
  postNodes: (parameters: PostNodesParameters) => Promise<PostNodesReturnType>
  /** `postNodes`, then waits for the receipt. */
  postNodesSync: (parameters: PostNodesSyncParameters) => Promise<PostNodesSyncReturnType>
  /** Goes down the result tree to a node that is not one's own. */
  descend: (parameters: DescendParameters) => Promise<DescendReturnType>
  /** `descend`, then waits for the receipt. */
  descendSync: (parameters: DescendSyncParameters) => Promise<DescendSyncReturnType>
  /** Goes from a leaf of the result tree into the trace of its task. */
  enterTrace: (parameters: EnterTraceParameters) => Promise<EnterTraceReturnType>
  /** `enterTrace`, then waits for the receipt. */
  enterTraceSync: (parameters: EnterTraceSyncParameters) => Promise<EnterTraceSyncReturnType>
  /** Goes into one segment of a stretch that the provider has posted. */
  pickSegment: (parameters: PickSegmentParameters) => Promise<PickSegmentReturnType>
  /** `pickSegment`, then waits for the receipt. */
  pickSegmentSync: (parameters: PickSegmentSyncParameters) => Promise<PickSegmentSyncReturnType>
  /** Has the chain execute the one step that a game came to; anyone may do it. */
  proveStep: (parameters: ProveStepParameters) => Promise<ProveStepReturnType>
  /** `proveStep`, then waits for the receipt. */
  proveStepSync: (parameters: ProveStepSyncParameters) => Promise<ProveStepSyncReturnType>
  /** Ends a game in which the provider or the challenger was late; anyone may do it. */
  timeOutGame: (parameters: TimeOutGameParameters) => Promise<TimeOutGameReturnType>
  /** `timeOutGame`, then waits for the receipt. */
  timeOutGameSync: (parameters: TimeOutGameSyncParameters) => Promise<TimeOutGameSyncReturnType>
  /** Credits a challenger whose game was open when another one was won, with bond and reward; anyone may do it. */
  collectReward: (parameters: CollectRewardParameters) => Promise<CollectRewardReturnType>
  /** `collectReward`, then waits for the receipt. */
  collectRewardSync: (parameters: CollectRewardSyncParameters) => Promise<CollectRewardSyncReturnType>
}

/**
 * The moves of dispute games: those of challengers, of providers who defend a claim, and of anyone. `createDisputeDriver` of
 * `assay/dispute` decides and makes them by itself.
 *
 * @example
 * const client = createClient({ chain: local, transport: http() }).extend(disputeActions())
 */
export function disputeActions(options: MarketParameter = {}): (client: ClientWithMarket) => DisputeActions {
  return (client) => ({
    openChallenge: (parameters) => openChallenge(client, { ...options, ...parameters }),
    openChallengeSync: (parameters) => openChallengeSync(client, { ...options, ...parameters }),
    postNode: (parameters) => postNode(client, { ...options, ...parameters }),
    postNodeSync: (parameters) => postNodeSync(client, { ...options, ...parameters }),
    postNodes: (parameters) => postNodes(client, { ...options, ...parameters }),
    postNodesSync: (parameters) => postNodesSync(client, { ...options, ...parameters }),
    descend: (parameters) => descend(client, { ...options, ...parameters }),
    descendSync: (parameters) => descendSync(client, { ...options, ...parameters }),
    enterTrace: (parameters) => enterTrace(client, { ...options, ...parameters }),
    enterTraceSync: (parameters) => enterTraceSync(client, { ...options, ...parameters }),
    pickSegment: (parameters) => pickSegment(client, { ...options, ...parameters }),
    pickSegmentSync: (parameters) => pickSegmentSync(client, { ...options, ...parameters }),
    proveStep: (parameters) => proveStep(client, { ...options, ...parameters }),
    proveStepSync: (parameters) => proveStepSync(client, { ...options, ...parameters }),
    timeOutGame: (parameters) => timeOutGame(client, { ...options, ...parameters }),
    timeOutGameSync: (parameters) => timeOutGameSync(client, { ...options, ...parameters }),
    collectReward: (parameters) => collectReward(client, { ...options, ...parameters }),
    collectRewardSync: (parameters) => collectRewardSync(client, { ...options, ...parameters }),
  })
}
