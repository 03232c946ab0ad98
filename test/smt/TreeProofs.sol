// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { BinaryTree } from "../../contracts/libraries/BinaryTree.sol";

/// @notice A tree over a job's tasks is as deep as it needs to be, and no deeper.
contract TreeProofs {
    function aTreeHasRoomForEveryTask(uint256 tasks) external pure {
        uint256 depth = BinaryTree.depthOf(tasks);
        assert(depth <= 32);
        assert(tasks <= 1 << depth);
    }

    function aTreeIsNoDeeperThanItNeedsToBe(uint256 tasks) external pure {
        uint256 depth = BinaryTree.depthOf(tasks);
        assert(depth == 0 || 1 << (depth - 1) < tasks);
    }
}
