// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { BinaryTree } from "./BinaryTree.sol";

/// @notice How a stretch of a trace is divided: into `m = min(32, steps)` segments, the j-th of which begins at
/// `from + ⌊j * steps / m⌋`. What is kept of a division is the root of a tree of depth 5 whose leaves are the
/// segments `keccak256(state at its beginning ‖ state at its end)`, filled up with zero words.
library TraceTree {
    uint256 internal constant MAX_SEGMENTS = 32;
    uint256 internal constant DEPTH = 5;

    /// @notice How many segments a stretch has.
    function segmentsOf(uint256 from, uint256 to) internal pure returns (uint256) {
        return Math.min(MAX_SEGMENTS, to - from);
    }

    /// @notice Where segment `j` of a stretch begins, which is where the one before it ends.
    function splitPoint(uint256 from, uint256 to, uint256 j) internal pure returns (uint256) {
        return from + (j * (to - from)) / segmentsOf(from, to);
    }

    /// @notice How many bytes the states between the segments of a stretch have.
    function sizeInside(uint256 from, uint256 to) internal pure returns (uint256) {
        return (segmentsOf(from, to) - 1) * 32;
    }

    /// @notice Most divisions it takes from a trace of so many steps to one: its logarithm to the base 32, rounded up.
    function roundsOf(uint256 steps) internal pure returns (uint256) {
        return Math.ceilDiv(Math.log2(steps, Math.Rounding.Ceil), DEPTH);
    }

    /// @notice The root over all segments between `start` and `end`.
    /// @param inner The states between segments, in order, one word each; at most 31.
    function root(bytes32 start, bytes calldata inner, bytes32 end) internal pure returns (bytes32 node) {
        // In place: each segment and each node overwrites the first of the two words that it is the hash of.
        assembly ("memory-safe") {
            let states := mload(0x40)
            let size := inner.length
            mstore(states, start)
            calldatacopy(add(states, 0x20), inner.offset, size)
            let last := add(states, add(size, 0x20))
            mstore(last, end)
            for {
                let place := states
            } lt(place, last) {
                place := add(place, 0x20)
            } {
                mstore(place, keccak256(place, 0x40))
            }
            calldatacopy(last, calldatasize(), sub(0x400, sub(last, states)))
            for {
                let width := 0x400
            } gt(width, 0x20) {
                width := shr(1, width)
            } {
                for {
                    let place := 0
                } lt(place, width) {
                    place := add(place, 0x40)
                } {
                    mstore(add(states, shr(1, place)), keccak256(add(states, place), 0x40))
                }
            }
            node := mload(states)
        }
    }

    /// @notice The root above segment `j` from `start` to `end`.
    function climb(
        uint256 j,
        bytes32 start,
        bytes32 end,
        bytes32[DEPTH] calldata siblings
    ) internal pure returns (bytes32 node) {
        node = BinaryTree.hashPair(start, end);
        for (uint256 level = 0; level < DEPTH; ++level) {
            bytes32 sibling = siblings[level];
            node = (j >> level) & 1 == 0 ? BinaryTree.hashPair(node, sibling) : BinaryTree.hashPair(sibling, node);
        }
    }
}
