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
    /// @notice A job as it is stored, unpacked.
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
        address provider; // zero until claimed
        uint256 price; // fixed by the claim, zero before
        uint256 bond; // zero until claimed
        uint256 runBy; // while Claimed or Overdue, else zero
        uint256 submittedAt; // zero until submitted
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

    event JobPosted(bytes32 indexed jobId, address indexed requester, JobTerms terms);
    event JobCancelled(bytes32 indexed jobId, address indexed requester, uint256 refund);
    event JobClaimed(bytes32 indexed jobId, address indexed provider, uint256 price, uint256 bond);
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
    event ChallengeCountChanged(bytes32 indexed jobId, uint256 openChallenges);
    event JobRejected(
        bytes32 indexed jobId,
        address indexed provider,
        address indexed hook,
        uint256 toRequester,
        uint256 toHook,
        uint256 toReserve
    );

    /// @notice The id that `requester` gets for `terms` on this chain and market.
    function jobIdOf(address requester, JobTerms calldata terms) external view returns (bytes32);

    /// @notice Everything stored about a job. All zero with status `None` for an unknown id.
    function getJob(bytes32 jobId) external view returns (JobView memory);

    /// @notice Where the job stands now.
    function statusOf(bytes32 jobId) external view returns (JobStatus);

    /// @notice What a claim by `provider` would get and lock now; reverts exactly as {claim} would.
    function quoteClaim(bytes32 jobId, address provider) external view returns (uint256 price, uint256 bond);

    /// @notice Posts a job and moves its maximum price from the caller's balance to escrow.
    /// @dev Emits {JobPosted}. The auction starts now.
    /// Requirements:
    /// - Posting must not be paused; the level must be offered; the terms must be new for this requester.
    /// - 1 ≤ maxPrice ≤ balance; minBps ≤ 10,000; ramp ≤ 30 days; minRun ≤ run ≤ 30 days; minWindow ≤ window ≤ 30 days;
    ///   now ≤ claimBy ≤ now + 30 days; 1 ≤ tasks; 1 ≤ stepLimit ≤ 2^44; maxOutput ≤ 2^30; 1 ≤ maxPages ≤ 16,384.
    /// - The upper 28 bits of `terms.rules` must be zero.
    /// - `dataUri` has at most 2,048 bytes, all of them ASCII.
    function post(JobTerms calldata terms) external returns (bytes32 jobId);

    /// @notice {post} for each of `terms`, all or none.
    function postMany(JobTerms[] calldata terms) external returns (bytes32[] memory jobIds);

    /// @notice Takes an unclaimed job back: its requester at any time, anyone after `claimBy`. The escrow returns in
    /// full.
    /// @dev Emits {JobCancelled}.
    function cancel(bytes32 jobId) external;

    /// @notice Claims a job for the caller at the auction's price of this moment and locks the caller's bond for it.
    /// What the requester escrowed above the price returns at once.
    /// @dev Emits {JobClaimed}.
    /// Requirements:
    /// - The job must be `Open`; the caller's resources and reputation at least the job's floors.
    /// - The caller's active claims below its declared concurrency, its free stake at least the bond, its locked
    ///   stake with the bond at most its exposure limit.
    function claim(bytes32 jobId) external;

    /// @notice Gives a claim back in the first quarter of its run time, for 2 % of the price. The escrow returns in
    /// full.
    /// @dev Emits {JobReleased}.
    /// Requirements:
    /// - The caller must be the job's provider and the job `Claimed`.
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

    /// @notice Pays the provider after the challenge window. Callable by anyone.
    /// @dev Emits {JobSettled}.
    /// Requirements:
    /// - The job must be `Settleable`; for levels other than Optimistic its hook must call the result final.
    function settle(bytes32 jobId) external;

    /// @notice {settle} for each job that can be; emits {SettleSkipped} for every other, with its status.
    function settleMany(bytes32[] calldata jobIds) external;

    /// @notice Ends a claim whose provider submitted nothing by `runBy`. The escrow returns in full; the bond pays for
    /// lateness. Callable by anyone, the caller is the keeper.
    /// @dev Emits {JobFailed}.
    /// Requirements:
    /// - The job must be `Overdue`.
    function fail(bytes32 jobId) external;

    /// @notice Counts one more open challenge. Only the job's hook, inside the challenge window.
    /// @dev Emits {ChallengeCountChanged}.
    function challengeOpened(bytes32 jobId) external;

    /// @notice Counts one open challenge less. Only the job's hook.
    /// @dev Emits {ChallengeCountChanged}.
    function challengeClosed(bytes32 jobId) external;

    /// @notice Rejects a result that was proven wrong: the escrow returns in full, the bond is slashed. Only the
    /// job's hook, with a challenge open. The hook's part arrives in the hook's own balance, for it to hand on.
    /// @param moves What the deciding challenger's moves cost, in units.
    /// @dev Emits {JobRejected}.
    function reject(bytes32 jobId, uint256 moves) external;
}
