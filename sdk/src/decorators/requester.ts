import {
  type AcceptParameters,
  type AcceptReturnType,
  type AcceptSyncParameters,
  type AcceptSyncReturnType,
  accept,
  acceptSync,
} from '../actions/accept.ts'
import {
  type AcceptOfferParameters,
  type AcceptOfferReturnType,
  type AcceptOfferSyncParameters,
  type AcceptOfferSyncReturnType,
  acceptOffer,
  acceptOfferSync,
} from '../actions/acceptOffer.ts'
import {
  type CancelParameters,
  type CancelReturnType,
  type CancelSyncParameters,
  type CancelSyncReturnType,
  cancel,
  cancelSync,
} from '../actions/cancel.ts'
import {
  type CancelGroupParameters,
  type CancelGroupReturnType,
  type CancelGroupSyncParameters,
  type CancelGroupSyncReturnType,
  cancelGroup,
  cancelGroupSync,
} from '../actions/cancelGroup.ts'
import {
  type DeliverKeyParameters,
  type DeliverKeyReturnType,
  type DeliverKeySyncParameters,
  type DeliverKeySyncReturnType,
  deliverKey,
  deliverKeySync,
} from '../actions/deliverKey.ts'
import {
  type PostParameters,
  type PostReturnType,
  type PostSyncParameters,
  type PostSyncReturnType,
  post,
  postSync,
} from '../actions/post.ts'
import {
  type PostManyParameters,
  type PostManyReturnType,
  type PostManySyncParameters,
  type PostManySyncReturnType,
  postMany,
  postManySync,
} from '../actions/postMany.ts'
import {
  type SignJobRequestParameters,
  type SignJobRequestReturnType,
  signJobRequest,
} from '../actions/signJobRequest.ts'
import { run } from '../run/run.ts'
import type { Run, RunParameters } from '../run/types.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import { type AnyoneActions, anyoneActions } from './anyone.ts'

export type RequesterActions = AnyoneActions & {
  /** Posts a job and moves its maximum price from the balance to escrow; the auction starts with the block. */
  post: (parameters: PostParameters) => Promise<PostReturnType>
  /** `post`, then waits for the receipt. */
  postSync: (parameters: PostSyncParameters) => Promise<PostSyncReturnType>
  /** Posts several jobs in one transaction: each that can be; the outcomes say why others were refused. */
  postMany: (parameters: PostManyParameters) => Promise<PostManyReturnType>
  /** `postMany`, then waits for the receipt. */
  postManySync: (parameters: PostManySyncParameters) => Promise<PostManySyncReturnType>
  /** Takes an unclaimed job back: its requester at any time, anyone after `claimBy`. */
  cancel: (parameters: CancelParameters) => Promise<CancelReturnType>
  /** `cancel`, then waits for the receipt. */
  cancelSync: (parameters: CancelSyncParameters) => Promise<CancelSyncReturnType>
  /** Takes back what was posted of a replicated group that is not complete; only its requester. */
  cancelGroup: (parameters: CancelGroupParameters) => Promise<CancelGroupReturnType>
  /** `cancelGroup`, then waits for the receipt. */
  cancelGroupSync: (parameters: CancelGroupSyncParameters) => Promise<CancelGroupSyncReturnType>
  /** Pays the provider before the challenge window has passed; only the requester. */
  accept: (parameters: AcceptParameters) => Promise<AcceptReturnType>
  /** `accept`, then waits for the receipt. */
  acceptSync: (parameters: AcceptSyncParameters) => Promise<AcceptSyncReturnType>
  /** Computes a program over many inputs and yields verified outputs: everything above in one call. */
  run: <reduced = never>(parameters: RunParameters<reduced>) => Promise<Run<reduced>>
  /** Posts a job that a provider signed, and claims it for that provider, in one transaction. */
  acceptOffer: (parameters: AcceptOfferParameters) => Promise<AcceptOfferReturnType>
  /** `acceptOffer`, then waits for the receipt. */
  acceptOfferSync: (parameters: AcceptOfferSyncParameters) => Promise<AcceptOfferSyncReturnType>
  /** Hands the key of a private job's data to its provider; only the requester, until `keyBy`. */
  deliverKey: (parameters: DeliverKeyParameters) => Promise<DeliverKeyReturnType>
  /** `deliverKey`, then waits for the receipt. */
  deliverKeySync: (parameters: DeliverKeySyncParameters) => Promise<DeliverKeySyncReturnType>
  /** Signs a job at a fixed price that a provider takes with `claimSigned`; nothing is sent. */
  signJobRequest: (parameters: SignJobRequestParameters) => Promise<SignJobRequestReturnType>
}

/**
 * What a requester does: fund, post, take back, accept.
 *
 * @example
 * const client = createClient({ chain: local, transport: http() }).extend(requesterActions())
 */
export function requesterActions(
  options: MarketParameter = {},
): (client: ClientWithMarket) => RequesterActions {
  return (client) => ({
    ...anyoneActions(options)(client),
    post: (parameters) => post(client, { ...options, ...parameters }),
    postSync: (parameters) => postSync(client, { ...options, ...parameters }),
    postMany: (parameters) => postMany(client, { ...options, ...parameters }),
    postManySync: (parameters) => postManySync(client, { ...options, ...parameters }),
    cancel: (parameters) => cancel(client, { ...options, ...parameters }),
    cancelSync: (parameters) => cancelSync(client, { ...options, ...parameters }),
    cancelGroup: (parameters) => cancelGroup(client, { ...options, ...parameters }),
    cancelGroupSync: (parameters) => cancelGroupSync(client, { ...options, ...parameters }),
    accept: (parameters) => accept(client, { ...options, ...parameters }),
    acceptSync: (parameters) => acceptSync(client, { ...options, ...parameters }),
    run: (parameters) => run(client, { ...options, ...parameters }),
    acceptOffer: (parameters) => acceptOffer(client, { ...options, ...parameters }),
    acceptOfferSync: (parameters) => acceptOfferSync(client, { ...options, ...parameters }),
    deliverKey: (parameters) => deliverKey(client, { ...options, ...parameters }),
    deliverKeySync: (parameters) => deliverKeySync(client, { ...options, ...parameters }),
    signJobRequest: (parameters) => signJobRequest(client, { ...options, ...parameters }),
  })
}
