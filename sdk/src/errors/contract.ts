import type { ContractErrorArgs, ContractErrorName, Hex } from 'viem'
import { decodeErrorResult, hexToString } from 'viem'
import {
  assayTokenAbi,
  attestationAbi,
  disputeGameAbi,
  jobMarketAbi,
  replicationAbi,
  timelockAbi,
} from '../abis.ts'
import { groupPhases } from '../types/replication.ts'
import { decodeResources } from '../utils/resources.ts'
import { decodeJobStatus } from '../utils/status.ts'
import { ReentrancyGuardReentrantCallError, SafeERC20FailedOperationError } from './access.ts'
import {
  AccountInsufficientBalanceError,
  AccountInsufficientStakeError,
  AccountOverflowError,
} from './account.ts'
import {
  AgreementNonceSpentError,
  AgreementWrongSignatureError,
  JobAgreementPriceTooFineError,
} from './agreements.ts'
import {
  AttestationNoResultError,
  AttestationUnknownAttesterError,
  AttestationWrongListError,
  AttestationWrongSignatureError,
} from './attestation.ts'
import type { ContractError, ContractErrorContext } from './contractError.ts'
import {
  AddressEmptyCodeError,
  DisputeBondTooSmallError,
  DisputeChallengerLateError,
  DisputeClaimNotRejectedError,
  DisputeClaimRejectedError,
  DisputeGameExistsError,
  DisputeNodeNotPostedError,
  DisputeNodePostedError,
  DisputeNotProviderError,
  DisputeProviderLateError,
  DisputeTooEarlyError,
} from './dispute.ts'
import {
  BinaryTreeTaskCountError,
  DisputeNoTaskError,
  DisputeWrongDataError,
  DisputeWrongDataSizeError,
  DisputeWrongInputError,
  DisputeWrongLevelError,
  DisputeWrongNodeError,
  DisputeWrongPositionError,
  DisputeWrongPostingError,
  DisputeWrongProgramError,
  DisputeWrongProofError,
  DisputeWrongProofSizeError,
  DisputeWrongResultError,
  DisputeWrongSegmentError,
  DisputeWrongTermsError,
  ResultTreeRowSizeError,
} from './disputeProofs.ts'
import {
  AccessControlBadConfirmationError,
  AccessControlUnauthorizedAccountError,
  FailedCallError,
  GovernedNotGuardianError,
  GovernedNotTimelockError,
  TimelockInsufficientDelayError,
  TimelockInvalidOperationLengthError,
  TimelockUnauthorizedCallerError,
  TimelockUnexecutedPredecessorError,
  TimelockUnexpectedOperationStateError,
} from './governance.ts'
import {
  LedgerCapacityExceededError,
  LedgerInvalidRecipientError,
  LedgerNothingToCollectError,
  LedgerReceivedWrongAmountError,
  LedgerTransferRefusedError,
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
  JobMarketOutOfGasError,
  JobMarketPayTooHighError,
  JobMarketPostingPausedError,
  JobMarketTooEarlyError,
  JobMarketTooManyChallengesError,
  JobMarketWrongStatusError,
} from './market.ts'
import {
  ParameterSetHookWithoutCodeError,
  ParameterSetsExhaustedError,
  ParameterSetUnknownError,
  ValueOutOfRangeError,
} from './parameters.ts'
import {
  ProvidersConcurrencyReachedError,
  ProvidersEndpointTooLongError,
  ProvidersExposureExceededError,
  ProvidersReputationTooLowError,
  ProvidersResourcesTooLowError,
} from './providers.ts'
import {
  ReplicationAlreadySeatedError,
  ReplicationCommittedError,
  ReplicationDeadlinePassedError,
  ReplicationNotDrawnError,
  ReplicationNotFilledError,
  ReplicationNotPostedError,
  ReplicationNotProviderError,
  ReplicationNotRequesterError,
  ReplicationPostedError,
  ReplicationRevealedError,
  ReplicationSeatTakenError,
  ReplicationTooEarlyError,
  ReplicationUnknownGroupError,
  ReplicationUnknownSeatError,
  ReplicationWrongPhaseError,
  ReplicationWrongRevealError,
  ReplicationWrongSizeError,
} from './replication.ts'
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

const abi = [
  ...jobMarketAbi,
  ...assayTokenAbi,
  ...attestationAbi,
  ...replicationAbi,
  ...disputeGameAbi,
  ...timelockAbi,
] as const

