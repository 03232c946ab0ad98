// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Resources } from "./Resources.sol";

/// @notice What a provider declares and has earned. From the lowest bit: resources 32, concurrency 16, faults 16,
/// reputationAt 32, reputation 80 (fees paid, in units, decayed up to reputationAt), feeOwed 80 (fees not collected
/// yet).
type Profile is uint256;

using ProfileLibrary for Profile global;

library ProfileLibrary {
    uint256 private constant DECLARED_MASK = type(uint48).max;
    uint256 private constant REPUTATION_MASK = uint256(type(uint112).max) << 64;
    uint256 private constant MAX_FAULTS = type(uint16).max;

    function resources(Profile self) internal pure returns (Resources) {
        return Resources.wrap(uint32(Profile.unwrap(self)));
    }

    function concurrency(Profile self) internal pure returns (uint256) {
        return uint16(Profile.unwrap(self) >> 32);
    }

    function faults(Profile self) internal pure returns (uint256) {
        return uint16(Profile.unwrap(self) >> 48);
    }

    function reputationAt(Profile self) internal pure returns (uint256) {
        return uint32(Profile.unwrap(self) >> 64);
    }

    function reputation(Profile self) internal pure returns (uint256) {
        return uint80(Profile.unwrap(self) >> 96);
    }

    function feeOwed(Profile self) internal pure returns (uint256) {
        return Profile.unwrap(self) >> 176;
    }

    function withDeclared(Profile self, Resources offered, uint256 slots) internal pure returns (Profile) {
        return Profile.wrap((Profile.unwrap(self) & ~DECLARED_MASK) | Resources.unwrap(offered) | (slots << 32));
    }

    /// @dev `value` must fit 80 bits, `time` 32.
    function withReputation(Profile self, uint256 value, uint256 time) internal pure returns (Profile) {
        return Profile.wrap((Profile.unwrap(self) & ~REPUTATION_MASK) | (time << 64) | (value << 96));
    }

    /// @notice Counts one fault; the counter stays at its maximum.
    function withFault(Profile self) internal pure returns (Profile) {
        return faults(self) == MAX_FAULTS ? self : Profile.wrap(Profile.unwrap(self) + (1 << 48));
    }

    /// @dev Never overflows: fees owed are a part of the units held, which fit 80 bits.
    function withFee(Profile self, uint256 fee) internal pure returns (Profile) {
        return Profile.wrap(Profile.unwrap(self) + (fee << 176));
    }

    function withoutFee(Profile self) internal pure returns (Profile) {
        return Profile.wrap(uint176(Profile.unwrap(self)));
    }
}
