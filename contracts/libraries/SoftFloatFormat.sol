// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice A binary interchange format of IEEE 754-2019, clause 3.4: sign, exponent, fraction, from the highest bit.
/// @dev From the lowest bit: precision 8, minus the least exponent 16, empty 40, infinity 64, sign bit 64, the NaN of
/// results 64.
type FloatFormat is uint256;

using SoftFloatFormat for FloatFormat global;

/// @dev binary32: 8 bits of exponent, 23 of fraction.
FloatFormat constant BINARY32 = FloatFormat.wrap(
    (0x7fc00000 << 192) | (0x80000000 << 128) | (0x7f800000 << 64) | (149 << 8) | 24
);

/// @dev binary64: 11 bits of exponent, 52 of fraction.
FloatFormat constant BINARY64 = FloatFormat.wrap(
    (0x7ff8000000000000 << 192) | (0x8000000000000000 << 128) | (0x7ff0000000000000 << 64) | (1074 << 8) | 53
);

/// @notice What the floats of a format have in common, and the way from their bits to numbers and back.
/// @dev A float is given as its bits, with nothing above them. Every function is total and never reverts.
library SoftFloatFormat {
    /// @notice Bits of a significand, the one before the point included: `p` of the standard.
    function precision(FloatFormat format) internal pure returns (uint256) {
        return FloatFormat.unwrap(format) & 0xff;
    }

    /// @notice The exponent of a subnormal number's last bit: `emin - p + 1`.
    function leastExponent(FloatFormat format) internal pure returns (int256) {
        unchecked {
            return -int256((FloatFormat.unwrap(format) >> 8) & 0xffff);
        }
    }

    /// @notice Positive infinity; greater than the bits of any other positive number, less than those of any NaN.
    function infinity(FloatFormat format) internal pure returns (uint256) {
        return (FloatFormat.unwrap(format) >> 64) & type(uint64).max;
    }

    /// @notice The bit that negative floats have.
    function signBit(FloatFormat format) internal pure returns (uint256) {
        return (FloatFormat.unwrap(format) >> 128) & type(uint64).max;
    }

    /// @notice The one NaN that arithmetic yields: positive, quiet, without a payload.
    function nan(FloatFormat format) internal pure returns (uint256) {
        return FloatFormat.unwrap(format) >> 192;
    }

    /// @notice The sign bit of `bits`, where it stands.
    function signOf(FloatFormat format, uint256 bits) internal pure returns (uint256) {
        return bits & format.signBit();
    }

    /// @notice `bits` without the sign: of two numbers, the one farther from zero has more.
    function magnitudeOf(FloatFormat format, uint256 bits) internal pure returns (uint256) {
        unchecked {
            return bits & (format.signBit() - 1);
        }
    }

    /// @notice Whether `bits` are those of a NaN, with any sign and payload.
    function isNaN(FloatFormat format, uint256 bits) internal pure returns (bool) {
        return format.magnitudeOf(bits) > format.infinity();
    }

    /// @notice The magnitude of a finite float as `significand * 2^exponent`.
    /// @dev Clause 3.4: an exponent field of zero stands for the same exponent as one, without the leading bit.
    /// Infinity becomes a number beyond every finite one.
    function unpack(FloatFormat format, uint256 bits) internal pure returns (int256 exponent, uint256 significand) {
        unchecked {
            uint256 leading = 1 << (format.precision() - 1);
            uint256 field = (bits & format.infinity()) / leading;
            significand = bits & (leading - 1);
            if (field == 0) return (format.leastExponent(), significand);
            return (int256(field) - 1 + format.leastExponent(), significand | leading);
        }
    }

    /// @notice The float nearest to `significand * 2^exponent`, of two the one with an even last bit, with that sign.
    /// @param sign The sign bit, where it stands.
    /// @param exponent Of a magnitude below 2^200.
    /// @param significand Exact, or, where it has at least two bits more than the precision, with a last bit that says
    /// whether it or anything below it is not zero.
    /// @dev roundTiesToEven, clause 4.3.1. The last bit kept has the exponent that leaves `precision` bits, or the
    /// least there is (subnormal numbers). Counted from the least, that exponent and the leading bit add up to the
    /// field: a number without the leading bit has a field of zero, and a carry out of the significand goes to the next
    /// exponent, at last to infinity (clause 7.4).
    function round(
        FloatFormat format,
        uint256 sign,
        int256 exponent,
        uint256 significand
    ) internal pure returns (uint256) {
        if (significand == 0) return sign;
        unchecked {
            int256 least = format.leastExponent();
            int256 last = exponent + int256(Math.log2(significand)) + 1 - int256(format.precision());
            if (last < least) last = least;
            uint256 kept =
                last > exponent
                    ? shiftToNearest(significand, uint256(last - exponent))
                    : significand << uint256(exponent - last);
            uint256 magnitude = (uint256(last - least) << (format.precision() - 1)) + kept;
            uint256 most = format.infinity();
            return sign | (magnitude < most ? magnitude : most);
        }
    }

    /// @notice `value / 2^count`, rounded to the nearest integer, of two to the even one.
    /// @param count At least 1.
    /// @dev One less than a half is added where the integer part is even, a half where it is odd: then what is cut off
    /// has carried if it was more than a half, or a half above an odd number. With a count above 256 all is cut off.
    function shiftToNearest(uint256 value, uint256 count) internal pure returns (uint256) {
        unchecked {
            return (value + (1 << (count - 1)) - 1 + ((value >> count) & 1)) >> count;
        }
    }
}
