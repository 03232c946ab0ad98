// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { Profile } from "../../contracts/types/Profile.sol";
import { Resources } from "../../contracts/types/Resources.sol";

/// @notice What is counted in a profile changes nothing else in it.
contract ProfileProofs {
    uint256 private constant ONE_FAULT = 2 ** 48;
    uint256 private constant ONE_FEE = 2 ** 176;

    function theFieldsAreTheWholeWord(Profile p) external pure {
        unchecked {
            uint256 declared = Resources.unwrap(p.resources()) + p.concurrency() * 2 ** 32;
            uint256 earned = p.reputationAt() * 2 ** 64 + p.reputation() * 2 ** 96 + p.feeOwed() * ONE_FEE;
            assert(declared + p.faults() * ONE_FAULT + earned == Profile.unwrap(p));
        }
    }

    function aFaultIsCountedAloneUpToTheMost(Profile p) external pure {
        Profile next = p.withFault();
        uint256 more = p.faults() == type(uint16).max ? 0 : 1;
        assert(next.faults() == p.faults() + more);
        unchecked {
            assert(Profile.unwrap(next) == Profile.unwrap(p) + more * ONE_FAULT);
        }
    }

    function aFeeIsOwedAlone(Profile p, uint80 fee) external pure {
        require(p.feeOwed() <= type(uint80).max - fee);
        Profile next = p.withFee(fee);
        assert(next.feeOwed() == p.feeOwed() + fee);
        assert(Profile.unwrap(next) % ONE_FEE == Profile.unwrap(p) % ONE_FEE);
    }

    function feesAreTakenAwayAlone(Profile p) external pure {
        Profile next = p.withoutFee();
        assert(next.feeOwed() == 0);
        assert(Profile.unwrap(next) == Profile.unwrap(p) % ONE_FEE);
    }

    function aDeclarationIsTakenAlone(Profile p, Resources offered, uint16 slots) external pure {
        Profile next = p.withDeclared(offered, slots);
        assert(Resources.unwrap(next.resources()) == Resources.unwrap(offered));
        assert(next.concurrency() == slots);
        assert(Profile.unwrap(next) >> 48 == Profile.unwrap(p) >> 48);
    }

    function aReputationIsTakenAlone(Profile p, uint80 value, uint32 time) external pure {
        Profile next = p.withReputation(value, time);
        assert(next.reputation() == value);
        assert(next.reputationAt() == time);
        assert(next.feeOwed() == p.feeOwed());
        assert(Profile.unwrap(next) % 2 ** 64 == Profile.unwrap(p) % 2 ** 64);
    }
}
