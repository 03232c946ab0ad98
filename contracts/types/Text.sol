// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { requireRange } from "./Range.sol";

/// @dev Reverts unless every byte of `text` is ASCII. Other bytes need not be UTF-8: a reader that replaces what it
/// cannot decode would find another job id, or another word in storage, than the chain has.
/// @param field The name of a byte of it, as in the error.
function requireAscii(bytes32 field, string calldata text) pure {
    uint256 length = bytes(text).length;
    uint256 bits;
    assembly ("memory-safe") {
        for {
            let i := 0
        } lt(i, length) {
            i := add(i, 32)
        } {
            bits := or(bits, calldataload(add(text.offset, i)))
        }
        bits := and(bits, 0x8080808080808080808080808080808080808080808080808080808080808080)
    }
    if (bits == 0) return;
    // the last word may have held more than the text, so each byte is looked at
    for (uint256 i = 0; i < length; ++i) requireRange(field, uint8(bytes(text)[i]), 0, 0x7f);
}
