// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Level, Parameters } from "../types/Parameters.sol";
import { IGoverned } from "./IGoverned.sol";

/// @title The rules of the market, append-only
/// @notice A set never changes; a job keeps the one that was current when it was posted. The timelock may add sets
/// inside the bounds written here, the guardian may pause *new* jobs; nothing else depends on them.
interface IParameterSets is IGoverned {
    error ParameterSetUnknown(uint256 id, uint256 count);
    error ParameterSetsExhausted(uint256 count);
    error ParameterSetHookWithoutCode(uint256 level, address hook);

    event ParametersAdded(uint256 indexed id, Parameters parameters, Level[] levels);
    event PostingPaused(address indexed by);
    event PostingResumed(address indexed by);

    /// @notice The set that jobs posted now will keep, and whether posting is paused.
    function currentParameters() external view returns (uint256 id, bool paused);

    /// @notice The set `id`.
    function parametersOf(uint256 id) external view returns (Parameters memory);

    /// @notice The contract that decides jobs of assurance level `level` under set `id`, zero where there is none, and
    /// whether it opens and ends their claims itself.
    function levelOf(uint256 id, uint256 level) external view returns (address hook, bool isMediated);

    /// @notice Adds a set and makes it current. Only the timelock.
    /// @param levels Who decides each assurance level, from 0 on; a zero hook where the level is not offered
    /// (Optimistic always is; its hook is the dispute game, which may also challenge jobs of levels that are not
    /// mediated).
    /// @dev Emits {ParametersAdded}.
    /// Requirements: every field within its bound:
    /// - `feeBps` ≤ 1,000; 2,000 ≤ `bondBps` ≤ 50,000; `surchargeBps` ≤ 30,000; `latenessBps` ≤ 2,000.
    /// - 1 ≤ `minRun`, `minWindow` ≤ 7 days; `lateRequesterGas` + `lateKeeperGas` ≤ `minBond`;
    ///   1 ≤ `keyTime` ≤ 1 day; at most 16 levels.
    /// - Every hook that is not zero has code: jobs of a level whose hook has none could never be posted or settled.
    function addParameters(Parameters calldata parameters, Level[] calldata levels) external returns (uint256 id);

    /// @notice Stops new jobs; nothing else. Only the guardian or the timelock.
    function pausePosting() external;

    /// @notice Lets jobs be posted again. Only the guardian or the timelock.
    function resumePosting() external;
}
