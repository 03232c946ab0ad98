// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { requireRange } from "../../contracts/types/Range.sol";
import { Resources } from "../../contracts/types/Resources.sol";
import { UFloat20Library } from "../../contracts/types/UFloat20.sol";

/// @notice A range has both of its bounds; more resources cover what fewer do; a float is no less than its amount.
contract ValueProofs {
    function aRangeHasBothBounds(uint256 value, uint256 min, uint256 max) external pure {
        require(min <= max);
        requireRange("field", value, min, max);
        assert(min <= value && value <= max);
    }

    function resourcesCoverThemselves(Resources a) external pure {
        assert(a.covers(a));
    }

    function whatCoversMoreCoversLess(Resources a, Resources b, Resources c) external pure {
        require(a.covers(b) && b.covers(c));
        assert(a.covers(c));
    }

    function aSmallAmountIsItsOwnFloat(uint80 value) external pure {
        require(value <= UFloat20Library.MANTISSA_MASK);
        assert(UFloat20Library.encodeUp(value).decode() == value);
    }

    function aFloatIsNoLessThanItsAmount(uint128 value) external pure {
        require(value < 2 ** 127);
        assert(UFloat20Library.encodeUp(value).decode() >= value);
    }
}
