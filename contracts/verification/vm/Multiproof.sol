// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Witness } from "./Witness.sol";

using Multiproof for Proof global;

/// @notice Some leaves of a tree, with what it takes to compute the tree's root, also after they were changed.
struct Proof {
    uint256 depth;
    uint256 count;
    // 32 bits for each leaf, ascending, the first one lowest
    uint256 indices;
    // position in memory of the leaves, 128 bytes each, one after the other
    uint256 leaves;
    // position in memory of room for as many nodes, (index, hash) each, and 0x00 ‖ leaf behind them
    uint256 nodes;
    // position in calldata of the siblings that are written out
    uint256 siblings;
    // bit n: the n-th sibling is an empty tree, and is not written out
    uint256 empties;
}

/// @notice Proofs of one to four leaves of 128 bytes under one root.
library Multiproof {
    uint256 private constant LEAF_SIZE = 128;
    uint256 private constant NODE_SIZE = 64;
    uint256 private constant BITMAP_SIZE = 8;

    /// @notice Reads the proof of one leaf.
    /// @return proof The leaf in memory, where it may be changed.
    /// @return root The root of the tree that the witness speaks of.
    function readLeaf(
        Witness memory w,
        uint256 depth,
        uint256 index
    ) internal pure returns (Proof memory proof, bytes32 root) {
        return read(w, depth, index, 1);
    }

    /// @notice Reads the proof of the leaves that hold two positions, which may be the same leaf.
    function readPair(
        Witness memory w,
        uint256 depth,
        uint256 left,
        uint256 right
    ) internal pure returns (Proof memory, bytes32) {
        if (left == right) return read(w, depth, left, 1);
        return left < right ? read(w, depth, left | (right << 32), 2) : read(w, depth, right | (left << 32), 2);
    }

    /// @notice Reads the proof of `count` leaves.
    /// @param indices 32 bits for each leaf, ascending, the first one lowest.
    function read(
        Witness memory w,
        uint256 depth,
        uint256 indices,
        uint256 count
    ) internal pure returns (Proof memory proof, bytes32 root) {
        unchecked {
            uint256 size = count * LEAF_SIZE;
            uint256 from = w.skip(size);
            // a word more, so that values at the end can be read and written as words
            proof.leaves = _allocate(size + 32);
            proof.nodes = _allocate(count * NODE_SIZE + LEAF_SIZE + 32);
            uint256 leaves = proof.leaves;
            assembly ("memory-safe") {
                calldatacopy(leaves, from, size)
            }
            proof.depth = depth;
            proof.count = count;
            proof.indices = indices;
            proof.empties = w.take(BITMAP_SIZE);
            proof.siblings = w.cursor;

            uint256 next;
            uint256 seen;
            (root, next, seen) = _climb(proof, w.emptyRoots);
            w.skip(next - proof.siblings);
            if (proof.empties >> seen != 0) w.malformed();
        }
    }

    /// @notice The root of the tree with the leaves as they are now.
    function rootOf(Proof memory proof, Witness memory w) internal pure returns (bytes32 root) {
        (root, , ) = _climb(proof, w.emptyRoots);
    }

    /// @notice Where in memory the byte at `position` of the tree's content stands; its leaf must be one of the proof.
    function locate(Proof memory proof, uint256 position) internal pure returns (uint256) {
        unchecked {
            uint256 index = position / LEAF_SIZE;
            uint256 leaf = proof.leaves;
            for (uint256 indices = proof.indices; indices & 0xffffffff != index; indices >>= 32) leaf += LEAF_SIZE;
            return leaf + (position % LEAF_SIZE);
        }
    }

    function _allocate(uint256 size) private pure returns (uint256 position) {
        assembly ("memory-safe") {
            position := mload(0x40)
            mstore(0x40, add(position, size))
        }
    }

    /// @dev Makes nodes of the leaves.
    function _hashLeaves(Proof memory proof) private pure returns (uint256 nodes, uint256 end) {
        nodes = proof.nodes;
        uint256 indices = proof.indices;
        uint256 leaf = proof.leaves;
        uint256 count = proof.count;
        assembly ("memory-safe") {
            end := add(nodes, shl(6, count))
            // 0x00 ‖ leaf
            mstore8(end, 0)
            for {
                let node := nodes
            } lt(node, end) {
                node := add(node, 0x40)
            } {
                mcopy(add(end, 1), leaf, 128)
                mstore(node, and(indices, 0xffffffff))
                mstore(add(node, 0x20), keccak256(end, 129))
                indices := shr(32, indices)
                leaf := add(leaf, 128)
            }
        }
    }

    /// @dev A node whose sibling is not on the way up takes the next one: an empty tree where the bitmap says so, else
    /// 32 bytes of calldata. These may lie beyond the witness, which {read} refuses then.
    /// @param empty Where in memory the root of the empty tree of the present level stands.
    /// @return root The node that is left after all levels.
    /// @return next Where the siblings end in calldata.
    /// @return seen How many siblings were taken, empty ones included.
    function _climb(Proof memory proof, uint256 empty) private pure returns (bytes32 root, uint256 next, uint256 seen) {
        uint256 top;
        uint256 node;
        unchecked {
            top = empty + 32 * proof.depth;
            (node, empty, next, seen) = _meet(proof, empty);
        }
        uint256 empties = proof.empties;
        assembly ("memory-safe") {
            let index := mload(node)
            root := mload(add(node, 0x20))
            empties := shr(seen, empties)
            seen := add(seen, shr(5, sub(top, empty)))
            for {} lt(empty, top) {
                empty := add(empty, 0x20)
            } {
                let side := shl(5, and(index, 1))
                mstore(side, root)
                switch and(empties, 1)
                case 1 {
                    mstore(xor(side, 0x20), mload(empty))
                }
                default {
                    mstore(xor(side, 0x20), calldataload(next))
                    next := add(next, 0x20)
                }
                root := keccak256(0x00, 0x40)
                index := shr(1, index)
                empties := shr(1, empties)
            }
        }
    }

    /// @dev The part of {_climb} where the paths of several leaves have not met: level by level, in each from left to
    /// right.
    /// @return nodes Where in memory the one node stands that is left.
    /// @return level The root of the empty tree of its level.
    function _meet(
        Proof memory proof,
        uint256 empty
    ) private pure returns (uint256 nodes, uint256 level, uint256 next, uint256 seen) {
        uint256 end;
        (nodes, end) = _hashLeaves(proof);
        level = empty;
        next = proof.siblings;
        uint256 empties = proof.empties;
        assembly ("memory-safe") {
            for {
                let second := add(nodes, 0x40)
            } gt(end, second) {
                level := add(level, 0x20)
            } {
                let above := nodes
                for {
                    let node := nodes
                } lt(node, end) {} {
                    let index := mload(node)
                    let side := shl(5, and(index, 1))
                    mstore(side, mload(add(node, 0x20)))
                    node := add(node, 0x40)
                    switch and(lt(node, end), eq(mload(node), xor(index, 1)))
                    case 1 {
                        mstore(0x20, mload(add(node, 0x20)))
                        node := add(node, 0x40)
                    }
                    default {
                        switch and(shr(seen, empties), 1)
                        case 1 {
                            mstore(xor(side, 0x20), mload(level))
                        }
                        default {
                            mstore(xor(side, 0x20), calldataload(next))
                            next := add(next, 0x20)
                        }
                        seen := add(seen, 1)
                    }
                    mstore(above, shr(1, index))
                    mstore(add(above, 0x20), keccak256(0x00, 0x40))
                    above := add(above, 0x40)
                }
                end := above
            }
        }
    }
}
