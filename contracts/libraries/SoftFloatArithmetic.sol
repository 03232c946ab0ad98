// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { FloatFormat } from "./SoftFloatFormat.sol";

/// @notice The formatOf operations of IEEE 754-2019, clause 5.4.1, in WebAssembly's manner: rounded to nearest, without
/// flags, and with one NaN for all. Each computes the exact result, or another between the same floats and on the same
/// side of the middle, and rounds it once.
/// @dev Floats are bits with nothing above them. Every function is total and never reverts.
library SoftFloatArithmetic {
    /// @dev Bits of a sum below the last one of the term with the greater exponent. A term with an exponent that is
    /// lower still is less than 2^-12 of that bit: the float nearest to the sum is the other term.
    int256 private constant ALIGNMENT = 64;

    /// @dev Bits by which a quotient, and a radicand, are extended: as no significand has more than 53, a quotient has
    /// at least 108 - 52 and a root at least 110 / 2 + 1, which is more than 53 + 2.
    uint256 private constant QUOTIENT_BITS = 108;
    uint256 private constant RADICAND_BITS = 110;

    /// @notice `a + b`.
    /// @dev An exact sum of zero is positive unless both terms are negative (clause 6.3), which then are zeros.
    function add(FloatFormat format, uint256 a, uint256 b) internal pure returns (uint256) {
        if (format.isNaN(a) || format.isNaN(b)) return format.nan();
        uint256 infinity = format.infinity();
        if (format.magnitudeOf(a) == infinity) {
            // Clause 7.2 d: infinities of different signs.
            return format.magnitudeOf(b) == infinity && a != b ? format.nan() : a;
        }
        if (format.magnitudeOf(b) == infinity) return b;
        unchecked {
            (int256 exponentA, uint256 significandA) = format.unpack(a);
            (int256 exponentB, uint256 significandB) = format.unpack(b);
            int256 exponent = (exponentA > exponentB ? exponentA : exponentB) - ALIGNMENT;
            // A shift below zero is, unsigned, one by far more bits than there are, and leaves zero.
            int256 termA = int256(significandA << uint256(exponentA - exponent));
            int256 termB = int256(significandB << uint256(exponentB - exponent));
            int256 sum = (format.signOf(a) == 0 ? termA : -termA) + (format.signOf(b) == 0 ? termB : -termB);
            if (sum == 0) return format.signOf(a & b);
            return
                sum > 0
                    ? format.round(0, exponent, uint256(sum))
                    : format.round(format.signBit(), exponent, uint256(-sum));
        }
    }

    /// @notice `a - b`, which is `a + -b`.
    function sub(FloatFormat format, uint256 a, uint256 b) internal pure returns (uint256) {
        return add(format, a, b ^ format.signBit());
    }

    /// @notice `a * b`.
    function mul(FloatFormat format, uint256 a, uint256 b) internal pure returns (uint256) {
        uint256 sign = format.signOf(a ^ b);
        uint256 infinity = format.infinity();
        uint256 sizeA = format.magnitudeOf(a);
        uint256 sizeB = format.magnitudeOf(b);
        if (sizeA > infinity || sizeB > infinity) return format.nan();
        if (sizeA == infinity || sizeB == infinity) {
            // Clause 7.2 b: zero times infinity.
            return sizeA == 0 || sizeB == 0 ? format.nan() : sign | infinity;
        }
        unchecked {
            (int256 exponentA, uint256 significandA) = format.unpack(a);
            (int256 exponentB, uint256 significandB) = format.unpack(b);
            return format.round(sign, exponentA + exponentB, significandA * significandB);
        }
    }

    /// @notice `a / b`.
    function div(FloatFormat format, uint256 a, uint256 b) internal pure returns (uint256) {
        uint256 sign = format.signOf(a ^ b);
        uint256 infinity = format.infinity();
        uint256 sizeA = format.magnitudeOf(a);
        uint256 sizeB = format.magnitudeOf(b);
        if (sizeA > infinity || sizeB > infinity) return format.nan();
        // Clause 7.2 e: zero by zero, infinity by infinity. Clause 7.3: anything else by zero is infinite.
        if (sizeA == infinity) return sizeB == infinity ? format.nan() : sign | infinity;
        if (sizeB == infinity) return sign;
        if (sizeB == 0) return sizeA == 0 ? format.nan() : sign | infinity;
        unchecked {
            (int256 exponentA, uint256 significandA) = format.unpack(a);
            (int256 exponentB, uint256 significandB) = format.unpack(b);
            uint256 dividend = significandA << QUOTIENT_BITS;
            uint256 quotient = dividend / significandB;
            if (quotient * significandB != dividend) quotient |= 1;
            return format.round(sign, exponentA - exponentB - int256(QUOTIENT_BITS), quotient);
        }
    }

    /// @notice The square root of `a`.
    /// @dev Of `s * 2^e` with an even `e` it is `sqrt(s) * 2^(e/2)`. That of -0 is -0 (clause 6.3).
    function sqrt(FloatFormat format, uint256 a) internal pure returns (uint256) {
        if (format.magnitudeOf(a) == 0) return a;
        // Clause 7.2 g: a number below zero.
        if (format.signOf(a) != 0 || format.isNaN(a)) return format.nan();
        if (a == format.infinity()) return a;
        unchecked {
            (int256 exponent, uint256 significand) = format.unpack(a);
            uint256 extended = RADICAND_BITS | (uint256(exponent) & 1);
            uint256 radicand = significand << extended;
            uint256 root = Math.sqrt(radicand);
            if (root * root != radicand) root |= 1;
            return format.round(0, (exponent - int256(extended)) / 2, root);
        }
    }
}
