// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { HostileCampaign } from "./handlers/HostileCampaign.sol";

/* solhint-disable func-name-mixedcase */

/// @notice The invariants of README.md about money, with a token that takes fees, gives more, answers false, and calls
/// back into the market in the middle of a transfer.
contract HostileTokenInvariants is HostileCampaign {
    function invariant_M1_solvency() external view {
        _solvency();
    }

    function invariant_M2_backing() external view {
        _backing();
    }

    function invariant_M3_lockedIsStaked() external view {
        _locks();
    }

    function invariant_M4_lockedIsTheBonds() external view {
        _bonds();
    }

    function invariant_M5_tokensMoveByDepositAndWithdrawal() external view {
        _tokens();
    }

    function invariant_M6_M7_M8_jobsPayAndDebitAsEver() external view {
        _requireUnbroken("M6");
        _requireUnbroken("M7");
        _reserve();
    }

    function invariant_S1_S4_noIllegalTransition() external view {
        _requireUnbroken("S1");
        _requireUnbroken("S4");
    }

    function invariant_I1_refusedCallsChangeNothing() external view {
        _requireUnbroken("I1");
    }

    function invariant_I2_callsChangeWhomTheyName() external view {
        _parties();
    }

    function _salt() internal pure override returns (uint256) {
        return 5;
    }
}
