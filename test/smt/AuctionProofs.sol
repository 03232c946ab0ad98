// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { Auction } from "../../contracts/libraries/Auction.sol";
import { JobRules } from "../../contracts/types/JobTerms.sol";

/// @notice A price never exceeds the maximum, never falls, and reaches the maximum. `minBps` is bounded at posting.
contract AuctionProofs {
    uint256 private constant BPS = 10_000;
    uint256 private constant FULL_SHARE = 2 ** 24 - 1;

    struct Fields {
        uint80 maxPrice;
        uint16 minBps;
        uint24 ramp;
        uint136 others;
    }

    function aShareFitsItsBits(JobRules rules, uint256 elapsed) external pure {
        require(rules.minBps() <= BPS);
        assert(Auction.shareAt(rules, elapsed) <= FULL_SHARE);
    }

    function aShareNeverFalls(Fields calldata f, uint256 elapsed, uint256 later) external pure {
        require(f.minBps <= BPS && elapsed <= later);
        assert(Auction.shareAt(_pack(f), elapsed) <= Auction.shareAt(_pack(f), later));
    }

    /// @dev Why the same holds where the solver gives up on the whole: what is divided grows, and so does the quotient.
    function whatAShareIsAPartOfNeverFalls(uint16 minBps, uint24 ramp, uint256 elapsed, uint256 later) external pure {
        require(minBps <= BPS && elapsed <= later && later < ramp);
        uint256 first = uint256(minBps) * ramp + (BPS - minBps) * elapsed;
        uint256 second = uint256(minBps) * ramp + (BPS - minBps) * later;
        assert(first <= second);
    }

    function aQuotientNeverFalls(uint128 dividend, uint128 more, uint64 divisor) external pure {
        require(dividend <= more && divisor > 0);
        assert(dividend / divisor <= more / divisor);
    }

    function aPriceIsAtMostTheMaximum(Fields calldata f, uint256 share) external pure {
        require(share <= FULL_SHARE);
        assert(Auction.priceOf(_pack(f), share) <= f.maxPrice);
    }

    function aPriceGrowsWithTheShare(Fields calldata f, uint256 share, uint256 more) external pure {
        require(share <= more && more <= FULL_SHARE);
        assert(Auction.priceOf(_pack(f), share) <= Auction.priceOf(_pack(f), more));
    }

    function thePriceAfterTheRampIsTheMaximum(Fields calldata f, uint256 elapsed) external pure {
        require(elapsed >= f.ramp);
        assert(Auction.priceOf(_pack(f), Auction.shareAt(_pack(f), elapsed)) == f.maxPrice);
    }

    /// @dev Every word is that of its fields.
    function _pack(Fields calldata f) private pure returns (JobRules result) {
        result = JobRules.wrap(
            uint256(f.maxPrice) + uint256(f.minBps) * 2 ** 80 + uint256(f.ramp) * 2 ** 96 + uint256(f.others) * 2 ** 120
        );
    }
}