type Abi = typeof abi
type Name = ContractErrorName<Abi>
type Constructors = {
  [name in Name]: (args: ContractErrorArgs<Abi, name>, context: ContractErrorContext) => ContractError
}

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
  LedgerTransferRefused: ([to], c) => new LedgerTransferRefusedError({ to, ...c }),
  LedgerZeroAmount: (_, c) => new LedgerZeroAmountError(c),
  ParameterSetHookWithoutCode: ([level, hook], c) =>
    new ParameterSetHookWithoutCodeError({ level: Number(level), hook, ...c }),
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
  AccessControlUnauthorizedAccount: ([account, neededRole], c) =>
    new AccessControlUnauthorizedAccountError({ account, neededRole, ...c }),
  AccessControlBadConfirmation: (_, c) => new AccessControlBadConfirmationError(c),
  AgreementNonceSpent: ([signer, nonce], c) => new AgreementNonceSpentError({ signer, nonce, ...c }),
  AgreementWrongSignature: ([signer, digest], c) =>
    new AgreementWrongSignatureError({ signer, digest, ...c }),
  AttestationNoResult: ([jobId, status], c) =>
    new AttestationNoResultError({ jobId, status: decodeJobStatus(status), ...c }),
  AttestationUnknownAttester: ([jobId, index, count], c) =>
    new AttestationUnknownAttesterError({ jobId, index: Number(index), count: Number(count), ...c }),
  AttestationWrongList: ([jobId, actual, expected], c) =>
    new AttestationWrongListError({ jobId, actual, expected, ...c }),
  AttestationWrongSignature: ([jobId, attester, digest], c) =>
    new AttestationWrongSignatureError({ jobId, attester, digest, ...c }),
  DisputeBondTooSmall: ([jobId, bond, needed], c) =>
    new DisputeBondTooSmallError({ jobId, bond, needed, ...c }),
  DisputeChallengerLate: ([gameId, deadline, time], c) =>
    new DisputeChallengerLateError({ gameId, deadline: Number(deadline), time: Number(time), ...c }),
  DisputeClaimNotRejected: ([jobId], c) => new DisputeClaimNotRejectedError({ jobId, ...c }),
  DisputeClaimRejected: ([jobId], c) => new DisputeClaimRejectedError({ jobId, ...c }),
  DisputeGameExists: ([gameId], c) => new DisputeGameExistsError({ gameId, ...c }),
  DisputeNoTask: ([index, tasks], c) =>
    new DisputeNoTaskError({ index: Number(index), tasks: Number(tasks), ...c }),
  DisputeNodeNotPosted: ([nodeId], c) => new DisputeNodeNotPostedError({ nodeId, ...c }),
  DisputeNodePosted: ([nodeId], c) => new DisputeNodePostedError({ nodeId, ...c }),
  DisputeNotProvider: ([gameId, caller, provider], c) =>
    new DisputeNotProviderError({ gameId, caller, provider, ...c }),
  DisputeProviderLate: ([gameId, deadline, time], c) =>
    new DisputeProviderLateError({ gameId, deadline: Number(deadline), time: Number(time), ...c }),
  DisputeTooEarly: ([gameId, deadline, time], c) =>
    new DisputeTooEarlyError({ gameId, deadline: Number(deadline), time: Number(time), ...c }),
  DisputeWrongData: ([nodeId, hash, sum], c) => new DisputeWrongDataError({ nodeId, hash, sum, ...c }),
  DisputeWrongDataSize: ([nodeId, size, expected], c) =>
    new DisputeWrongDataSizeError({ nodeId, size: Number(size), expected: Number(expected), ...c }),
  DisputeWrongInput: ([task], c) => new DisputeWrongInputError({ task: Number(task), ...c }),
  DisputeWrongLevel: ([level, max], c) =>
    new DisputeWrongLevelError({ level: Number(level), max: Number(max), ...c }),
  DisputeWrongNode: ([nodeId], c) => new DisputeWrongNodeError({ nodeId, ...c }),
  DisputeWrongPosition: ([gameId, given, actual], c) =>
    new DisputeWrongPositionError({ gameId, given, actual, ...c }),
  DisputeWrongPosting: ([nodeId, given, actual], c) =>
    new DisputeWrongPostingError({ nodeId, given, actual, ...c }),
  DisputeWrongProgram: ([given, expected], c) => new DisputeWrongProgramError({ given, expected, ...c }),
  DisputeWrongProof: ([hash, expected], c) => new DisputeWrongProofError({ hash, expected, ...c }),
  DisputeWrongProofSize: ([size, expected], c) =>
    new DisputeWrongProofSizeError({ size: Number(size), expected: Number(expected), ...c }),
  DisputeWrongResult: ([jobId, given, submitted], c) =>
    new DisputeWrongResultError({ jobId, given, submitted, ...c }),
  DisputeWrongSegment: ([segment, segments], c) =>
    new DisputeWrongSegmentError({ segment: Number(segment), segments: Number(segments), ...c }),
  DisputeWrongTerms: ([given, expected], c) => new DisputeWrongTermsError({ given, expected, ...c }),
  BinaryTreeTaskCount: ([tasks], c) => new BinaryTreeTaskCountError({ tasks, ...c }),
  ResultTreeRowSize: ([size], c) => new ResultTreeRowSizeError({ size: Number(size), ...c }),
  AddressEmptyCode: ([target], c) => new AddressEmptyCodeError({ target, ...c }),
  FailedCall: (_, c) => new FailedCallError(c),
  GovernedNotGuardian: ([caller, guardian], c) => new GovernedNotGuardianError({ caller, guardian, ...c }),
  GovernedNotTimelock: ([caller, timelock], c) => new GovernedNotTimelockError({ caller, timelock, ...c }),
  JobAgreementPriceTooFine: ([price, multiple], c) =>
    new JobAgreementPriceTooFineError({ price, multiple, ...c }),
  JobMarketOutOfGas: ([index], c) => new JobMarketOutOfGasError({ index: Number(index), ...c }),
  JobMarketPayTooHigh: ([jobId, payBps, max], c) =>
    new JobMarketPayTooHighError({ jobId, payBps: Number(payBps), max: Number(max), ...c }),
  ReplicationAlreadySeated: ([groupId, provider], c) =>
    new ReplicationAlreadySeatedError({ groupId, provider, ...c }),
  ReplicationCommitted: ([jobId], c) => new ReplicationCommittedError({ jobId, ...c }),
  ReplicationDeadlinePassed: ([groupId, deadline, time], c) =>
    new ReplicationDeadlinePassedError({ groupId, deadline: Number(deadline), time: Number(time), ...c }),
  ReplicationNotDrawn: ([groupId, provider], c) => new ReplicationNotDrawnError({ groupId, provider, ...c }),
  ReplicationNotPosted: ([groupId, posted, expected], c) =>
    new ReplicationNotPostedError({ groupId, posted: Number(posted), expected: Number(expected), ...c }),
  ReplicationNotFilled: ([groupId, claimed, expected], c) =>
    new ReplicationNotFilledError({ groupId, claimed: Number(claimed), expected: Number(expected), ...c }),
  ReplicationNotProvider: ([jobId, caller, provider], c) =>
    new ReplicationNotProviderError({ jobId, caller, provider, ...c }),
  ReplicationNotRequester: ([groupId, caller, requester], c) =>
    new ReplicationNotRequesterError({ groupId, caller, requester, ...c }),
  ReplicationPosted: ([groupId, posted], c) =>
    new ReplicationPostedError({ groupId, posted: Number(posted), ...c }),
  ReplicationRevealed: ([jobId], c) => new ReplicationRevealedError({ jobId, ...c }),
  ReplicationSeatTaken: ([groupId, index], c) =>
    new ReplicationSeatTakenError({ groupId, index: Number(index), ...c }),
  ReplicationTooEarly: ([groupId, notBefore, time], c) =>
    new ReplicationTooEarlyError({ groupId, notBefore: Number(notBefore), time: Number(time), ...c }),
  ReplicationUnknownGroup: ([groupId], c) => new ReplicationUnknownGroupError({ groupId, ...c }),
  ReplicationUnknownSeat: ([market, jobId], c) => new ReplicationUnknownSeatError({ market, jobId, ...c }),
  ReplicationWrongPhase: ([groupId, phase], c) =>
    new ReplicationWrongPhaseError({ groupId, phase: groupPhases[phase] ?? 'none', ...c }),
  ReplicationWrongReveal: ([jobId, commitment, expected], c) =>
    new ReplicationWrongRevealError({ jobId, commitment, expected, ...c }),
  ReplicationWrongSize: ([field, size, min, max], c) =>
    new ReplicationWrongSizeError({
      field: nameOf(field),
      size: Number(size),
      min: Number(min),
      max: Number(max),
      ...c,
    }),
  TimelockInsufficientDelay: ([delay, minDelay], c) =>
    new TimelockInsufficientDelayError({ delay, minDelay, ...c }),
  TimelockInvalidOperationLength: ([targets, payloads, values], c) =>
    new TimelockInvalidOperationLengthError({ targets, payloads, values, ...c }),
  TimelockUnauthorizedCaller: ([caller], c) => new TimelockUnauthorizedCallerError({ caller, ...c }),
  TimelockUnexecutedPredecessor: ([predecessorId], c) =>
    new TimelockUnexecutedPredecessorError({ predecessorId, ...c }),
  TimelockUnexpectedOperationState: ([operationId, expectedStates], c) =>
    new TimelockUnexpectedOperationStateError({ operationId, expectedStates, ...c }),
  ValueOutOfRange: ([field, value, min, max], c) =>
    new ValueOutOfRangeError({ field: nameOf(field), value, min, max, ...c }),
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

/** The name in a `bytes32`, which zero bytes fill up. */
function nameOf(field: Hex): string {
  return hexToString(field).replace(/\0+$/, '')
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
