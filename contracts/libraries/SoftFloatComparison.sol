// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { FloatFormat } from "./SoftFloatFormat.sol";

/// @notice Comparisons (IEEE 754-2019, clause 5.11), minimum and maximum (clause 9.6), and what only touches the sign
/// (clause 5.5.1).
/// @dev Floats are bits with nothing above them. Every function is total and never reverts.
library SoftFloatComparison {
    /// @notice Whether neither is a NaN: otherwise every comparison is false, but for "not equal".
    function areOrdered(FloatFormat format, uint256 a, uint256 b) internal pure returns (bool) {
        return !format.isNaN(a) && !format.isNaN(b);
    }

    /// @notice An integer for each number, in the order of the numbers; the same for both zeros.
    function orderOf(FloatFormat format, uint256 bits) internal pure returns (int256) {
        unchecked {
            int256 magnitude = int256(format.magnitudeOf(bits));
            return format.signOf(bits) == 0 ? magnitude : -magnitude;
        }
    }

    /// @notice The lesser of both, a NaN if either is; -0 counts as less than +0 (`minimum`, clause 9.6).
    function min(FloatFormat format, uint256 a, uint256 b) internal pure returns (uint256) {
        if (!areOrdered(format, a, b)) return format.nan();
        int256 orderA = orderOf(format, a);
        int256 orderB = orderOf(format, b);
        // Equal numbers differ at most in the sign of a zero.
        if (orderA == orderB) return a | b;
        return orderA < orderB ? a : b;
    }

    /// @notice The greater of both, a NaN if either is; +0 counts as greater than -0 (`maximum`, clause 9.6).
    function max(FloatFormat format, uint256 a, uint256 b) internal pure returns (uint256) {
        if (!areOrdered(format, a, b)) return format.nan();
        int256 orderA = orderOf(format, a);
        int256 orderB = orderOf(format, b);
        if (orderA == orderB) return a & b;
        return orderA > orderB ? a : b;
    }

    /// @notice `a` with the sign of `b`, NaNs included.
    function copySign(FloatFormat format, uint256 a, uint256 b) internal pure returns (uint256) {
        return format.magnitudeOf(a) | format.signOf(b);
    }
}
