// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobStatus } from "../types/JobStatus.sol";
import { JobTerms } from "../types/JobTerms.sol";
import { Resources } from "../types/Resources.sol";
import { ILedger } from "./ILedger.sol";
import { IParameterSets } from "./IParameterSets.sol";
import { IProviders } from "./IProviders.sol";

/// @title The job market
/// @notice Escrows the price of jobs, lets providers claim, submit and be paid, and lets anyone move a job on when a
/// deadline has passed. A call at `t ≤ deadline` is in time, at `t > deadline` it is late. Amounts are in units
/// ({ILedger}).
interface IJobMarket is ILedger, IParameterSets, IProviders {
    /// @notice A job as it is stored, unpacked. A signed job keeps no more than what binds after its claim: postedAt,
    /// claimBy, tasks, minBps, ramp, minReputation, floor and isPrivate read zero, they stand in its {JobPosted}.
    struct JobView {
        JobStatus status; // derived from the words below and the time
        address requester;
        uint256 postedAt;
        uint256 claimBy;
        uint256 tasks;
        uint256 maxPrice;
        uint256 minBps;
        uint256 ramp;
        uint256 run;
        uint256 window;
        uint256 minReputation;
        Resources floor;
        uint256 level;
        uint256 parametersId;
        uint256 feeBps;
        bool isPrivate;
        bool isSigned; // agreed by signature
        uint256 meteredBps; // share of the price paid by step, zero for a fixed price
        uint256 stepBudget; // steps that are paid the whole of it; zero unless metered
        uint256 steps; // those submitted, at most the budget; zero unless metered
        address provider; // zero until claimed
        uint256 price; // fixed by the claim, zero before
        uint256 bond; // zero until claimed
        uint256 keyBy; // while AwaitingKey or Keyless, else zero
        uint256 runBy; // while Claimed or Overdue, else zero
        uint256 submittedAt; // when the result stood; zero before
        uint256 openChallenges;
        bytes32 resultCommitment; // keccak256(resultRoot ‖ uint128 totalSteps), zero until submitted
    }

    error JobMarketPostingPaused();
    error JobMarketLevelNotOffered(uint256 level, uint256 parametersId);
    error JobMarketJobExists(bytes32 jobId);
    error JobMarketWrongStatus(bytes32 jobId, JobStatus actual, JobStatus expected);
    error JobMarketNotRequester(bytes32 jobId, address caller, address requester);
    error JobMarketNotProvider(bytes32 jobId, address caller, address provider);
    error JobMarketDeadlinePassed(bytes32 jobId, uint256 deadline, uint256 time);
    error JobMarketTooEarly(bytes32 jobId, uint256 notBefore, uint256 time);
    error JobMarketChallengeOpen(bytes32 jobId, uint256 openChallenges);
    error JobMarketTooManyChallenges(bytes32 jobId, uint256 max);
    error JobMarketNotHook(bytes32 jobId, address caller, address hook);
    error JobMarketNotFinal(bytes32 jobId, address hook);
    error JobMarketPayTooHigh(bytes32 jobId, uint256 payBps, uint256 max);
    error JobMarketOutOfGas(uint256 index);

    event JobPosted(bytes32 indexed jobId, address indexed requester, JobTerms terms);
    event PostRefused(address indexed requester, uint256 index, bytes reason);
    event JobCancelled(bytes32 indexed jobId, address indexed requester, uint256 refund);
    event JobClaimed(bytes32 indexed jobId, address indexed provider, uint256 price, uint256 bond);
    event KeyDelivered(bytes32 indexed jobId, address indexed provider, bytes key);
    event JobReleased(bytes32 indexed jobId, address indexed provider, uint256 penalty);
    event ResultSubmitted(bytes32 indexed jobId, address indexed provider, bytes32 resultRoot, uint256 totalSteps);
    event JobSettled(bytes32 indexed jobId, address indexed provider, uint256 pay, uint256 fee);
    event SettleSkipped(bytes32 indexed jobId, JobStatus status);
    event JobFailed(
        bytes32 indexed jobId,
        address indexed provider,
        address indexed keeper,
        uint256 toRequester,
        uint256 toKeeper,
        uint256 toReserve
    );
    event FailSkipped(bytes32 indexed jobId, JobStatus status);
    event ChallengeCountChanged(bytes32 indexed jobId, uint256 openChallenges);
    event JobRejected(
        bytes32 indexed jobId,
        address indexed provider,
        address indexed hook,
        uint256 toRequester,
        uint256 toHook,
        uint256 toReserve
    );
    event SeatConcluded(
        bytes32 indexed jobId,
        address indexed provider,
        JobStatus status,
        bytes32 resultCommitment,
        uint256 pay,
        uint256 fee,
        uint256 slash
    );
    event BondFrozen(bytes32 indexed jobId, address indexed provider, uint256 bond);

