// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Integers } from "../verification/vm/Integers.sol";
import { ProgramParts, States } from "../verification/vm/States.sol";

/// @notice Opens the libraries of OneStepVM to tests.
contract OneStepHarness {
    /// @notice Executes one integer instruction on many operands.
    /// @param operands Pairs of 8 bytes.
    /// @return results For each pair a byte, 1 if the instruction traps, and 8 bytes of its result.
    function integers(uint256 op, bytes calldata operands) external pure returns (bytes memory results) {
        uint256 pairs = operands.length / 16;
        results = new bytes(9 * pairs);
        for (uint256 i = 0; i < pairs; ++i) {
            uint256 a = uint64(bytes8(operands[16 * i:]));
            uint256 b = uint64(bytes8(operands[16 * i + 8:]));
            (uint256 result, bool isTrap) = Integers.execute(op, a, b);
            // more than 64 bits would be a fault, which must not be cut off
            assert(result >> 64 == 0);
            uint256 packed = (isTrap ? uint256(1) << 64 : 0) | result;
            for (uint256 n = 0; n < 9; ++n) results[9 * i + n] = bytes1(uint8(packed >> (8 * (8 - n))));
        }
    }

    function programId(ProgramParts calldata program) external pure returns (bytes32) {
        return States.programId(program);
    }

    function firstState(
        ProgramParts calldata program,
        bytes32 taskInput,
        bytes32 sharedInput,
        uint64 stepLimit,
        uint32 maxOutput
    ) external pure returns (bytes32) {
        return States.firstState(program, taskInput, sharedInput, stepLimit, maxOutput);
    }

    function endState(bytes calldata row) external pure returns (bytes32) {
        return States.endState(row);
    }
}
