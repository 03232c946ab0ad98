// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { BinaryTree } from "../libraries/BinaryTree.sol";
import { ContentTree } from "../libraries/ContentTree.sol";
import { InputsTree } from "../libraries/InputsTree.sol";
import { ResultTree, TaskResult } from "../libraries/ResultTree.sol";

/// @notice Opens the tree libraries to tests.
contract TreesHarness {
    function emptyRoot() external pure returns (bytes32) {
        return ContentTree.EMPTY_ROOT;
    }

    function depthOf(uint256 tasks) external pure returns (uint256) {
        return BinaryTree.depthOf(tasks);
    }

    function hashContentLeaf(bytes calldata leaf) external pure returns (bytes32) {
        return ContentTree.hashLeaf(leaf);
    }

    function contentHash(bytes32 root, uint64 length) external pure returns (bytes32) {
        return ContentTree.contentHash(root, length);
    }

    function verifyContentLeaf(
        bytes32 root,
        uint256 index,
        bytes calldata leaf,
        bytes32[] calldata siblings
    ) external pure returns (bool) {
        return ContentTree.verifyLeaf(root, index, leaf, siblings);
    }

    function hashInputLeaf(uint32 index, bytes32 contentRoot, uint64 length) external pure returns (bytes32) {
        return InputsTree.hashLeaf(index, contentRoot, length);
    }

    function verifyInput(
        bytes32 root,
        uint256 tasks,
        uint256 index,
        bytes32 contentRoot,
        uint64 length,
        bytes32[] calldata siblings
    ) external pure returns (bool) {
        return InputsTree.verify(root, tasks, index, contentRoot, length, siblings);
    }

    function decodeResult(bytes calldata row) external pure returns (TaskResult memory) {
        return ResultTree.decode(row);
    }

    function isWellFormed(bytes calldata row) external pure returns (bool) {
        return ResultTree.isWellFormed(ResultTree.decode(row));
    }

    function hashResultLeaf(uint32 taskIndex, bytes calldata row) external pure returns (bytes32) {
        return ResultTree.hashLeaf(taskIndex, row);
    }

    function resultCommitment(bytes32 resultRoot, uint128 totalSteps) external pure returns (bytes32) {
        return ResultTree.commitment(resultRoot, totalSteps);
    }

    function verifyResult(
        bytes32 root,
        uint256 totalSteps,
        uint256 tasks,
        uint256 index,
        bytes calldata row,
        bytes calldata proof
    ) external pure returns (bool) {
        return ResultTree.verify(root, totalSteps, tasks, index, row, proof);
    }
}
