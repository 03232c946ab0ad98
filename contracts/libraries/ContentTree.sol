// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { BinaryTree } from "./BinaryTree.sol";

/// @notice The tree that names contents: programs, inputs, outputs. Leaves of 128 bytes, the last one and all after it
/// filled with zeros, 23 levels, so at most 1 GiB. The root alone does not tell how many zeros a content ends in; the
/// length stands beside it.
library ContentTree {
    uint256 internal constant LEAF_SIZE = 128;
    uint256 internal constant DEPTH = 23;
    uint256 internal constant MAX_LENGTH = LEAF_SIZE << DEPTH;

    /// @notice Root of the content without bytes: a tree of zeros.
    bytes32 internal constant EMPTY_ROOT = 0x32a15efc1918091924569ecd52b039cae2d37cbe3584a55f7744a7c928e65e49;

    uint8 private constant LEAF_TAG = 0x00;
    uint8 private constant CONTENT_TAG = 0x05;

    /// @notice A leaf has 128 bytes.
    error ContentTreeLeafSize(uint256 size);

    /// @notice `keccak256(0x00 ‖ leaf)`.
    function hashLeaf(bytes calldata leaf) internal pure returns (bytes32) {
        require(leaf.length == LEAF_SIZE, ContentTreeLeafSize(leaf.length));
        return keccak256(abi.encodePacked(LEAF_TAG, leaf));
    }

    /// @notice One word for root and length: `keccak256(0x05 ‖ root ‖ length)`.
    function contentHash(bytes32 root, uint64 length) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(CONTENT_TAG, root, length));
    }

    /// @notice Whether `leaf` holds the bytes from `128 * index` on of the content with that root.
    /// @param siblings The 23 nodes beside the path, from the leaf up.
    /// @dev False for anything malformed.
    function verifyLeaf(
        bytes32 root,
        uint256 index,
        bytes calldata leaf,
        bytes32[] calldata siblings
    ) internal pure returns (bool) {
        if (index >> DEPTH != 0 || leaf.length != LEAF_SIZE || siblings.length != DEPTH) return false;
        return BinaryTree.climb(hashLeaf(leaf), index, siblings) == root;
    }
}
