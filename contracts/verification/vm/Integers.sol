// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Isa } from "./Isa.sol";

/// @notice WebAssembly's instructions on integers, in unchecked arithmetic of 256 bits.
library Integers {
    uint256 private constant MASK_32 = 0xffffffff;
    uint256 private constant MASK_64 = 0xffffffffffffffff;

    /// @notice Executes one instruction.
    /// @param op One of {Isa} that computes integers from integers.
    /// @param a The first operand; of one of 32 bits, the lower half counts.
    /// @param b The second operand; ignored by instructions that have only one.
    /// @return result Zero-extended, and 0 of an instruction that traps.
    /// @return isTrap Whether the instruction traps.
    function execute(uint256 op, uint256 a, uint256 b) internal pure returns (uint256 result, bool isTrap) {
        unchecked {
            // by number, from the last one down
            if (op >= Isa.I32_WRAP_I64) return (_convert(op, a), false);
            if (op >= Isa.I64_CLZ) return _compute(op - Isa.I64_CLZ + Isa.I32_CLZ, a & MASK_64, b & MASK_64, 64);
            if (op >= Isa.I32_CLZ) return _compute(op, a & MASK_32, b & MASK_32, 32);
            bool holds =
                op >= Isa.I64_EQZ
                    ? _compare(op - Isa.I64_EQZ + Isa.I32_EQZ, a & MASK_64, b & MASK_64, 64)
                    : _compare(op, a & MASK_32, b & MASK_32, 32);
            return (holds ? 1 : 0, false);
        }
    }

    /// @param op The instruction for 32 bits, also where the operands have 64.
    function _compare(uint256 op, uint256 a, uint256 b, uint256 bits) private pure returns (bool) {
        if (op == Isa.I32_EQZ) return a == 0;
        if (op == Isa.I32_EQ) return a == b;
        if (op == Isa.I32_NE) return a != b;
        if (op == Isa.I32_LT_U) return a < b;
        if (op == Isa.I32_GT_U) return a > b;
        if (op == Isa.I32_LE_U) return a <= b;
        if (op == Isa.I32_GE_U) return a >= b;
        int256 left = _signed(a, bits);
        int256 right = _signed(b, bits);
        if (op == Isa.I32_LT_S) return left < right;
        if (op == Isa.I32_GT_S) return left > right;
        if (op == Isa.I32_LE_S) return left <= right;
        return left >= right;
    }

    /// @param op The instruction for 32 bits, also where the operands have 64.
    function _compute(uint256 op, uint256 a, uint256 b, uint256 bits) private pure returns (uint256, bool) {
        unchecked {
            uint256 mask = (1 << bits) - 1;
            if (op >= Isa.I32_DIV_S && op <= Isa.I32_REM_U) return _divide(op, a, b, bits);
            if (op == Isa.I32_ADD) return ((a + b) & mask, false);
            if (op == Isa.I32_SUB) return ((a - b) & mask, false);
            if (op == Isa.I32_MUL) return ((a * b) & mask, false);
            if (op == Isa.I32_AND) return (a & b, false);
            if (op == Isa.I32_OR) return (a | b, false);
            if (op == Isa.I32_XOR) return (a ^ b, false);
            if (op == Isa.I32_CLZ) return (a == 0 ? bits : bits - 1 - highestBit(a), false);
            if (op == Isa.I32_CTZ) return (a == 0 ? bits : highestBit(a & (0 - a)), false);
            if (op == Isa.I32_POPCNT) return (_countBits(a), false);
            uint256 count = b & (bits - 1);
            if (op == Isa.I32_SHL) return ((a << count) & mask, false);
            if (op == Isa.I32_SHR_U) return (a >> count, false);
            if (op == Isa.I32_SHR_S) return (uint256(_signed(a, bits) >> count) & mask, false);
            if (op == Isa.I32_ROTL) return (((a << count) | (a >> (bits - count))) & mask, false);
            return (((a >> count) | (a << (bits - count))) & mask, false);
        }
    }

    function _divide(uint256 op, uint256 a, uint256 b, uint256 bits) private pure returns (uint256, bool) {
        unchecked {
            if (b == 0) return (0, true);
            if (op == Isa.I32_DIV_U) return (a / b, false);
            if (op == Isa.I32_REM_U) return (a % b, false);
            uint256 mask = (1 << bits) - 1;
            int256 left = _signed(a, bits);
            int256 right = _signed(b, bits);
            if (op == Isa.I32_REM_S) return (uint256(left % right) & mask, false);
            // the only quotient that has no place is that of the least integer and -1
            if (a == 1 << (bits - 1) && b == mask) return (0, true);
            return (uint256(left / right) & mask, false);
        }
    }

    function _convert(uint256 op, uint256 a) private pure returns (uint256) {
        if (op == Isa.I32_WRAP_I64 || op == Isa.I64_EXTEND_I32_U) return a & MASK_32;
        if (op == Isa.I64_EXTEND_I32_S || op == Isa.I64_EXTEND32_S) return extend(a, 32) & MASK_64;
        if (op == Isa.I32_EXTEND8_S) return extend(a, 8) & MASK_32;
        if (op == Isa.I32_EXTEND16_S) return extend(a, 16) & MASK_32;
        if (op == Isa.I64_EXTEND8_S) return extend(a, 8) & MASK_64;
        return extend(a, 16) & MASK_64;
    }

    /// @notice The lowest `bits` bits of a value, extended by their sign to 256.
    function extend(uint256 a, uint256 bits) internal pure returns (uint256) {
        return uint256(_signed(a, bits));
    }

    function _signed(uint256 a, uint256 bits) private pure returns (int256 value) {
        assembly ("memory-safe") {
            value := signextend(sub(shr(3, bits), 1), a)
        }
    }

    /// @notice Position of the highest bit of a value from 1 to 2^64 - 1.
    function highestBit(uint256 a) internal pure returns (uint256 position) {
        unchecked {
            if (a >> 32 != 0) (a, position) = (a >> 32, 32);
            if (a >> 16 != 0) (a, position) = (a >> 16, position + 16);
            if (a >> 8 != 0) (a, position) = (a >> 8, position + 8);
            if (a >> 4 != 0) (a, position) = (a >> 4, position + 4);
            if (a >> 2 != 0) (a, position) = (a >> 2, position + 2);
            return position + (a >> 1);
        }
    }

    /// @dev In parallel: sums of 2, 4, 8 bits; the product adds up the bytes.
    function _countBits(uint256 a) private pure returns (uint256) {
        unchecked {
            a -= (a >> 1) & 0x5555555555555555;
            a = (a & 0x3333333333333333) + ((a >> 2) & 0x3333333333333333);
            a = (a + (a >> 4)) & 0x0f0f0f0f0f0f0f0f;
            return ((a * 0x0101010101010101) >> 56) & 0xff;
        }
    }
}
