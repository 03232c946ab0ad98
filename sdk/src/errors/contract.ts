import type { ContractErrorArgs, ContractErrorName, Hex } from 'viem'
import { decodeErrorResult, hexToString } from 'viem'
import { assayTokenAbi, jobMarketAbi } from '../abis.ts'
import { decodeResources } from '../utils/resources.ts'
import { decodeJobStatus } from '../utils/status.ts'
import {
  OwnableInvalidOwnerError,
  OwnableUnauthorizedAccountError,
  ReentrancyGuardReentrantCallError,
  SafeERC20FailedOperationError,
} from './access.ts'
import {
  AccountInsufficientBalanceError,
  AccountInsufficientStakeError,
  AccountOverflowError,
} from './account.ts'
import type { ContractError, ContractErrorContext } from './contractError.ts'
import {
  LedgerCapacityExceededError,
  LedgerInvalidRecipientError,
  LedgerNothingToCollectError,
  LedgerReceivedWrongAmountError,
  LedgerZeroAmountError,
} from './ledger.ts'
import {
  JobMarketChallengeOpenError,
  JobMarketDeadlinePassedError,
  JobMarketJobExistsError,
  JobMarketLevelNotOfferedError,
  JobMarketNotFinalError,
  JobMarketNotHookError,
  JobMarketNotProviderError,
  JobMarketNotRequesterError,
  JobMarketPostingPausedError,
  JobMarketTooEarlyError,
  JobMarketTooManyChallengesError,
  JobMarketWrongStatusError,
} from './market.ts'
import { ParameterSetsExhaustedError, ParameterSetUnknownError, ValueOutOfRangeError } from './parameters.ts'
import {
  ProvidersConcurrencyReachedError,
  ProvidersEndpointTooLongError,
  ProvidersExposureExceededError,
  ProvidersReputationTooLowError,
  ProvidersResourcesTooLowError,
} from './providers.ts'
import {
  ECDSAInvalidSignatureError,
  ECDSAInvalidSignatureLengthError,
  ECDSAInvalidSignatureSError,
  ERC20InsufficientAllowanceError,
  ERC20InsufficientBalanceError,
  ERC20InvalidApproverError,
  ERC20InvalidReceiverError,
  ERC20InvalidSenderError,
  ERC20InvalidSpenderError,
  ERC2612ExpiredSignatureError,
  ERC2612InvalidSignerError,
  InvalidAccountNonceError,
  InvalidShortStringError,
  StringTooLongError,
} from './token.ts'

type Abi = [...typeof jobMarketAbi, ...typeof assayTokenAbi]
type Name = ContractErrorName<Abi>
type Constructors = {
  [name in Name]: (args: ContractErrorArgs<Abi, name>, context: ContractErrorContext) => ContractError
}

const abi = [...jobMarketAbi, ...assayTokenAbi] as const

