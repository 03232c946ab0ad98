// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { Bonding } from "../../contracts/libraries/Bonding.sol";
import { Parameters } from "../../contracts/types/Parameters.sol";

/// @notice The parts of each debit add up to it and stay within their bounds, for all bonds and prices of 80 bits.
contract BondingProofs {
    Parameters private _parameters;

    function theFraudSlashIsTheWholeBond(uint80 bond, uint80 price, uint256 moves) external pure {
        Bonding.FraudSlash memory s = Bonding.splitFraud(bond, price, moves);
        assert(s.toRequester + s.toHook + s.toReserve == bond);
    }

    function atLeastHalfOfAFraudSlashGoesToTheReserve(uint80 bond, uint80 price, uint256 moves) external pure {
        assert(2 * Bonding.splitFraud(bond, price, moves).toReserve >= bond);
    }

    function aFraudSlashGivesTheRequesterAtMostThePrice(uint80 bond, uint80 price, uint256 moves) external pure {
        Bonding.FraudSlash memory s = Bonding.splitFraud(bond, price, moves);
        assert(s.toRequester <= price);
        assert(10 * s.toRequester <= 3 * uint256(bond));
    }

    function aFraudSlashPaysTheMovesAsFarAsItGoes(uint80 bond, uint80 price, uint256 moves) external pure {
        Bonding.FraudSlash memory s = Bonding.splitFraud(bond, price, moves);
        assert(s.toHook >= bond / 5);
        assert(s.toHook >= moves || s.toRequester == 0);
    }

    function theLatenessSlashIsItsParts(uint80 bond) external view {
        Bonding.LatenessSlash memory s = Bonding.splitLateness(_parameters, bond);
        assert(s.toRequester + s.toKeeper + s.toReserve == s.total);
        assert(s.toRequester <= _parameters.lateRequesterGas);
        assert(s.toKeeper <= _parameters.lateKeeperGas);
    }

    function theLatenessSlashIsAtMostAFifthOfTheBond(uint80 bond) external view {
        require(_parameters.latenessBps <= 2_000);
        assert(5 * Bonding.splitLateness(_parameters, bond).total <= bond);
    }

    function aReleaseCostsAFiftiethOfThePriceOrTheBond(uint80 price, uint80 bond) external pure {
        uint256 penalty = Bonding.releasePenalty(price, bond);
        assert(penalty <= bond);
        assert(50 * penalty <= price);
    }

    function theExposureLimitNeverOverflows(uint80 reputation) external view {
        assert(Bonding.exposureLimit(_parameters, reputation) >= _parameters.baseExposure);
    }

    function aBondIsAtLeastTheLeast(uint80 price, uint80 reputation) external view {
        // a stand-in of the mathematics asks somebody unknown, who might change the parameters
        uint256 least = _parameters.minBond;
        assert(Bonding.bondFor(_parameters, price, reputation).decode() >= least);
    }
}
