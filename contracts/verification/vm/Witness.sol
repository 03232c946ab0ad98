// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IOneStepVM } from "../../interfaces/IOneStepVM.sol";
import { Isa } from "./Isa.sol";

using WitnessReader for Witness global;

/// @notice A witness that is read from its first byte to its last.
struct Witness {
    // positions in calldata
    uint256 start;
    uint256 cursor;
    uint256 end;
    // position in memory of the roots of empty trees, that of depth 0 first
    uint256 emptyRoots;
}

/// @notice Reads packed fields of calldata in their order.
library WitnessReader {
    /// @notice Begins to read.
    function open(bytes calldata data) internal pure returns (Witness memory w) {
        bytes memory roots = Isa.EMPTY_ROOTS;
        uint256 start;
        uint256 emptyRoots;
        assembly ("memory-safe") {
            start := data.offset
            emptyRoots := add(roots, 32)
        }
        unchecked {
            w.start = start;
            w.cursor = start;
            w.end = start + data.length;
            w.emptyRoots = emptyRoots;
        }
    }

    /// @notice Goes past `size` bytes.
    /// @return from Where they begin in calldata.
    function skip(Witness memory w, uint256 size) internal pure returns (uint256 from) {
        unchecked {
            from = w.cursor;
            uint256 next = from + size;
            if (next > w.end) revert IOneStepVM.OneStepVMWitnessTooShort(w.end - w.start, next - w.start);
            w.cursor = next;
        }
    }

    /// @notice The next integer of `size` bytes, 1 to 32.
    function take(Witness memory w, uint256 size) internal pure returns (uint256 value) {
        uint256 from = skip(w, size);
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, size)), calldataload(from))
        }
    }

    /// @notice The next word.
    function takeRoot(Witness memory w) internal pure returns (bytes32) {
        return bytes32(take(w, 32));
    }

    /// @notice Refuses what was just read.
    function malformed(Witness memory w) internal pure {
        unchecked {
            revert IOneStepVM.OneStepVMWitnessMalformed(w.cursor - w.start);
        }
    }

    /// @notice Ends reading: nothing may be left.
    function close(Witness memory w) internal pure {
        unchecked {
            if (w.cursor != w.end) revert IOneStepVM.OneStepVMWitnessTooLong(w.end - w.start, w.cursor - w.start);
        }
    }
}
