// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IParameterSets } from "../interfaces/IParameterSets.sol";
import { Level, Parameters } from "../types/Parameters.sol";
import { requireRange } from "../types/Range.sol";

/// @notice Append-only, immutable sets of rules; the bounds below hold whoever governs.
/// @dev Deployed by itself: adding a set is rare, and the market's code has a size limit.
library ParameterStore {
    uint256 private constant MAX_FEE_BPS = 1_000;
    uint256 private constant MIN_BOND_BPS = 2_000;
    uint256 private constant MAX_BOND_BPS = 50_000;
    uint256 private constant MAX_SURCHARGE_BPS = 30_000;
    uint256 private constant MAX_LATENESS_BPS = 2_000;
    uint256 private constant MAX_MIN_TIME = 7 days;
    uint256 private constant MAX_KEY_TIME = 1 days;
    uint256 private constant MAX_SETS = 1 << 12;
    uint256 private constant MAX_LEVELS = 1 << 4;

    struct Sets {
        // a mapping and a count: an array's bound check would cost every claim a cold read
        uint256 count;
        mapping(uint256 id => Parameters) parameters;
        mapping(uint256 id => mapping(uint256 level => Level)) levels;
    }

    /// @dev Parameters in memory: a constructor has them nowhere else.
    // solhint-disable-next-line gas-calldata-parameters
    function add(Sets storage sets, Parameters memory p, Level[] memory levels) external returns (uint256 id) {
        // Check
        id = sets.count;
        require(id < MAX_SETS, IParameterSets.ParameterSetsExhausted(id));
        requireRange("feeBps", p.feeBps, 0, MAX_FEE_BPS);
        requireRange("bondBps", p.bondBps, MIN_BOND_BPS, MAX_BOND_BPS);
        requireRange("surchargeBps", p.surchargeBps, 0, MAX_SURCHARGE_BPS);
        requireRange("latenessBps", p.latenessBps, 0, MAX_LATENESS_BPS);
        requireRange("minRun", p.minRun, 1, MAX_MIN_TIME);
        requireRange("minWindow", p.minWindow, 1, MAX_MIN_TIME);
        requireRange("lateGas", uint256(p.lateRequesterGas) + p.lateKeeperGas, 0, p.minBond);
        requireRange("keyTime", p.keyTime, 1, MAX_KEY_TIME);
        requireRange("levels", levels.length, 0, MAX_LEVELS);
        for (uint256 level = 0; level < levels.length; ++level) {
            address hook = levels[level].hook;
            bool isCallable = hook == address(0) || hook.code.length != 0;
            require(isCallable, IParameterSets.ParameterSetHookWithoutCode(level, hook));
        }

        // Effect
        sets.count = id + 1;
        sets.parameters[id] = p;
        for (uint256 level = 0; level < levels.length; ++level) sets.levels[id][level] = levels[level];
        emit IParameterSets.ParametersAdded(id, p, levels);
    }
}
