// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Governed } from "./Governed.sol";
import { IGoverned } from "./interfaces/IGoverned.sol";
import { IParameterSets } from "./interfaces/IParameterSets.sol";
import { ParameterStore } from "./libraries/ParameterStore.sol";
import { Level, Parameters } from "./types/Parameters.sol";
import { Posting } from "./types/Posting.sol";

/// @title ParameterSets
/// @notice The rules of new jobs and who may change them; {ParameterStore} has their bounds.
abstract contract ParameterSets is IParameterSets, Governed {
    Posting internal _posting;
    ParameterStore.Sets private _sets;

    modifier onlyGuardian() {
        address by = _posting.guardian();
        require(msg.sender == by || msg.sender == timelock, GovernedNotGuardian(msg.sender, by));
        _;
    }

    /// @inheritdoc IGoverned
    function guardian() external view returns (address) {
        return _posting.guardian();
    }

    /// @inheritdoc IParameterSets
    function currentParameters() external view returns (uint256 id, bool paused) {
        return (_posting.parametersId(), _posting.isPaused());
    }

    /// @inheritdoc IParameterSets
    function parametersOf(uint256 id) external view returns (Parameters memory) {
        require(id < _sets.count, ParameterSetUnknown(id, _sets.count));
        return _sets.parameters[id];
    }

    /// @inheritdoc IParameterSets
    function levelOf(uint256 id, uint256 level) external view returns (address hook, bool isMediated) {
        Level storage decider = _sets.levels[id][level];
        return (decider.hook, decider.isMediated);
    }

    /// @inheritdoc IParameterSets
    function addParameters(
        Parameters calldata parameters,
        Level[] calldata levels
    ) external onlyTimelock returns (uint256 id) {
        return _addParameters(parameters, levels);
    }

    /// @inheritdoc IGoverned
    function setGuardian(address guardian_) external onlyTimelock {
        _setGuardian(guardian_);
    }

    /// @inheritdoc IParameterSets
    function pausePosting() external onlyGuardian {
        _posting = _posting.withPaused(true);
        emit PostingPaused(msg.sender);
    }

    /// @inheritdoc IParameterSets
    function resumePosting() external onlyGuardian {
        _posting = _posting.withPaused(false);
        emit PostingResumed(msg.sender);
    }

    function _setGuardian(address guardian_) internal {
        _posting = _posting.withGuardian(guardian_);
        emit GuardianChanged(guardian_);
    }

    /// @dev `id` comes from a job's snapshot, so the set exists.
    function _parametersOf(uint256 id) internal view returns (Parameters storage) {
        return _sets.parameters[id];
    }

    function _levelOf(uint256 id, uint256 level) internal view returns (Level storage) {
        return _sets.levels[id][level];
    }

    function _addParameters(Parameters memory p, Level[] memory levels) internal returns (uint256 id) {
        id = ParameterStore.add(_sets, p, levels);
        _posting = _posting.withSet(id, p.feeBps, p.minRun, p.minWindow);
    }
}
