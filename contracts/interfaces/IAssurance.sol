// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobTerms } from "../types/JobTerms.sol";

/// @title What the market asks the contract behind an assurance level
/// @notice An Optimistic job never calls its hook. The hook of level 0 is the dispute game: it may call
/// {IJobMarket.challengeOpened}, {IJobMarket.challengeClosed} and {IJobMarket.reject} for jobs of every level that is
/// not mediated, as may the level's own hook.
/// @dev The caller is the market: one hook may serve several, each in a space of its own.
interface IAssurance {
    /// @notice Whether the result of `jobId` stands for good. Asked when a job of a level other than Optimistic is
    /// settled.
    /// @param windowEnd The last second of the job's challenge window; an answer of yes before then ends it early.
    /// @dev Must become true, or the job must have been rejected, as time passes, whatever anyone does. A call that
    /// reverts counts as no, and so does an answer that is no bool, or none.
    function isFinal(bytes32 jobId, uint256 windowEnd) external view returns (bool);
}

/// @title What the market tells the hook of a mediated level
/// @notice The hook decides who may claim, and ends each claim by {IJobMarket.conclude}. Revert to refuse.
interface IMediator {
    /// @notice A job was posted and paid for.
    function jobPosted(bytes32 jobId, address requester, JobTerms calldata terms) external;

    /// @notice `provider` claimed the job and locked its bond.
    /// @dev Whatever happens after, the claim must be concluded as time passes, by anyone's call.
    function jobClaimed(bytes32 jobId, address provider) external;
}
