// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobRules } from "../types/JobTerms.sol";

/// @notice Reverse Dutch auction: the price climbs linearly from `minBps` of `maxPrice` at posting to `maxPrice`
/// after the ramp. A price is kept as a share of the maximum in 24 bits, `price = floor(maxPrice * (share + 1) /
/// 2^24)`.
library Auction {
    uint256 internal constant SHARE_BITS = 24;
    uint256 private constant FULL_SHARE = (1 << SHARE_BITS) - 1;
    uint256 private constant BPS = 10_000;

    /// @notice The share reached `elapsed` seconds after posting.
    function shareAt(JobRules rules, uint256 elapsed) internal pure returns (uint256) {
        uint256 ramp = rules.ramp();
        if (elapsed >= ramp) return FULL_SHARE;
        uint256 minBps = rules.minBps();
        unchecked {
            // at most 10^4 * 2^24 * 2^24: no overflow
            uint256 scaled = ((minBps * ramp + (BPS - minBps) * elapsed) << SHARE_BITS) / (BPS * ramp);
            return scaled == 0 ? 0 : scaled - 1;
        }
    }

    /// @notice The price, in units, that `share` stands for.
    function priceOf(JobRules rules, uint256 share) internal pure returns (uint256) {
        unchecked {
            return (rules.maxPrice() * (share + 1)) >> SHARE_BITS;
        }
    }
}
