import {
  type AttestParameters,
  type AttestReturnType,
  type AttestSyncParameters,
  type AttestSyncReturnType,
  attest,
  attestSync,
} from '../actions/attest.ts'
import {
  type CancelNoncesParameters,
  type CancelNoncesReturnType,
  type CancelNoncesSyncParameters,
  type CancelNoncesSyncReturnType,
  cancelNonces,
  cancelNoncesSync,
} from '../actions/cancelNonces.ts'
import {
  type CaptureSeedParameters,
  type CaptureSeedReturnType,
  type CaptureSeedSyncParameters,
  type CaptureSeedSyncReturnType,
  captureSeed,
  captureSeedSync,
} from '../actions/captureSeed.ts'
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
  type FailManyParameters,
  type FailManyReturnType,
  type FailManySyncParameters,
  type FailManySyncReturnType,
  failMany,
  failManySync,
} from '../actions/failMany.ts'
import {
  type ResolveGroupParameters,
  type ResolveGroupReturnType,
  type ResolveGroupSyncParameters,
  type ResolveGroupSyncReturnType,
  resolveGroup,
  resolveGroupSync,
} from '../actions/resolveGroup.ts'
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
  type SignAttestationParameters,
  type SignAttestationReturnType,
  signAttestation,
} from '../actions/signAttestation.ts'
import {
  type TransferParameters,
  type TransferReturnType,
  type TransferSyncParameters,
  type TransferSyncReturnType,
  transfer,
  transferSync,
} from '../actions/transfer.ts'
import {
  type WithdrawParameters,
  type WithdrawReturnType,
  type WithdrawSyncParameters,
  type WithdrawSyncReturnType,
  withdraw,
  withdrawSync,
} from '../actions/withdraw.ts'
import type { ClientWithMarket, MarketParameter } from '../types/client.ts'

export type AnyoneActions = {
  /** Moves tokens of the account into its balance in the market. Where the market may not take so many yet, it is approved for exactly this amount first, in a transaction that is waited for; in two, by way of zero, where the token refuses to change an allowance otherwise. */
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
  /** Moves units of the balance to another account's inside the market, or to its insurance reserve. */
  transfer: (parameters: TransferParameters) => Promise<TransferReturnType>
  /** `transfer`, then waits for the receipt. */
  transferSync: (parameters: TransferSyncParameters) => Promise<TransferSyncReturnType>
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
  /** Ends each of the claims that are overdue and passes over the others; anyone may do it. */
  failMany: (parameters: FailManyParameters) => Promise<FailManyReturnType>
  /** `failMany`, then waits for the receipt. */
  failManySync: (parameters: FailManySyncParameters) => Promise<FailManySyncReturnType>
  /** Makes what the account signed with any of these nonces worthless. */
  cancelNonces: (parameters: CancelNoncesParameters) => Promise<CancelNoncesReturnType>
  /** `cancelNonces`, then waits for the receipt. */
  cancelNoncesSync: (parameters: CancelNoncesSyncParameters) => Promise<CancelNoncesSyncReturnType>
  /** Hands in an attester's signature, which ends the job's challenge window; anyone may do it. */
  attest: (parameters: AttestParameters) => Promise<AttestReturnType>
  /** `attest`, then waits for the receipt. */
  attestSync: (parameters: AttestSyncParameters) => Promise<AttestSyncReturnType>
  /** Ends the phase of a replicated group that is over; anyone may do it. */
  resolveGroup: (parameters: ResolveGroupParameters) => Promise<ResolveGroupReturnType>
  /** `resolveGroup`, then waits for the receipt. */
  resolveGroupSync: (parameters: ResolveGroupSyncParameters) => Promise<ResolveGroupSyncReturnType>
  /** Keeps the block hash that draws a group's spares; anyone may do it. */
  captureSeed: (parameters: CaptureSeedParameters) => Promise<CaptureSeedReturnType>
  /** `captureSeed`, then waits for the receipt. */
  captureSeedSync: (parameters: CaptureSeedSyncParameters) => Promise<CaptureSeedSyncReturnType>
  /** Signs the result of a job of the level `attested`; nothing is sent. */
  signAttestation: (parameters: SignAttestationParameters) => Promise<SignAttestationReturnType>
}

/** What no role has to itself: to move one's own money in and out, and to move jobs on whose time has come. */
export function anyoneActions(options: MarketParameter = {}): (client: ClientWithMarket) => AnyoneActions {
  return (client) => ({
    deposit: (parameters) => deposit(client, { ...options, ...parameters }),
    depositSync: (parameters) => depositSync(client, { ...options, ...parameters }),
    depositWithPermit: (parameters) => depositWithPermit(client, { ...options, ...parameters }),
    depositWithPermitSync: (parameters) => depositWithPermitSync(client, { ...options, ...parameters }),
    withdraw: (parameters) => withdraw(client, { ...options, ...parameters }),
    withdrawSync: (parameters) => withdrawSync(client, { ...options, ...parameters }),
    transfer: (parameters) => transfer(client, { ...options, ...parameters }),
    transferSync: (parameters) => transferSync(client, { ...options, ...parameters }),
    settle: (parameters) => settle(client, { ...options, ...parameters }),
    settleSync: (parameters) => settleSync(client, { ...options, ...parameters }),
    settleMany: (parameters) => settleMany(client, { ...options, ...parameters }),
    settleManySync: (parameters) => settleManySync(client, { ...options, ...parameters }),
    fail: (parameters) => fail(client, { ...options, ...parameters }),
    failSync: (parameters) => failSync(client, { ...options, ...parameters }),
    collectFees: (parameters) => collectFees(client, { ...options, ...parameters }),
    collectFeesSync: (parameters) => collectFeesSync(client, { ...options, ...parameters }),
    failMany: (parameters) => failMany(client, { ...options, ...parameters }),
    failManySync: (parameters) => failManySync(client, { ...options, ...parameters }),
    cancelNonces: (parameters) => cancelNonces(client, { ...options, ...parameters }),
    cancelNoncesSync: (parameters) => cancelNoncesSync(client, { ...options, ...parameters }),
    attest: (parameters) => attest(client, { ...options, ...parameters }),
    attestSync: (parameters) => attestSync(client, { ...options, ...parameters }),
    resolveGroup: (parameters) => resolveGroup(client, { ...options, ...parameters }),
    resolveGroupSync: (parameters) => resolveGroupSync(client, { ...options, ...parameters }),
    captureSeed: (parameters) => captureSeed(client, { ...options, ...parameters }),
    captureSeedSync: (parameters) => captureSeedSync(client, { ...options, ...parameters }),
    signAttestation: (parameters) => signAttestation(client, { ...options, ...parameters }),
  })
}
