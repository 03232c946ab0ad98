// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Isa } from "./Isa.sol";

using Instructions for Instruction global;

/// @notice One word of a program, taken apart.
struct Instruction {
    uint256 op;
    uint256 flags;
    uint256 d;
    uint256 a;
    uint256 b;
    uint256 c;
    uint256 t;
    uint256 x;
    uint256 y;
}

/// @notice What a word says before anything else is read.
library Instructions {
    /// @notice Takes a word apart; any word can be.
    function decode(uint256 word) internal pure returns (Instruction memory i) {
        i.op = word >> 248;
        i.flags = (word >> 240) & 0xff;
        i.d = (word >> 224) & 0xffff;
        i.a = (word >> 208) & 0xffff;
        i.b = (word >> 192) & 0xffff;
        i.c = (word >> 176) & 0xffff;
        i.t = (word >> 128) & 0xffffffff;
        i.x = (word >> 64) & 0xffffffffffffffff;
        i.y = word & 0xffffffffffffffff;
    }

    /// @notice Whether the instruction is one of a mask of {Isa}.
    function isOf(Instruction memory i, uint256 mask) internal pure returns (bool) {
        return (mask >> i.op) & 1 != 0;
    }

    /// @notice Whether it has a flag.
    function has(Instruction memory i, uint256 flag) internal pure returns (bool) {
        return i.flags & flag != 0;
    }

    /// @notice Whether operand A is read from slot `a`.
    function readsSlotA(Instruction memory i) internal pure returns (bool) {
        if (i.op == Isa.RETURN && !has(i, Isa.HAS_VALUE)) return false;
        return isOf(i, Isa.READS_A) && !has(i, Isa.CONSTANT_A);
    }

    /// @notice Whether operand B is read from slot `b`.
    function readsSlotB(Instruction memory i) internal pure returns (bool) {
        return isOf(i, Isa.READS_B) && !has(i, Isa.CONSTANT_B);
    }

    /// @notice Whether the word alone makes the machine trap (rule 3).
    /// @param rep What a repeating instruction has done already.
    function isInvalid(Instruction memory i, uint256 rep) internal pure returns (bool) {
        if (!isOf(i, Isa.KNOWN) || (rep != 0 && !isOf(i, Isa.REPEATS))) return true;
        return
            (readsSlotA(i) && i.a >= Isa.SLOTS) ||
            (readsSlotB(i) && i.b >= Isa.SLOTS) ||
            (isOf(i, Isa.READS_C) && i.c >= Isa.SLOTS) ||
            (isOf(i, Isa.WRITES) && i.d >= Isa.SLOTS) ||
            (isOf(i, Isa.INDEXES) && i.t >= Isa.SLOTS);
    }
}
