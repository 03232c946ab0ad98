import {
  type ClaimParameters,
  type ClaimReturnType,
  type ClaimSyncParameters,
  type ClaimSyncReturnType,
  claim,
  claimSync,
} from '../actions/claim.ts'
import {
  type ClaimSignedParameters,
  type ClaimSignedReturnType,
  type ClaimSignedSyncParameters,
  type ClaimSignedSyncReturnType,
  claimSigned,
  claimSignedSync,
} from '../actions/claimSigned.ts'
import {
  type CommitResultParameters,
  type CommitResultReturnType,
  type CommitResultSyncParameters,
  type CommitResultSyncReturnType,
  commitResult,
  commitResultSync,
} from '../actions/commitResult.ts'
import {
  type ReleaseParameters,
  type ReleaseReturnType,
  type ReleaseSyncParameters,
  type ReleaseSyncReturnType,
  release,
  releaseSync,
} from '../actions/release.ts'
import {
  type RevealResultParameters,
  type RevealResultReturnType,
  type RevealResultSyncParameters,
  type RevealResultSyncReturnType,
  revealResult,
  revealResultSync,
} from '../actions/revealResult.ts'
import {
  type SignJobOfferParameters,
  type SignJobOfferReturnType,
  signJobOffer,
} from '../actions/signJobOffer.ts'
import {
  type StakeParameters,
  type StakeReturnType,
  type StakeSyncParameters,
  type StakeSyncReturnType,
  stake,
  stakeSync,
} from '../actions/stake.ts'
import {
  type SubmitParameters,
  type SubmitReturnType,
  type SubmitSyncParameters,
  type SubmitSyncReturnType,
  submit,
  submitSync,
} from '../actions/submit.ts'
import {
  type UnstakeParameters,
  type UnstakeReturnType,
  type UnstakeSyncParameters,
  type UnstakeSyncReturnType,
  unstake,
  unstakeSync,
} from '../actions/unstake.ts'
import {
  type UpdateProviderParameters,
  type UpdateProviderReturnType,
  type UpdateProviderSyncParameters,
  type UpdateProviderSyncReturnType,
  updateProvider,
  updateProviderSync,
} from '../actions/updateProvider.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'
import { type AnyoneActions, anyoneActions } from './anyone.ts'

export type ProviderActions = AnyoneActions & {
  /** Registers the account as a provider, or replaces everything that it declared. */
  updateProvider: (parameters: UpdateProviderParameters) => Promise<UpdateProviderReturnType>
  /** `updateProvider`, then waits for the receipt. */
  updateProviderSync: (parameters: UpdateProviderSyncParameters) => Promise<UpdateProviderSyncReturnType>
  /** Moves units of the balance to the stake. */
  stake: (parameters: StakeParameters) => Promise<StakeReturnType>
  /** `stake`, then waits for the receipt. */
  stakeSync: (parameters: StakeSyncParameters) => Promise<StakeSyncReturnType>
  /** Moves units of the stake that no claim has locked back to the balance. */
  unstake: (parameters: UnstakeParameters) => Promise<UnstakeReturnType>
  /** `unstake`, then waits for the receipt. */
  unstakeSync: (parameters: UnstakeSyncParameters) => Promise<UnstakeSyncReturnType>
  /** Claims an open job at the auction's price of this moment and locks the bond for it. */
  claim: (parameters: ClaimParameters) => Promise<ClaimReturnType>
  /** `claim`, then waits for the receipt. */
  claimSync: (parameters: ClaimSyncParameters) => Promise<ClaimSyncReturnType>
  /** Gives a claim back in the first quarter of its run time, for 2 % of the price; one without a key after `keyBy` for nothing, by anyone. */
  release: (parameters: ReleaseParameters) => Promise<ReleaseReturnType>
  /** `release`, then waits for the receipt. */
  releaseSync: (parameters: ReleaseSyncParameters) => Promise<ReleaseSyncReturnType>
  /** Submits the root over all task results, which starts the challenge window; only the provider, once. */
  submit: (parameters: SubmitParameters) => Promise<SubmitReturnType>
  /** `submit`, then waits for the receipt. */
  submitSync: (parameters: SubmitSyncParameters) => Promise<SubmitSyncReturnType>
  /** Posts a job that its requester signed, and claims it, in one transaction. */
  claimSigned: (parameters: ClaimSignedParameters) => Promise<ClaimSignedReturnType>
  /** `claimSigned`, then waits for the receipt. */
  claimSignedSync: (parameters: ClaimSignedSyncParameters) => Promise<ClaimSignedSyncReturnType>
  /** Commits a seat of a replicated group to its result. */
  commitResult: (parameters: CommitResultParameters) => Promise<CommitResultReturnType>
  /** `commitResult`, then waits for the receipt. */
  commitResultSync: (parameters: CommitResultSyncParameters) => Promise<CommitResultSyncReturnType>
  /** Reveals what a seat of a replicated group has committed to. */
  revealResult: (parameters: RevealResultParameters) => Promise<RevealResultReturnType>
  /** `revealResult`, then waits for the receipt. */
  revealResultSync: (parameters: RevealResultSyncParameters) => Promise<RevealResultSyncReturnType>
  /** Signs a job at a fixed price that a requester takes with `acceptOffer`; nothing is sent. */
  signJobOffer: (parameters: SignJobOfferParameters) => Promise<SignJobOfferReturnType>
}

/**
 * What a provider does: register, stake, claim, submit.
 *
 * @example
 * const client = createClient({ chain: local, transport: http() }).extend(providerActions())
 */
export function providerActions(
  options: MarketParameter = {},
): (client: ClientWithMarket) => ProviderActions {
  return (client) => ({
    ...anyoneActions(options)(client),
    updateProvider: (parameters) => updateProvider(client, { ...options, ...parameters }),
    updateProviderSync: (parameters) => updateProviderSync(client, { ...options, ...parameters }),
    stake: (parameters) => stake(client, { ...options, ...parameters }),
    stakeSync: (parameters) => stakeSync(client, { ...options, ...parameters }),
    unstake: (parameters) => unstake(client, { ...options, ...parameters }),
    unstakeSync: (parameters) => unstakeSync(client, { ...options, ...parameters }),
    claim: (parameters) => claim(client, { ...options, ...parameters }),
    claimSync: (parameters) => claimSync(client, { ...options, ...parameters }),
    release: (parameters) => release(client, { ...options, ...parameters }),
    releaseSync: (parameters) => releaseSync(client, { ...options, ...parameters }),
    submit: (parameters) => submit(client, { ...options, ...parameters }),
    submitSync: (parameters) => submitSync(client, { ...options, ...parameters }),
    claimSigned: (parameters) => claimSigned(client, { ...options, ...parameters }),
    claimSignedSync: (parameters) => claimSignedSync(client, { ...options, ...parameters }),
    commitResult: (parameters) => commitResult(client, { ...options, ...parameters }),
    commitResultSync: (parameters) => commitResultSync(client, { ...options, ...parameters }),
    revealResult: (parameters) => revealResult(client, { ...options, ...parameters }),
    revealResultSync: (parameters) => revealResultSync(client, { ...options, ...parameters }),
    signJobOffer: (parameters) => signJobOffer(client, { ...options, ...parameters }),
  })
}
