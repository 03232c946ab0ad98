// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { Reputation } from "../../contracts/libraries/Reputation.sol";

/// @notice Neither time nor faults add to a reputation, and none outgrows its 80 bits.
contract ReputationProofs {
    function decayNeverAdds(uint80 value, uint32 from, uint32 to) external pure {
        assert(Reputation.decayed(value, from, to) <= value);
    }

    /// @dev Each of the multiplications that decay is made of, which together are too much for the solver.
    function aFactorNeverAdds(uint80 value, uint256 factor) external pure {
        require(factor <= 2 ** 64);
        assert((value * factor) >> 64 <= value);
    }

    function nothingDecaysBackwards(uint80 value, uint32 from, uint32 to) external pure {
        require(to <= from);
        assert(Reputation.decayed(value, from, to) == value);
    }

    function aFeeAddsAtMostItself(uint80 value, uint80 fee) external pure {
        uint256 increased = Reputation.increased(value, fee);
        assert(increased >= value);
        assert(increased <= uint256(value) + fee);
        assert(increased <= Reputation.MAX);
    }

    function faultsLeaveThreeQuartersOrOne(uint80 value) external pure {
        assert(4 * Reputation.afterLateness(value) <= 3 * uint256(value));
        assert(4 * Reputation.afterFraud(value) <= value);
    }
}
