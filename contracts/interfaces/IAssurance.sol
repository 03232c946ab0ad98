// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the market asks the contract behind an assurance level
/// @notice A hook may also call {IJobMarket.challengeOpened}, {IJobMarket.challengeClosed} and {IJobMarket.reject}
/// for jobs of its level. An Optimistic job without a challenge never calls its hook.
interface IAssurance {
    /// @notice Whether the result of `jobId` stands for good. Asked when a job of a level other than Optimistic is
    /// settled.
    /// @dev Must become true, or the job must have been rejected, as time passes, whatever anyone does. A call that
    /// reverts counts as no, and so does an answer that is no bool, or none.
    function isFinal(bytes32 jobId) external view returns (bool);
}
