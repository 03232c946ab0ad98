// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice What a metered job pays by step. From the lowest bit: stepBudget 96 (tasks × stepLimit), steps 96 (those
/// submitted, at most the budget), meteredBps 16.
type JobMeter is uint256;

using JobMeterLibrary for JobMeter global;

library JobMeterLibrary {
    uint256 private constant BPS = 10_000;

    /// @param budget At least 1.
    /// @param bps At least 1, at most 10,000.
    function pack(uint256 budget, uint256 bps) internal pure returns (JobMeter) {
        return JobMeter.wrap(budget | (bps << 192));
    }

    function stepBudget(JobMeter self) internal pure returns (uint256) {
        return uint96(JobMeter.unwrap(self));
    }

    function steps(JobMeter self) internal pure returns (uint256) {
        return uint96(JobMeter.unwrap(self) >> 96);
    }

    /// @notice The share of the price that is paid by step, in basis points.
    function meteredBps(JobMeter self) internal pure returns (uint256) {
        return JobMeter.unwrap(self) >> 192;
    }

    /// @dev Called once, while `steps` is zero.
    function withSteps(JobMeter self, uint256 total) internal pure returns (JobMeter) {
        return JobMeter.wrap(JobMeter.unwrap(self) | (Math.min(total, stepBudget(self)) << 96));
    }

    /// @notice `price * (base + (1 - base) * steps / stepBudget)`, rounded down, where `1 - base` is `meteredBps`.
    function payOf(JobMeter self, uint256 price) internal pure returns (uint256) {
        unchecked {
            // below 2^80 * 2^14 * 2^77
            uint256 budget = stepBudget(self);
            uint256 bps = meteredBps(self);
            return (price * ((BPS - bps) * budget + bps * steps(self))) / (BPS * budget);
        }
    }
}
