// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { BinaryTree } from "./BinaryTree.sol";
import { ContentTree } from "./ContentTree.sol";

/// @notice What a task did.
struct TaskResult {
    // 1 halted, 2 trapped, 3 out of steps; 0 is a machine still running and never a result
    uint8 status;
    // zero unless halted
    uint32 exitCode;
    // content root of the output; the empty root unless halted
    bytes32 outputRoot;
    // zero unless halted
    uint64 outputLength;
    // at least 1
    uint64 steps;
}

/// @notice The sum tree over the results of a job's tasks: every node carries the steps under it, so that the total is
/// as disputable as a result. As deep as the number of tasks needs, filled up with zero words of zero steps.
///
/// A result is passed as its row of the leaves file, 53 bytes: status ‖ exitCode ‖ outputRoot ‖ outputLength ‖ steps.
/// A proof is 48 bytes for each level from the leaf up, hash ‖ steps of the node beside the path.
library ResultTree {
    uint256 internal constant ROW_SIZE = 53;
    uint256 internal constant NODE_SIZE = 48;

    uint8 internal constant HALTED = 1;
    uint8 internal constant TRAPPED = 2;
    uint8 internal constant OUT_OF_STEPS = 3;

    uint8 private constant RESULT_TAG = 0x04;

    /// @notice A row has 53 bytes.
    error ResultTreeRowSize(uint256 size);

    /// @notice Reads a row of the leaves file.
    function decode(bytes calldata row) internal pure returns (TaskResult memory) {
        require(row.length == ROW_SIZE, ResultTreeRowSize(row.length));
        return
            TaskResult({
                status: uint8(row[0]),
                exitCode: uint32(bytes4(row[1:5])),
                outputRoot: bytes32(row[5:37]),
                outputLength: uint64(bytes8(row[37:45])),
                steps: uint64(bytes8(row[45:53]))
            });
    }

    /// @notice Whether a program can have this result. One that is not well-formed is wrong whatever was executed.
    function isWellFormed(TaskResult memory result) internal pure returns (bool) {
        if (result.status < HALTED || result.status > OUT_OF_STEPS) return false;
        if (result.steps == 0 || result.outputLength > ContentTree.MAX_LENGTH) return false;
        if (result.outputLength == 0 && result.outputRoot != ContentTree.EMPTY_ROOT) return false;
        return result.status == HALTED || (result.exitCode == 0 && result.outputLength == 0);
    }

    /// @notice Leaf of one task's result: `keccak256(0x04 ‖ taskIndex ‖ row)`.
    function hashLeaf(uint32 taskIndex, bytes calldata row) internal pure returns (bytes32) {
        require(row.length == ROW_SIZE, ResultTreeRowSize(row.length));
        return keccak256(abi.encodePacked(RESULT_TAG, taskIndex, row));
    }

    /// @notice `keccak256(left ‖ leftSteps ‖ right ‖ rightSteps)`.
    function hashNode(
        bytes32 left,
        uint128 leftSteps,
        bytes32 right,
        uint128 rightSteps
    ) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(left, leftSteps, right, rightSteps));
    }

    /// @notice The word that a job stores: `keccak256(resultRoot ‖ totalSteps)`.
    function commitment(bytes32 resultRoot, uint128 totalSteps) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(resultRoot, totalSteps));
    }

    /// @notice Whether a well-formed result stands at the position of task `index` under a root whose sums add up.
    /// @param root The submitted `resultRoot`.
    /// @param totalSteps The sum submitted with it.
    /// @param tasks The job's number of tasks.
    /// @dev False for anything malformed.
    function verify(
        bytes32 root,
        uint256 totalSteps,
        uint256 tasks,
        uint256 index,
        bytes calldata row,
        bytes calldata proof
    ) internal pure returns (bool) {
        if (!BinaryTree.isTaskCount(tasks) || index >= tasks || row.length != ROW_SIZE) return false;
        uint256 depth = BinaryTree.depthOf(tasks);
        if (proof.length != depth * NODE_SIZE) return false;
        TaskResult memory result = decode(row);
        if (!isWellFormed(result)) return false;

        bytes32 node = hashLeaf(uint32(index), row);
        uint256 steps = result.steps;
        for (uint256 level = 0; level < depth; ++level) {
            bytes calldata beside = proof[level * NODE_SIZE:(level + 1) * NODE_SIZE];
            bytes32 sibling = bytes32(beside[:32]);
            uint128 siblingSteps = uint128(bytes16(beside[32:]));
            node =
                (index >> level) & 1 == 0
                    ? hashNode(node, uint128(steps), sibling, siblingSteps)
                    : hashNode(sibling, siblingSteps, node, uint128(steps));
            steps += siblingSteps;
            if (steps > type(uint128).max) return false;
        }
        return node == root && steps == totalSteps;
    }
}
