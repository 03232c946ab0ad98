// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

/// @notice Something whose answers are not known.
interface IOracle {
    function anyNumber(uint256 about) external pure returns (uint256);
}

/// @notice What the contracts use of OpenZeppelin's Math, without assembly, which no proof sees through. It stands in
/// for that in proofs; PlainMath.t.sol tests that the two agree.
library Math {
    enum Rounding {
        Floor,
        Ceil
    }

    function max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }

    function min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function saturatingSub(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a - b : 0;
    }

    function ceilDiv(uint256 a, uint256 b) internal pure returns (uint256) {
        return a / b + (a % b == 0 ? 0 : 1);
    }

    /// @dev Said by what it means: the many cases of a computation are too much for proofs that use it.
    function log2(uint256 x) internal pure returns (uint256 r) {
        r = IOracle(address(0)).anyNumber(x);
        require(isLog2(x, r));
    }

    function log2(uint256 x, Rounding rounding) internal pure returns (uint256 r) {
        if (rounding == Rounding.Floor) return log2(x);
        r = IOracle(address(0)).anyNumber(x);
        require(isLog2Up(x, r));
    }

    /// @notice Whether `r` is the binary logarithm of `x`, rounded down; zero for zero.
    function isLog2(uint256 x, uint256 r) internal pure returns (bool) {
        return r < 256 && ((x >> r) == 1 || (x == 0 && r == 0));
    }

    /// @notice Whether `r` is the binary logarithm of `x`, rounded up; zero for zero.
    function isLog2Up(uint256 x, uint256 r) internal pure returns (bool) {
        return x < 2 ? r == 0 : r > 0 && r <= 256 && ((x - 1) >> (r - 1)) == 1;
    }
}