/** How each error of the ABIs becomes its class. The type asks for all of them. */
const constructors: Constructors = {
  AccountInsufficientBalance: ([available, required], c) =>
    new AccountInsufficientBalanceError({ available, required, ...c }),
  AccountInsufficientStake: ([available, required], c) =>
    new AccountInsufficientStakeError({ available, required, ...c }),
  AccountOverflow: ([value], c) => new AccountOverflowError({ value, ...c }),
  JobMarketChallengeOpen: ([jobId, open], c) =>
    new JobMarketChallengeOpenError({ jobId, openChallenges: Number(open), ...c }),
  JobMarketDeadlinePassed: ([jobId, deadline, time], c) =>
    new JobMarketDeadlinePassedError({ jobId, deadline: Number(deadline), time: Number(time), ...c }),
  JobMarketJobExists: ([jobId], c) => new JobMarketJobExistsError({ jobId, ...c }),
  JobMarketLevelNotOffered: ([level, id], c) =>
    new JobMarketLevelNotOfferedError({ level: Number(level), parametersId: Number(id), ...c }),
  JobMarketNotFinal: ([jobId, hook], c) => new JobMarketNotFinalError({ jobId, hook, ...c }),
  JobMarketNotHook: ([jobId, caller, hook], c) => new JobMarketNotHookError({ jobId, caller, hook, ...c }),
  JobMarketNotProvider: ([jobId, caller, provider], c) =>
    new JobMarketNotProviderError({ jobId, caller, provider, ...c }),
  JobMarketNotRequester: ([jobId, caller, requester], c) =>
    new JobMarketNotRequesterError({ jobId, caller, requester, ...c }),
  JobMarketPostingPaused: (_, c) => new JobMarketPostingPausedError(c),
  JobMarketTooEarly: ([jobId, notBefore, time], c) =>
    new JobMarketTooEarlyError({ jobId, notBefore: Number(notBefore), time: Number(time), ...c }),
  JobMarketTooManyChallenges: ([jobId, max], c) =>
    new JobMarketTooManyChallengesError({ jobId, max: Number(max), ...c }),
  JobMarketWrongStatus: ([jobId, actual, expected], c) =>
    new JobMarketWrongStatusError({
      jobId,
      actual: decodeJobStatus(actual),
      expected: decodeJobStatus(expected),
      ...c,
    }),
  LedgerCapacityExceeded: ([held, amount, capacity], c) =>
    new LedgerCapacityExceededError({ held, amount, capacity, ...c }),
  LedgerInvalidRecipient: ([to], c) => new LedgerInvalidRecipientError({ to, ...c }),
  LedgerNothingToCollect: (_, c) => new LedgerNothingToCollectError(c),
  LedgerReceivedWrongAmount: ([received, expected], c) =>
    new LedgerReceivedWrongAmountError({ received, expected, ...c }),
  LedgerZeroAmount: (_, c) => new LedgerZeroAmountError(c),
  OwnableInvalidOwner: ([owner], c) => new OwnableInvalidOwnerError({ owner, ...c }),
  OwnableUnauthorizedAccount: ([account], c) => new OwnableUnauthorizedAccountError({ account, ...c }),
  ParameterSetUnknown: ([id, count], c) => new ParameterSetUnknownError({ id, count, ...c }),
  ParameterSetsExhausted: ([count], c) => new ParameterSetsExhaustedError({ count, ...c }),
  ProvidersConcurrencyReached: ([provider, active, concurrency], c) =>
    new ProvidersConcurrencyReachedError({
      provider,
      active: Number(active),
      concurrency: Number(concurrency),
      ...c,
    }),
  ProvidersEndpointTooLong: ([length, max], c) =>
    new ProvidersEndpointTooLongError({ length: Number(length), max: Number(max), ...c }),
  ProvidersExposureExceeded: ([provider, locked, bond, limit], c) =>
    new ProvidersExposureExceededError({ provider, locked, bond, limit, ...c }),
  ProvidersReputationTooLow: ([provider, reputation, required], c) =>
    new ProvidersReputationTooLowError({ provider, reputation, required, ...c }),
  ProvidersResourcesTooLow: ([provider, offered, required], c) =>
    new ProvidersResourcesTooLowError({
      provider,
      offered: decodeResources(offered),
      required: decodeResources(required),
      ...c,
    }),
  ReentrancyGuardReentrantCall: (_, c) => new ReentrancyGuardReentrantCallError(c),
  SafeERC20FailedOperation: ([token], c) => new SafeERC20FailedOperationError({ token, ...c }),
  ValueOutOfRange: ([field, value, min, max], c) =>
    new ValueOutOfRangeError({ field: hexToString(field).replace(/\0+$/, ''), value, min, max, ...c }),
  ECDSAInvalidSignature: (_, c) => new ECDSAInvalidSignatureError(c),
  ECDSAInvalidSignatureLength: ([length], c) => new ECDSAInvalidSignatureLengthError({ length, ...c }),
  ECDSAInvalidSignatureS: ([s], c) => new ECDSAInvalidSignatureSError({ s, ...c }),
  ERC20InsufficientAllowance: ([spender, allowance, needed], c) =>
    new ERC20InsufficientAllowanceError({ spender, allowance, needed, ...c }),
  ERC20InsufficientBalance: ([sender, balance, needed], c) =>
    new ERC20InsufficientBalanceError({ sender, balance, needed, ...c }),
  ERC20InvalidApprover: ([approver], c) => new ERC20InvalidApproverError({ approver, ...c }),
  ERC20InvalidReceiver: ([receiver], c) => new ERC20InvalidReceiverError({ receiver, ...c }),
  ERC20InvalidSender: ([sender], c) => new ERC20InvalidSenderError({ sender, ...c }),
  ERC20InvalidSpender: ([spender], c) => new ERC20InvalidSpenderError({ spender, ...c }),
  ERC2612ExpiredSignature: ([deadline], c) =>
    new ERC2612ExpiredSignatureError({ deadline: Number(deadline), ...c }),
  ERC2612InvalidSigner: ([signer, owner], c) => new ERC2612InvalidSignerError({ signer, owner, ...c }),
  InvalidAccountNonce: ([account, currentNonce], c) =>
    new InvalidAccountNonceError({ account, currentNonce, ...c }),
  InvalidShortString: (_, c) => new InvalidShortStringError(c),
  StringTooLong: ([value], c) => new StringTooLongError({ value, ...c }),
}

/** Names of the contract errors that have a class. */
export const contractErrorNames = Object.keys(constructors) as Name[]

/** The error that a contract returned, as its class; undefined for bytes that are none of the market or its token. */
export function decodeErrorData(data: Hex, context: ContractErrorContext = {}): ContractError | undefined {
  try {
    const { errorName, args } = decodeErrorResult({ abi, data })
    const construct = constructors[errorName as Name] as
      | ((args: readonly unknown[], context: ContractErrorContext) => ContractError)
      | undefined
    return construct?.(args ?? [], context)
  } catch {
    // A selector that the ABIs do not have, or arguments that do not decode.
    return undefined
  }
}