    /// @notice The id that `requester` gets for `terms` on this chain and market.
    function jobIdOf(address requester, JobTerms calldata terms) external view returns (bytes32);

    /// @notice Everything stored about a job. All zero with status `None` for an unknown id.
    function getJob(bytes32 jobId) external view returns (JobView memory);

    /// @notice Where the job stands now.
    function statusOf(bytes32 jobId) external view returns (JobStatus);

    /// @notice What a claim by `provider` would get and lock now; reverts as {claim} would, but for what the hook of a
    /// mediated level refuses.
    function quoteClaim(bytes32 jobId, address provider) external view returns (uint256 price, uint256 bond);

    /// @notice Posts a job and moves its maximum price from the caller's balance to escrow.
    /// @dev Emits {JobPosted}. The auction starts now. A mediated level's hook is told, and may refuse.
    /// Requirements:
    /// - Posting must not be paused; the level must be offered; the terms must be new for this requester.
    /// - 1 ≤ maxPrice ≤ balance; minBps ≤ 10,000; ramp ≤ 30 days; minRun ≤ run ≤ 30 days; minWindow ≤ window ≤ 30 days;
    ///   now ≤ claimBy ≤ now + 30 days; 1 ≤ tasks; 1 ≤ stepLimit ≤ 2^44; maxOutput ≤ 2^30; 1 ≤ maxPages ≤ 16,384;
    ///   meteredBps ≤ 10,000.
    /// - The upper 28 bits of `terms.rules` must be zero, or name the current set and its fee.
    /// - `assurance` must be zero for an Optimistic job; a job of a mediated level is neither metered nor private.
    /// - `dataUri` has at most 2,048 bytes, all of them ASCII.
    function post(JobTerms calldata terms) external returns (bytes32 jobId);

    /// @notice {post} for each of `terms` that can be; emits {PostRefused} with the error for every other, whose id
    /// reads zero.
    /// @dev Reverts where one runs out of gas.
    function postMany(JobTerms[] calldata terms) external returns (bytes32[] memory jobIds);

    /// @notice Takes an unclaimed job back: its requester at any time, anyone after `claimBy`. The escrow returns in
    /// full.
    /// @dev Emits {JobCancelled}.
    /// Notes:
    /// - Until `claimBy`, a job of a mediated level is taken back by its hook only.
    function cancel(bytes32 jobId) external;

    /// @notice Claims a job for the caller at the auction's price of this moment and locks the caller's bond for it.
    /// What the requester escrowed above the price returns at once.
    /// @dev Emits {JobClaimed}.
    /// Requirements:
    /// - The job must be `Open`; the caller's resources and reputation at least the job's floors.
    /// - The caller's active claims below its declared concurrency, its free stake at least the bond, its locked
    ///   stake with the bond at most its exposure limit.
    function claim(bytes32 jobId) external;

    /// @notice Posts a job that `requester` signed as a request, and claims it for the caller at its whole price.
    /// @param isOpen Whether the request names no provider: whoever comes first may take it.
    /// @dev Emits {JobPosted} and {JobClaimed}. The job stores three words instead of four.
    /// Requirements:
    /// - Those of {post} for the requester and of {claim} for the caller.
    /// - The price is fixed (minBps = 10,000) and has at most 40 significant bits; the level is not mediated.
    /// - The signature is the requester's, or its contract's (ERC-1271); the nonce was not spent.
    function claimSigned(
        address requester,
        bool isOpen,
        JobTerms calldata terms,
        bytes calldata signature
    ) external returns (bytes32 jobId);

    /// @notice Posts a job of the caller that `provider` signed as an offer, and claims it for that provider.
    /// @param isOpen Whether the offer names no requester.
    /// @dev As {claimSigned} with the parts exchanged.
    function acceptOffer(
        address provider,
        bool isOpen,
        JobTerms calldata terms,
        bytes calldata signature
    ) external returns (bytes32 jobId);

