// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice An amount in 20 bits: 13 bits of mantissa (low), 7 bits of exponent; its value is `mantissa << exponent`.
/// @dev Used where a word has no room for 80 bits. The decoded value is the amount that counts, so nothing is lost by
/// rounding, it is only chosen up to 2^-12 higher.
type UFloat20 is uint256;

using UFloat20Library for UFloat20 global;

library UFloat20Library {
    uint256 internal constant MANTISSA_BITS = 13;
    uint256 internal constant MANTISSA_MASK = (1 << MANTISSA_BITS) - 1;
    uint256 internal constant MASK = (1 << 20) - 1;

    /// @notice The smallest representable amount that is at least `value`.
    /// @param value An amount below 2^127.
    function encodeUp(uint256 value) internal pure returns (UFloat20) {
        if (value <= MANTISSA_MASK) return UFloat20.wrap(value);
        unchecked {
            uint256 exponent = Math.log2(value) - (MANTISSA_BITS - 1);
            uint256 mantissa = (value + (1 << exponent) - 1) >> exponent;
            if (mantissa > MANTISSA_MASK) (mantissa, exponent) = (mantissa >> 1, exponent + 1);
            return UFloat20.wrap((exponent << MANTISSA_BITS) | mantissa);
        }
    }

    /// @notice The amount that `float` stands for.
    function decode(UFloat20 float) internal pure returns (uint256) {
        uint256 bits = UFloat20.unwrap(float) & MASK;
        return (bits & MANTISSA_MASK) << (bits >> MANTISSA_BITS);
    }
}
