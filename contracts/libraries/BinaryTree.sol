// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice What the trees of this protocol share: binary, filled from the left, of a depth that their use fixes.
library BinaryTree {
    /// @notice A job has 1 to 2^32 - 1 tasks.
    error BinaryTreeTaskCount(uint256 tasks);

    /// @notice Depth of a tree over `tasks` leaves: the binary logarithm, rounded up.
    function depthOf(uint256 tasks) internal pure returns (uint256) {
        require(isTaskCount(tasks), BinaryTreeTaskCount(tasks));
        return Math.log2(tasks, Math.Rounding.Ceil);
    }

    /// @notice Whether a job can have that many tasks.
    function isTaskCount(uint256 tasks) internal pure returns (bool) {
        return tasks > 0 && tasks <= type(uint32).max;
    }

    /// @notice The root above `node`: at each level the sibling stands left where the bit of `index` is set.
    function climb(bytes32 node, uint256 index, bytes32[] calldata siblings) internal pure returns (bytes32) {
        for (uint256 level = 0; level < siblings.length; ++level) {
            bytes32 sibling = siblings[level];
            node = (index >> level) & 1 == 0 ? hashPair(node, sibling) : hashPair(sibling, node);
        }
        return node;
    }

    /// @notice `keccak256(left ‖ right)`.
    function hashPair(bytes32 left, bytes32 right) internal pure returns (bytes32 node) {
        // The scratch space takes both words, so that no memory is allocated on the way up.
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            node := keccak256(0x00, 0x40)
        }
    }
}
