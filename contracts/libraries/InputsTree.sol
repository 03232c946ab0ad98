// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { BinaryTree } from "./BinaryTree.sol";

/// @notice The tree over the inputs of a job's tasks. As deep as the number of tasks needs, filled up with zero words.
library InputsTree {
    uint8 private constant INPUT_TAG = 0x06;

    /// @notice Leaf of one task's input: `keccak256(0x06 ‖ index ‖ root ‖ length)`.
    function hashLeaf(uint32 index, bytes32 contentRoot, uint64 length) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(INPUT_TAG, index, contentRoot, length));
    }

    /// @notice Whether the content with that root and length is the input of task `index` of a job.
    /// @param root The job's `inputsRoot`.
    /// @param tasks The job's number of tasks.
    /// @param siblings The nodes beside the path, from the leaf up.
    /// @dev False for anything malformed.
    function verify(
        bytes32 root,
        uint256 tasks,
        uint256 index,
        bytes32 contentRoot,
        uint64 length,
        bytes32[] calldata siblings
    ) internal pure returns (bool) {
        if (!BinaryTree.isTaskCount(tasks) || index >= tasks) return false;
        if (siblings.length != BinaryTree.depthOf(tasks)) return false;
        return BinaryTree.climb(hashLeaf(uint32(index), contentRoot, length), index, siblings) == root;
    }
}
