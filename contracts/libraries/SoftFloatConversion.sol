// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { FloatFormat, SoftFloatFormat } from "./SoftFloatFormat.sol";

/// @notice Between floats and integers, and between formats: IEEE 754-2019, clauses 5.3.1, 5.4.1, 5.4.2 and 5.8.
/// @dev Floats are bits with nothing above them. Every function is total and never reverts.
library SoftFloatConversion {
    /// @notice Which of the two integers around a number is taken.
    enum Direction {
        Nearest,
        TowardZero,
        AwayFromZero
    }

    /// @dev More bits of fraction than any significand has: with as many a number is less than a half.
    uint256 private constant MOST_FRACTION = 64;

    /// @dev A shift that takes every significand with a leading bit beyond 64 bits.
    uint256 private constant MOST_SHIFT = 64;

    /// @notice The least integer that is not below `a`.
    function ceil(FloatFormat format, uint256 a) internal pure returns (uint256) {
        return _toIntegral(format, a, format.signOf(a) == 0 ? Direction.AwayFromZero : Direction.TowardZero);
    }

    /// @notice The greatest integer that is not above `a`.
    function floor(FloatFormat format, uint256 a) internal pure returns (uint256) {
        return _toIntegral(format, a, format.signOf(a) == 0 ? Direction.TowardZero : Direction.AwayFromZero);
    }

    /// @notice `a` without its fraction.
    function trunc(FloatFormat format, uint256 a) internal pure returns (uint256) {
        return _toIntegral(format, a, Direction.TowardZero);
    }

    /// @notice The integer nearest to `a`, of two the even one.
    function nearest(FloatFormat format, uint256 a) internal pure returns (uint256) {
        return _toIntegral(format, a, Direction.Nearest);
    }

    /// @notice `a` without its fraction as an integer of `width` bits, or the nearest that there is; 0 for a NaN.
    /// @return result Two's complement if signed, zero-extended.
    /// @return isInvalid Whether there is no such integer, or `a` is a NaN.
    function toInteger(
        FloatFormat format,
        uint256 a,
        uint256 width,
        bool isSigned
    ) internal pure returns (uint256 result, bool isInvalid) {
        if (format.isNaN(a)) return (0, true);
        unchecked {
            (int256 exponent, uint256 significand) = format.unpack(a);
            // A number with an exponent above zero has the leading bit, and so has infinity.
            uint256 whole =
                exponent < 0
                    ? significand >> uint256(-exponent)
                    : significand << Math.min(uint256(exponent), MOST_SHIFT);
            bool isNegative = format.signOf(a) != 0;
            uint256 most = _farthest(width, isSigned, isNegative);
            isInvalid = whole > most;
            if (isInvalid) whole = most;
            result = isNegative ? (1 << width) - whole : whole;
            result &= (1 << width) - 1;
        }
    }

    /// @notice The float nearest to an integer of `width` bits.
    /// @param value Two's complement if signed, zero-extended.
    function fromInteger(
        FloatFormat format,
        uint256 value,
        uint256 width,
        bool isSigned
    ) internal pure returns (uint256) {
        unchecked {
            if (isSigned && value >> (width - 1) != 0) return format.round(format.signBit(), 0, (1 << width) - value);
            return format.round(0, 0, value);
        }
    }

    /// @notice The float of `target` nearest to `a`.
    function toFormat(FloatFormat format, FloatFormat target, uint256 a) internal pure returns (uint256) {
        if (format.isNaN(a)) return target.nan();
        uint256 sign = format.signOf(a) == 0 ? 0 : target.signBit();
        if (format.magnitudeOf(a) == format.infinity()) return sign | target.infinity();
        (int256 exponent, uint256 significand) = format.unpack(a);
        return target.round(sign, exponent, significand);
    }

    /// @dev An exponent of zero or above, as infinity has, leaves no fraction. Zero keeps its sign (clause 6.3).
    function _toIntegral(FloatFormat format, uint256 a, Direction direction) private pure returns (uint256) {
        if (format.isNaN(a)) return format.nan();
        unchecked {
            (int256 exponent, uint256 significand) = format.unpack(a);
            if (exponent >= 0) return a;
            uint256 fraction = Math.min(uint256(-exponent), MOST_FRACTION);
            uint256 whole;
            if (direction == Direction.Nearest) whole = SoftFloatFormat.shiftToNearest(significand, fraction);
            else if (direction == Direction.TowardZero) whole = significand >> fraction;
            else whole = (significand + (1 << fraction) - 1) >> fraction;
            return format.round(format.signOf(a), 0, whole);
        }
    }

    /// @dev The magnitude of the integer farthest from zero on one side of it.
    function _farthest(uint256 width, bool isSigned, bool isNegative) private pure returns (uint256) {
        unchecked {
            if (isSigned) return isNegative ? 1 << (width - 1) : (1 << (width - 1)) - 1;
            return isNegative ? 0 : (1 << width) - 1;
        }
    }
}
