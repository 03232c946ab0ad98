import {
  type ClaimParameters,
  type ClaimReturnType,
  type ClaimSyncParameters,
  type ClaimSyncReturnType,
  claim,
  claimSync,
} from '../actions/claim.ts'
import {
  type CollectFeesParameters,
  type CollectFeesReturnType,
  type CollectFeesSyncParameters,
  type CollectFeesSyncReturnType,
  collectFees,
  collectFeesSync,
} from '../actions/collectFees.ts'
import {
  type DepositParameters,
  type DepositReturnType,
  type DepositSyncParameters,
  type DepositSyncReturnType,
  deposit,
  depositSync,
} from '../actions/deposit.ts'
import {
  type DepositWithPermitParameters,
  type DepositWithPermitReturnType,
  type DepositWithPermitSyncParameters,
  type DepositWithPermitSyncReturnType,
  depositWithPermit,
  depositWithPermitSync,
} from '../actions/depositWithPermit.ts'
import {
  type FailParameters,
  type FailReturnType,
  type FailSyncParameters,
  type FailSyncReturnType,
  fail,
  failSync,
} from '../actions/fail.ts'
import {
  type ReleaseParameters,
  type ReleaseReturnType,
  type ReleaseSyncParameters,
  type ReleaseSyncReturnType,
  release,
  releaseSync,
} from '../actions/release.ts'
import {
  type SettleParameters,
  type SettleReturnType,
  type SettleSyncParameters,
  type SettleSyncReturnType,
  settle,
  settleSync,
} from '../actions/settle.ts'
import {
  type SettleManyParameters,
  type SettleManyReturnType,
  type SettleManySyncParameters,
  type SettleManySyncReturnType,
  settleMany,
  settleManySync,
} from '../actions/settleMany.ts'
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
import {
  type WithdrawParameters,
  type WithdrawReturnType,
  type WithdrawSyncParameters,
  type WithdrawSyncReturnType,
  withdraw,
  withdrawSync,
} from '../actions/withdraw.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'

export type ProviderActions = {
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
  /** Gives a claim back in the first quarter of its run time, for 2 % of the price. */
  release: (parameters: ReleaseParameters) => Promise<ReleaseReturnType>
  /** `release`, then waits for the receipt. */
  releaseSync: (parameters: ReleaseSyncParameters) => Promise<ReleaseSyncReturnType>
  /** Submits the root over all task results, which starts the challenge window; only the provider, once. */
  submit: (parameters: SubmitParameters) => Promise<SubmitReturnType>
  /** `submit`, then waits for the receipt. */
  submitSync: (parameters: SubmitSyncParameters) => Promise<SubmitSyncReturnType>
  /** Moves tokens of the account into its balance in the market. Where the market may not take so many yet, it is approved for exactly this amount first, in a transaction that is waited for. */
  deposit: (parameters: DepositParameters) => Promise<DepositReturnType>
  /** `deposit`, then waits for the receipt. */
  depositSync: (parameters: DepositSyncParameters) => Promise<DepositSyncReturnType>
  /** Moves tokens of the account into its balance in one transaction: the approval is a signature. The token must know ERC-2612 permits. */
  depositWithPermit: (parameters: DepositWithPermitParameters) => Promise<DepositWithPermitReturnType>
  /** `depositWithPermit`, then waits for the receipt. */
  depositWithPermitSync: (
    parameters: DepositWithPermitSyncParameters,
  ) => Promise<DepositWithPermitSyncReturnType>
  /** Moves units of the balance out of the market as tokens. */
  withdraw: (parameters: WithdrawParameters) => Promise<WithdrawReturnType>
  /** `withdraw`, then waits for the receipt. */
  withdrawSync: (parameters: WithdrawSyncParameters) => Promise<WithdrawSyncReturnType>
  /** Pays the provider after the challenge window; anyone may do it. */
  settle: (parameters: SettleParameters) => Promise<SettleReturnType>
  /** `settle`, then waits for the receipt. */
  settleSync: (parameters: SettleSyncParameters) => Promise<SettleSyncReturnType>
  /** Settles each of the jobs that can be and passes over the others; anyone may do it. */
  settleMany: (parameters: SettleManyParameters) => Promise<SettleManyReturnType>
  /** `settleMany`, then waits for the receipt. */
  settleManySync: (parameters: SettleManySyncParameters) => Promise<SettleManySyncReturnType>
  /** Ends a claim whose provider submitted nothing by `runBy`: the requester is refunded; anyone may do it. */
  fail: (parameters: FailParameters) => Promise<FailReturnType>
  /** `fail`, then waits for the receipt. */
  failSync: (parameters: FailSyncParameters) => Promise<FailSyncReturnType>
  /** Moves the fees that providers owe from their jobs to the fee recipient's balance; anyone may do it. */
  collectFees: (parameters: CollectFeesParameters) => Promise<CollectFeesReturnType>
  /** `collectFees`, then waits for the receipt. */
  collectFeesSync: (parameters: CollectFeesSyncParameters) => Promise<CollectFeesSyncReturnType>
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
    deposit: (parameters) => deposit(client, { ...options, ...parameters }),
    depositSync: (parameters) => depositSync(client, { ...options, ...parameters }),
    depositWithPermit: (parameters) => depositWithPermit(client, { ...options, ...parameters }),
    depositWithPermitSync: (parameters) => depositWithPermitSync(client, { ...options, ...parameters }),
    withdraw: (parameters) => withdraw(client, { ...options, ...parameters }),
    withdrawSync: (parameters) => withdrawSync(client, { ...options, ...parameters }),
    settle: (parameters) => settle(client, { ...options, ...parameters }),
    settleSync: (parameters) => settleSync(client, { ...options, ...parameters }),
    settleMany: (parameters) => settleMany(client, { ...options, ...parameters }),
    settleManySync: (parameters) => settleManySync(client, { ...options, ...parameters }),
    fail: (parameters) => fail(client, { ...options, ...parameters }),
    failSync: (parameters) => failSync(client, { ...options, ...parameters }),
    collectFees: (parameters) => collectFees(client, { ...options, ...parameters }),
    collectFeesSync: (parameters) => collectFeesSync(client, { ...options, ...parameters }),
  })
}
