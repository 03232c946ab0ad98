// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Isa } from "./Isa.sol";
import { Machine } from "./Machine.sol";

/// @notice What one step of a repeating instruction moves.
struct Transfer {
    // positions of the first byte that is written and of the first one that is read
    uint256 to;
    uint256 from;
    // how many bytes this step moves, all of one leaf of either side
    uint256 count;
    // how many the whole instruction moves
    uint256 length;
    // whether nothing is left to move after this step
    bool isLast;
    bool isTrap;
}

/// @notice Cuts the bytes of a repeating instruction at the borders of leaves.
library Transfers {
    uint256 private constant LEAF_SIZE = 128;

    /// @notice `memory_copy`. Where it moves bytes upwards it begins at the end, so that no byte is overwritten before
    /// it is read.
    function copy(
        Machine memory m,
        uint256 destination,
        uint256 source,
        uint256 length
    ) internal pure returns (Transfer memory t) {
        if (_isDone(m, length) || !m.fits(destination, length) || !m.fits(source, length)) return _trap();
        if (destination <= source) return _forward(m, destination, source, length);
        unchecked {
            uint256 left = length - m.rep;
            t.to = destination + left;
            t.from = source + left;
            t.count = Math.min(left, Math.min(_roomBefore(t.to), _roomBefore(t.from)));
            t.to -= t.count;
            t.from -= t.count;
            t.length = length;
            t.isLast = t.count == left;
        }
    }

    /// @notice `memory_fill`, which reads nothing.
    function fill(Machine memory m, uint256 destination, uint256 length) internal pure returns (Transfer memory) {
        if (_isDone(m, length) || !m.fits(destination, length)) return _trap();
        // like a source whose leaves end where those of the destination do
        return _forward(m, destination, destination, length);
    }

    /// @notice `input_read`.
    /// @param available Bytes of the stream.
    function input(
        Machine memory m,
        uint256 destination,
        uint256 offset,
        uint256 length,
        uint256 available
    ) internal pure returns (Transfer memory) {
        length = Math.min(length, Math.saturatingSub(available, offset));
        if (_isDone(m, length) || !m.fits(destination, length)) return _trap();
        return _forward(m, destination, offset, length);
    }

    /// @notice `output_write`. What was moved already is part of the output's length.
    function output(Machine memory m, uint256 source, uint256 length) internal pure returns (Transfer memory) {
        unchecked {
            if (_isDone(m, length) || !m.fits(source, length)) return _trap();
            uint256 limit = Math.min(m.maxOutput, Isa.CONTENT_BYTES);
            if (m.outputLength + length - m.rep > limit) return _trap();
            return _forwardTo(m, m.outputLength, source, length);
        }
    }

    /// @dev A state that nobody reaches: more moved than there is.
    function _isDone(Machine memory m, uint256 length) private pure returns (bool) {
        return m.rep != 0 && m.rep >= length;
    }

    function _trap() private pure returns (Transfer memory t) {
        t.isTrap = true;
    }

    function _forward(
        Machine memory m,
        uint256 destination,
        uint256 source,
        uint256 length
    ) private pure returns (Transfer memory) {
        unchecked {
            return _forwardTo(m, destination + m.rep, source, length);
        }
    }

    function _forwardTo(
        Machine memory m,
        uint256 to,
        uint256 source,
        uint256 length
    ) private pure returns (Transfer memory t) {
        unchecked {
            uint256 left = length - m.rep;
            t.to = to;
            t.from = source + m.rep;
            t.count = Math.min(left, LEAF_SIZE - Math.max(t.to % LEAF_SIZE, t.from % LEAF_SIZE));
            t.length = length;
            t.isLast = t.count == left;
        }
    }

    /// @dev Bytes of the leaf before a position, 1 to 128; the position is past the last one.
    function _roomBefore(uint256 position) private pure returns (uint256) {
        unchecked {
            return ((position - 1) % LEAF_SIZE) + 1;
        }
    }
}
