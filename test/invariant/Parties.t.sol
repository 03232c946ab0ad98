// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Sums } from "./handlers/Sums.sol";
import { Witness } from "./handlers/Witness.sol";

/* solhint-disable func-name-mixedcase */

/// @notice I1, I2, G1, G2, R1 to R3 and P1 of README.md: who may change what, and who gains.
contract PartyInvariants is Sums {
    function invariant_I1_I2_G1_G2_R1_to_R3_P1() external view {
        _I1_refusedCallsChangeNothing();
        _I2_callsChangeWhomTheyName();
        _G1_onlyTheTimelockGoverns();
        _G2_governingMovesNoMoney();
        _R1_reputationRisesByFeesAlone();
        _R2_everyFaultIsCounted();
        _R3_feesAreOwedUntilCollected();
        _P1_collusionDoesNotPay();
    }

    function _I1_refusedCallsChangeNothing() private view {
        _requireUnbroken("I1");
    }

    function _I2_callsChangeWhomTheyName() private view {
        _parties();
    }

    function _G1_onlyTheTimelockGoverns() private view {
        _requireUnbroken("G1");
        Witness.Governance memory g = witness.governance();
        (uint256 id, bool isPaused) = market.currentParameters();
        _require(id + 1 == g.sets, "G1", "other rules are current than those added last");
        _require(isPaused == g.isPaused, "G1", "posting was paused or resumed without a word");
        _require(market.feeRecipient() == g.feeRecipient, "G1", "the fee recipient changed without a word");
        _require(market.guardian() == g.guardian, "G1", "the guardian changed without a word");
    }

    function _G2_governingMovesNoMoney() private view {
        _requireUnbroken("G2");
    }

    function _R1_reputationRisesByFeesAlone() private view {
        _requireUnbroken("R1");
        address[] memory everyone = stage.everyone();
        for (uint256 i = 0; i < everyone.length; ++i) {
            (, , , uint256 reputation, , , ) = market.providerOf(everyone[i]);
            _require(reputation <= witness.purseOf(everyone[i]).reputation, "R1", "a reputation rose by itself");
        }
    }

    function _R2_everyFaultIsCounted() private view {
        address[] memory everyone = stage.everyone();
        for (uint256 i = 0; i < everyone.length; ++i) {
            (, , uint256 faults, , , , ) = market.providerOf(everyone[i]);
            _require(faults == witness.purseOf(everyone[i]).faults, "R2", "faults are not failed and rejected jobs");
        }
    }

    function _R3_feesAreOwedUntilCollected() private view {
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

    function _P1_collusionDoesNotPay() private view {
        uint256 most = witness.capital() + witness.totals().income;
        _require(witness.wealthOfPair() <= most, "P1", "the pair has more than it had and others paid it");
    }

    function _salt() internal pure override returns (uint256) {
        return 3;
    }
}
