// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ownable2Step } from "@openzeppelin/contracts/access/Ownable2Step.sol";
import { Parameters } from "./types/Parameters.sol";
import { requireRange } from "./types/Range.sol";
import { IParameterSets } from "./interfaces/IParameterSets.sol";

/// @title ParameterSets
/// @notice Append-only, immutable sets of rules; the bounds below hold whoever governs.
abstract contract ParameterSets is IParameterSets, Ownable2Step {
    uint256 private constant MAX_FEE_BPS = 1_000;
    uint256 private constant MIN_BOND_BPS = 2_000;
    uint256 private constant MAX_BOND_BPS = 50_000;
    uint256 private constant MAX_SURCHARGE_BPS = 30_000;
    uint256 private constant MAX_LATENESS_BPS = 2_000;
    uint256 private constant MAX_MIN_TIME = 7 days;
    uint256 private constant MAX_SETS = 1 << 12;
    uint256 private constant MAX_HOOKS = 1 << 8;

    /// @dev One word with all that posting needs of the current set.
    struct Posting {
        uint16 parametersId;
        uint16 feeBps;
        uint24 minRun;
        uint24 minWindow;
        bool paused;
    }

    Posting internal _posting;
    // a mapping: an array's bound check would cost every claim a cold read
    uint256 private _count;
    mapping(uint256 id => Parameters) private _sets;
    mapping(uint256 id => mapping(uint256 level => address)) private _hooks;

    /// @inheritdoc IParameterSets
    function currentParameters() external view returns (uint256 id, bool paused) {
        return (_posting.parametersId, _posting.paused);
    }

    /// @inheritdoc IParameterSets
    function parametersOf(uint256 id) external view returns (Parameters memory) {
        require(id < _count, ParameterSetUnknown(id, _count));
        return _sets[id];
    }

    /// @inheritdoc IParameterSets
    function hookOf(uint256 id, uint256 level) external view returns (address) {
        return _hookOf(id, level);
    }

    /// @inheritdoc IParameterSets
    function addParameters(
        Parameters calldata parameters,
        address[] calldata hooks
    ) external onlyOwner returns (uint256 id) {
        return _addParameters(parameters, hooks);
    }

    /// @inheritdoc IParameterSets
    function pausePosting() external onlyOwner {
        _posting.paused = true;
        emit PostingPaused(msg.sender);
    }

    /// @inheritdoc IParameterSets
    function resumePosting() external onlyOwner {
        _posting.paused = false;
        emit PostingResumed(msg.sender);
    }

    /// @dev `id` comes from a job's snapshot, so the set exists.
    function _parametersOf(uint256 id) internal view returns (Parameters storage) {
        return _sets[id];
    }

    function _hookOf(uint256 id, uint256 level) internal view returns (address) {
        return _hooks[id][level];
    }

    function _addParameters(Parameters memory p, address[] memory hooks) internal returns (uint256 id) {
        // Check
        id = _count;
        require(id < MAX_SETS, ParameterSetsExhausted(id));
        requireRange("feeBps", p.feeBps, 0, MAX_FEE_BPS);
        requireRange("bondBps", p.bondBps, MIN_BOND_BPS, MAX_BOND_BPS);
        requireRange("surchargeBps", p.surchargeBps, 0, MAX_SURCHARGE_BPS);
        requireRange("latenessBps", p.latenessBps, 0, MAX_LATENESS_BPS);
        requireRange("minRun", p.minRun, 1, MAX_MIN_TIME);
        requireRange("minWindow", p.minWindow, 1, MAX_MIN_TIME);
        requireRange("lateGas", uint256(p.lateRequesterGas) + p.lateKeeperGas, 0, p.minBond);
        requireRange("hooks", hooks.length, 0, MAX_HOOKS);

        // Effect
        _count = id + 1;
        _sets[id] = p;
        for (uint256 level = 0; level < hooks.length; ++level) _hooks[id][level] = hooks[level];
        _posting.parametersId = uint16(id);
        _posting.feeBps = p.feeBps;
        _posting.minRun = p.minRun;
        _posting.minWindow = p.minWindow;
        emit ParametersAdded(id, p, hooks);
    }
}
