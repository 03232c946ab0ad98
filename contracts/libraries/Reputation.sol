// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Reputation is the sum of protocol fees a provider's jobs paid, in units, halved every 30 days, cut by
/// faults.
/// @dev Time counts in whole days since the epoch, so that the result does not depend on how often it is brought up
/// to date except by rounding down. The factors of the days are multiplied first, the value last: rounded after each
/// factor, a small value would grow where a number of days has fewer ones in binary than the number before it.
library Reputation {
    uint256 internal constant DAY = 1 days;
    uint256 internal constant HALF_LIFE_DAYS = 30;
    uint256 internal constant MAX = type(uint80).max;

    /// @dev floor(2^64 * 2^(-1/30)), so that 30 factors make one halving.
    uint256 private constant DAILY_FACTOR = 18_025_419_856_780_639_094;

    /// @notice `value` as it stood at `from`, decayed until `to` (both in seconds; nothing decays backwards).
    function decayed(uint256 value, uint256 from, uint256 to) internal pure returns (uint256) {
        if (value == 0 || to <= from) return value;
        unchecked {
            uint256 elapsed = to / DAY - from / DAY;
            if (elapsed == 0) return value;
            // square and multiply: `decay` is at most 2^64, `factor` and `value` are below 2^64 and 2^80
            uint256 decay = 1 << 64;
            uint256 factor = DAILY_FACTOR;
            for (uint256 rest = elapsed % HALF_LIFE_DAYS; rest != 0; rest >>= 1) {
                if (rest & 1 == 1) decay = (decay * factor) >> 64;
                factor = (factor * factor) >> 64;
            }
            return (value * decay) >> (64 + elapsed / HALF_LIFE_DAYS);
        }
    }

    /// @notice Adds the fee of a settled job.
    function increased(uint256 value, uint256 fee) internal pure returns (uint256) {
        return Math.min(value + fee, MAX);
    }

    /// @notice What lateness leaves: three quarters.
    function afterLateness(uint256 value) internal pure returns (uint256) {
        return (value * 3) / 4;
    }

    /// @notice What a proven fraud leaves: a quarter.
    function afterFraud(uint256 value) internal pure returns (uint256) {
        return value / 4;
    }
}
