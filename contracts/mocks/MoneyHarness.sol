// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Auction } from "../libraries/Auction.sol";
import { Bonding } from "../libraries/Bonding.sol";
import { Reputation } from "../libraries/Reputation.sol";
import { JobRules } from "../types/JobTerms.sol";
import { Parameters } from "../types/Parameters.sol";
import { Resources } from "../types/Resources.sol";
import { UFloat20, UFloat20Library } from "../types/UFloat20.sol";

/// @notice Opens the libraries behind every amount to tests.
contract MoneyHarness {
    Parameters private _parameters;

    function setParameters(Parameters calldata parameters) external {
        _parameters = parameters;
    }

    function shareAt(JobRules rules, uint256 elapsed) external pure returns (uint256) {
        return Auction.shareAt(rules, elapsed);
    }

    function priceOf(JobRules rules, uint256 share) external pure returns (uint256) {
        return Auction.priceOf(rules, share);
    }

    function priceAt(JobRules rules, uint256 elapsed) external pure returns (uint256) {
        return Auction.priceOf(rules, Auction.shareAt(rules, elapsed));
    }

    function exposureLimit(uint256 reputation) external view returns (uint256) {
        return Bonding.exposureLimit(_parameters, reputation);
    }

    function bondFor(uint256 price, uint256 reputation) external view returns (uint256) {
        return Bonding.bondFor(_parameters, price, reputation).decode();
    }

    function splitFraud(uint256 bond, uint256 price, uint256 moves) external pure returns (Bonding.FraudSlash memory) {
        return Bonding.splitFraud(bond, price, moves);
    }

    function splitLateness(uint256 bond) external view returns (Bonding.LatenessSlash memory) {
        return Bonding.splitLateness(_parameters, bond);
    }

    function releasePenalty(uint256 price, uint256 bond) external pure returns (uint256) {
        return Bonding.releasePenalty(price, bond);
    }

    function decayed(uint256 value, uint256 from, uint256 to) external pure returns (uint256) {
        return Reputation.decayed(value, from, to);
    }

    /// @notice What is left of `value` after `first` days and on each day that follows, `count` numbers in all.
    function decayedDaily(uint256 value, uint256 first, uint256 count) external pure returns (uint256[] memory left) {
        left = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) left[i] = Reputation.decayed(value, 0, (first + i) * 1 days);
    }

    function increased(uint256 value, uint256 fee) external pure returns (uint256) {
        return Reputation.increased(value, fee);
    }

    function afterLateness(uint256 value) external pure returns (uint256) {
        return Reputation.afterLateness(value);
    }

    function afterFraud(uint256 value) external pure returns (uint256) {
        return Reputation.afterFraud(value);
    }

    function encodeUp(uint256 value) external pure returns (UFloat20) {
        return UFloat20Library.encodeUp(value);
    }

    function decode(UFloat20 float) external pure returns (uint256) {
        return float.decode();
    }

    function covers(Resources offered, Resources floor) external pure returns (bool) {
        return offered.covers(floor);
    }

    function resourceParts(
        Resources resources
    ) external pure returns (uint256 cores, uint256 memoryUnits, uint256 disk) {
        return (resources.cores(), resources.memoryUnits(), resources.disk());
    }
}