    /// @notice Hands the key of a private job's data to its provider; the run time counts from now. Only the requester.
    /// @param key The data key, wrapped for the provider's `encryptionKey`; 1 to 512 bytes, only emitted.
    /// @dev Emits {KeyDelivered}.
    /// Requirements:
    /// - The job must be `AwaitingKey` and `keyBy` not passed.
    function deliverKey(bytes32 jobId, bytes calldata key) external;

    /// @notice Gives a claim back in the first quarter of its run time, for 2 % of the price; the caller must be its
    /// provider. A claim that got no key by `keyBy` is given back for nothing, by anyone. The escrow returns in full.
    /// @dev Emits {JobReleased}.
    /// Requirements:
    /// - The job must be `Claimed` or `Keyless`.
    function release(bytes32 jobId) external;

    /// @notice Submits the root over all task results and starts the challenge window.
    /// @param resultRoot Root of the result sum tree.
    /// @param totalSteps Sum of the steps of all tasks.
    /// @dev Emits {ResultSubmitted}.
    /// Notes:
    /// - A submission is final; a second call reverts.
    /// Requirements:
    /// - The caller must be the job's provider, the job `Claimed` and `runBy` not passed.
    function submit(bytes32 jobId, bytes32 resultRoot, uint128 totalSteps) external;

    /// @notice Ends the challenge window early and pays the provider. Only the requester.
    /// @dev Emits {JobSettled}.
    /// Requirements:
    /// - The job must be submitted, without an open challenge.
    function accept(bytes32 jobId) external;

    /// @notice Pays the provider once the result stands for good. Callable by anyone.
    /// @dev Emits {JobSettled}. Of a metered job the requester gets back what was not used.
    /// Requirements:
    /// - The job must be `Settleable`: submitted, no challenge open, and the challenge window over or, for levels other
    ///   than Optimistic, called final by its hook.
    function settle(bytes32 jobId) external;

    /// @notice {settle} for each job that can be; emits {SettleSkipped} for every other, with its status.
    function settleMany(bytes32[] calldata jobIds) external;

    /// @notice Ends a claim whose provider submitted nothing by `runBy`. The escrow returns in full; the bond pays for
    /// lateness. Callable by anyone, the caller is the keeper.
    /// @dev Emits {JobFailed}.
    /// Requirements:
    /// - The job must be `Overdue`.
    function fail(bytes32 jobId) external;

    /// @notice {fail} for each job that can be; emits {FailSkipped} for every other, with its status.
    function failMany(bytes32[] calldata jobIds) external;

    /// @notice Counts one more open challenge. Only the dispute game or the level's hook, inside the challenge window.
    /// @return provider Whose result is challenged.
    /// @return resultCommitment The result, as in {JobView}.
    /// @return open The challenges that were open before this one.
    /// @dev Emits {ChallengeCountChanged}.
    function challengeOpened(bytes32 jobId) external returns (address provider, bytes32 resultCommitment, uint256 open);

    /// @notice Counts one open challenge less. Only the dispute game or the level's hook.
    /// @dev Emits {ChallengeCountChanged}.
    function challengeClosed(bytes32 jobId) external;

    /// @notice Rejects a result that was proven wrong: the escrow returns in full, the bond is slashed. Only the
    /// dispute game or the level's hook, with a challenge open. The hook's part arrives in the hook's own balance, for
    /// it to hand on.
    /// @param moves What the deciding challenger's moves cost, in units.
    /// @return toHook What the hook's balance was credited.
    /// @return open The challenges that were open, the deciding one among them.
    /// @dev Emits {JobRejected}.
    function reject(bytes32 jobId, uint256 moves) external returns (uint256 toHook, uint256 open);

    /// @notice Ends a seat, a claim under a mediated level. Only that level's hook.
    /// @param resultCommitment The result that stands, for whoever submitted it; zero for a seat without.
    /// @param payBps What is paid, of the price; the rest returns to the requester.
    /// @param isSlashed Whether the seat loses min(price, bond), all of it to the reserve, and counts as a fault.
    /// @dev Emits {SeatConcluded}. Ends as `Rejected` where slashed, else as `Settled` with a result, else `Released`.
    function conclude(bytes32 jobId, bytes32 resultCommitment, uint256 payBps, bool isSlashed) external;

    /// @notice Unlocks nine tenths of a seat's bond. Only its level's hook.
    /// @dev Emits {BondFrozen}.
    function freezeBond(bytes32 jobId) external;
}
