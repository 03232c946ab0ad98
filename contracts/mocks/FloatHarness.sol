// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { OneStepFloat } from "../verification/OneStepFloat.sol";

/// @notice Executes many instructions on floats in one call.
contract FloatHarness {
    uint256 private constant CASE_SIZE = 16;

    OneStepFloat public immutable oneStep = new OneStepFloat();

    /// @param op The instruction of all cases.
    /// @param cases Both operands of each, 8 bytes each.
    /// @return results A word for each case: bits 0 to 63 the result, bit 64 whether it trapped, from bit 128 on the
    /// gas of the call to a warm account, with what the caller spends on making it.
    function executeMany(uint8 op, bytes calldata cases) external view returns (uint256[] memory results) {
        uint256 count = cases.length / CASE_SIZE;
        results = new uint256[](count);
        oneStep.execute(op, 0, 0);
        for (uint256 i = 0; i < count; ++i) {
            uint256 operands = uint128(bytes16(cases[i * CASE_SIZE:]));
            uint256 before = gasleft();
            (uint64 result, bool isTrap) = oneStep.execute(op, uint64(operands >> 64), uint64(operands));
            uint256 spent = before - gasleft();
            results[i] = (spent << 128) | (isTrap ? 1 << 64 : 0) | result;
        }
    }
}
