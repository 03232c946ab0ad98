// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Sums } from "./handlers/Sums.sol";
import { Witness } from "./handlers/Witness.sol";

/* solhint-disable func-name-mixedcase */

/// @notice I1, I2, G1, G2, R1 to R3 and P1 of README.md: who may change what, and who gains.
contract PartyInvariants is Sums {
    function invariant_I1_refusedCallsChangeNothing() external view {
        _requireUnbroken("I1");
    }

    function invariant_I2_callsChangeWhomTheyName() external view {
        _parties();
    }

    function invariant_G1_onlyTheTimelockGoverns() external view {
        _requireUnbroken("G1");
        Witness.Governance memory g = witness.governance();
        (uint256 id, bool isPaused) = market.currentParameters();
        _require(id + 1 == g.sets, "G1", "other rules are current than those added last");
        _require(isPaused == g.isPaused, "G1", "posting was paused or resumed without a word");
        _require(market.feeRecipient() == g.feeRecipient, "G1", "the fee recipient changed without a word");
        _require(market.guardian() == g.guardian, "G1", "the guardian changed without a word");
    }

    function invariant_G2_governingMovesNoMoney() external view {
        _requireUnbroken("G2");
    }

    function invariant_R1_reputationRisesByFeesAlone() external view {
        _requireUnbroken("R1");
        address[] memory everyone = stage.everyone();
        for (uint256 i = 0; i < everyone.length; ++i) {
            (, , , uint256 reputation, , , ) = market.providerOf(everyone[i]);
            _require(reputation <= witness.purseOf(everyone[i]).reputation, "R1", "a reputation rose by itself");
        }
    }

    function invariant_R2_everyFaultIsCounted() external view {
        address[] memory everyone = stage.everyone();
        for (uint256 i = 0; i < everyone.length; ++i) {
            (, , uint256 faults, , , , ) = market.providerOf(everyone[i]);
            _require(faults == witness.purseOf(everyone[i]).faults, "R2", "faults are not failed and rejected jobs");
        }
    }

    function invariant_R3_feesAreOwedUntilCollected() external view {
        _requireUnbroken("R3");
        address[] memory everyone = stage.everyone();
        for (uint256 i = 0; i < everyone.length; ++i) {
            (, , , , uint256 owed, , ) = market.providerOf(everyone[i]);
            _require(
                int256(owed) == witness.purseOf(everyone[i]).feeOwed,
                "R3",
                "fees owed are not those of paid jobs"
            );
        }
    }

    function invariant_P1_collusionDoesNotPay() external view {
        uint256 most = witness.capital() + witness.totals().income;
        _require(witness.wealthOfPair() <= most, "P1", "the pair has more than it had and others paid it");
    }

    function _salt() internal pure override returns (uint256) {
        return 3;
    }
}
