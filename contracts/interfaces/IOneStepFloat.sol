// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The instructions of the Assay VM on floats
interface IOneStepFloat {
    /// @notice Executes one instruction. Reverts for no operands, whatever they are.
    /// @param op The instruction's number.
    /// @param a The first operand; of one of 32 bits, the lower half counts.
    /// @param b The second operand; ignored by instructions that have only one.
    /// @return result Zero-extended where it has 32 bits, and 0 of an instruction that traps.
    /// @return isTrap Whether the instruction traps.
    function execute(uint8 op, uint64 a, uint64 b) external pure returns (uint64 result, bool isTrap);
}
