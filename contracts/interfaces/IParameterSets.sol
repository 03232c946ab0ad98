// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Parameters } from "../types/Parameters.sol";

/// @title The rules of the market, append-only
/// @notice A set never changes; a job keeps the one that was current when it was posted. The owner may add sets
/// inside the bounds written here and pause *new* jobs; nothing else depends on it.
interface IParameterSets {
    error ParameterSetUnknown(uint256 id, uint256 count);
    error ParameterSetsExhausted(uint256 count);

    event ParametersAdded(uint256 indexed id, Parameters parameters, address[] hooks);
    event PostingPaused(address indexed by);
    event PostingResumed(address indexed by);

    /// @notice The set that jobs posted now will keep, and whether posting is paused.
    function currentParameters() external view returns (uint256 id, bool paused);

    /// @notice The set `id`.
    function parametersOf(uint256 id) external view returns (Parameters memory);

    /// @notice The contract that decides jobs of assurance level `level` under set `id`; zero where there is none.
    function hookOf(uint256 id, uint256 level) external view returns (address);

    /// @notice Adds a set and makes it current. Only the owner.
    /// @param hooks The hook of each assurance level, from 0 on; zero where the level is not offered (Optimistic is
    /// always).
    /// @dev Emits {ParametersAdded}.
    /// Requirements: every field within its bound:
    /// - `feeBps` ≤ 1,000; 2,000 ≤ `bondBps` ≤ 50,000; `surchargeBps` ≤ 30,000; `latenessBps` ≤ 2,000.
    /// - 1 ≤ `minRun`, `minWindow` ≤ 7 days; `lateRequesterGas` + `lateKeeperGas` ≤ `minBond`; at most 256 hooks.
    function addParameters(Parameters calldata parameters, address[] calldata hooks) external returns (uint256 id);

    /// @notice Stops {IJobMarket.post}; nothing else. Only the owner.
    function pausePosting() external;

    /// @notice Lets jobs be posted again. Only the owner.
    function resumePosting() external;
}
