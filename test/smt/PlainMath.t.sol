// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Math as Plain } from "./PlainMath.sol";

/// @notice Proofs replace OpenZeppelin's Math: this is what allows them to.
contract PlainMathTest {
    function testFuzzMinAndMaxAgree(uint256 a, uint256 b) external pure {
        assert(Math.min(a, b) == Plain.min(a, b));
        assert(Math.max(a, b) == Plain.max(a, b));
    }

    function testFuzzSaturatingSubAgrees(uint256 a, uint256 b) external pure {
        assert(Math.saturatingSub(a, b) == Plain.saturatingSub(a, b));
    }

    function testFuzzCeilDivAgrees(uint256 a, uint256 b, uint8 shift) external pure {
        uint256 divisor = (b >> shift) | 1;
        assert(Math.ceilDiv(a, divisor) == Plain.ceilDiv(a, divisor));
        assert(Math.ceilDiv(a - (a % divisor), divisor) == Plain.ceilDiv(a - (a % divisor), divisor));
    }

    function testFuzzLog2Agrees(uint256 value) external pure {
        _assertLog2Agrees(value);
    }

    function testLog2AgreesAroundEveryPowerOfTwo() external pure {
        _assertLog2Agrees(0);
        for (uint256 shift = 0; shift < 256; ++shift) {
            uint256 power = 1 << shift;
            _assertLog2Agrees(power - 1);
            _assertLog2Agrees(power);
            _assertLog2Agrees(power + 1);
        }
    }

    function _assertLog2Agrees(uint256 value) private pure {
        uint256 down = Math.log2(value);
        assert(Plain.isLog2(value, down) && !Plain.isLog2(value, down + 1));
        assert(down == 0 || !Plain.isLog2(value, down - 1));
        uint256 up = Math.log2(value, Math.Rounding.Ceil);
        assert(Plain.isLog2Up(value, up) && !Plain.isLog2Up(value, up + 1));
        assert(up == 0 || !Plain.isLog2Up(value, up - 1));
    }
}
