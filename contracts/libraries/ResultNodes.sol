// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ResultTree } from "./ResultTree.sol";

/// @notice How the result tree is descended: up to five levels at a time, and then to the next level divisible by five,
/// so that everybody stops at the same nodes. The last five levels are shown as rows, with nothing between.
library ResultNodes {
    uint256 private constant STRIDE = 5;

    /// @notice The level whose nodes are shown of a node above the leaves; of a leaf, its own.
    function levelBelow(uint256 level) internal pure returns (uint256) {
        return level == 0 ? 0 : ((level - 1) / STRIDE) * STRIDE;
    }

    /// @notice Most postings it takes from the root of a tree to the rows.
    function roundsOf(uint256 depth) internal pure returns (uint256) {
        return Math.ceilDiv(depth, STRIDE);
    }

    /// @notice How many bytes show what is below a node.
    /// @param tasks The job's number of tasks: beyond the last there are no rows.
    function sizeBelow(uint256 level, uint256 index, uint256 tasks) internal pure returns (uint256) {
        uint256 below = levelBelow(level);
        if (below != 0) return (1 << (level - below)) * ResultTree.NODE_SIZE;
        uint256 first = index << level;
        return first < tasks ? Math.min(tasks - first, 1 << level) * ResultTree.ROW_SIZE : 0;
    }

    /// @notice Hash and steps of a node of which `data` shows what is below.
    /// @param data As many bytes as {sizeBelow} says.
    /// @return hash That of the node.
    /// @return sum Its steps; 2^128 or more where 128 bits do not hold a sum on the way.
    function fold(uint256 level, uint256 index, bytes calldata data) internal pure returns (bytes32 hash, uint256 sum) {
        uint256 below = levelBelow(level);
        uint256 size = ResultTree.NODE_SIZE << (level - below);
        // Nodes stand beside each other as hash ‖ steps u128, so that two of them are the preimage of the node above,
        // which takes the place of the first.
        uint256 nodes = below == 0 ? _leaves(index << level, size, data) : _copy(data);
        assembly ("memory-safe") {
            for {} gt(size, 48) {
                size := shr(1, size)
            } {
                for {
                    let place := 0
                } lt(place, size) {
                    place := add(place, 96)
                } {
                    let pair := add(nodes, place)
                    let steps := add(shr(128, mload(add(pair, 0x20))), shr(128, mload(add(pair, 0x50))))
                    // once too large, always too large
                    sum := or(sum, shl(128, shr(128, steps)))
                    let to := add(nodes, shr(1, place))
                    mstore(to, keccak256(pair, 96))
                    mstore(add(to, 0x20), shl(128, steps))
                }
            }
            hash := mload(nodes)
            sum := or(sum, shr(128, mload(add(nodes, 0x20))))
        }
    }

    /// @notice Hash and steps of the node `proof.length / 48` levels above another one.
    /// @param sum Steps under that one.
    /// @param proof hash ‖ steps of the node beside the path, 48 bytes for each level.
    function climb(
        bytes32 hash,
        uint256 sum,
        uint256 index,
        bytes calldata proof
    ) internal pure returns (bytes32, uint256) {
        for (uint256 i = 0; i < proof.length; i += ResultTree.NODE_SIZE) {
            bytes32 sibling = bytes32(proof[i:i + 32]);
            uint128 siblingSum = uint128(bytes16(proof[i + 32:i + ResultTree.NODE_SIZE]));
            hash =
                index & 1 == 0
                    ? ResultTree.hashNode(hash, uint128(sum), sibling, siblingSum)
                    : ResultTree.hashNode(sibling, siblingSum, hash, uint128(sum));
            sum += siblingSum;
            index >>= 1;
        }
        return (hash, sum);
    }

    /// @dev Leaves with their steps in free memory, filled up with zeros.
    /// @param first The task of the first row.
    /// @param size Bytes of all leaves.
    function _leaves(uint256 first, uint256 size, bytes calldata rows) private pure returns (uint256 nodes) {
        assembly ("memory-safe") {
            nodes := mload(0x40)
            calldatacopy(nodes, calldatasize(), size)
            // behind the last leaf, whose steps are written as a word
            let scratch := add(nodes, add(size, 0x20))
            let place := nodes
            let end := add(rows.offset, rows.length)
            for {
                let row := rows.offset
            } lt(row, end) {
                row := add(row, 53)
            } {
                mstore8(scratch, 0x04)
                mstore(add(scratch, 1), shl(224, first))
                calldatacopy(add(scratch, 5), row, 53)
                mstore(place, keccak256(scratch, 58))
                // the last 8 bytes of the row
                mstore(add(place, 0x20), shl(128, shr(192, calldataload(add(row, 45)))))
                place := add(place, 48)
                first := add(first, 1)
            }
        }
    }

    /// @dev Nodes as they are, in free memory.
    function _copy(bytes calldata data) private pure returns (uint256 nodes) {
        assembly ("memory-safe") {
            nodes := mload(0x40)
            calldatacopy(nodes, data.offset, data.length)
        }
    }
}
