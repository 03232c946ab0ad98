// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Values in leaves that a proof has brought to memory.
library Bytes {
    /// @notice The word that stands there.
    function loadWord(uint256 place) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(place)
        }
    }

    /// @notice The value of a slot: 8 bytes, big-endian.
    function loadSlot(uint256 place) internal pure returns (uint256) {
        return loadWord(place) >> 192;
    }

    /// @notice Changes the value of a slot.
    function storeSlot(uint256 place, uint256 value) internal pure {
        assembly ("memory-safe") {
            mstore(place, or(shl(192, value), shr(64, shl(64, mload(place)))))
        }
    }

    /// @notice The little-endian integer of `width` bytes.
    function loadLittle(uint256 place, uint256 width) internal pure returns (uint256 value) {
        unchecked {
            uint256 word = loadWord(place);
            for (uint256 n = 0; n < width; ++n) value |= ((word >> (248 - 8 * n)) & 0xff) << (8 * n);
        }
    }

    /// @notice Writes the lowest `width` bytes of an integer, the lowest one first.
    function storeLittle(uint256 place, uint256 value, uint256 width) internal pure {
        assembly ("memory-safe") {
            for {
                let end := add(place, width)
            } lt(place, end) {
                place := add(place, 1)
            } {
                mstore8(place, value)
                value := shr(8, value)
            }
        }
    }

    /// @notice Writes one byte many times.
    function fill(uint256 place, uint256 value, uint256 count) internal pure {
        assembly ("memory-safe") {
            for {
                let end := add(place, count)
            } lt(place, end) {
                place := add(place, 1)
            } {
                mstore8(place, value)
            }
        }
    }

    /// @notice Copies bytes as if all were read before one is written.
    function copy(uint256 to, uint256 from, uint256 count) internal pure {
        assembly ("memory-safe") {
            mcopy(to, from, count)
        }
    }
}
