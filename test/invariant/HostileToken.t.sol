// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { HostileCampaign } from "./handlers/HostileCampaign.sol";

/* solhint-disable func-name-mixedcase */

/// @notice The invariants of README.md about money, with a token that takes fees, gives more, answers false, and calls
/// back into the market in the middle of a transfer.
contract HostileTokenInvariants is HostileCampaign {
    function invariant_M1_to_M8_S1_S4_I1_I2() external view {
        _M1_solvency();
        _M2_backing();
        _M3_lockedIsStaked();
        _M4_lockedIsTheBonds();
        _M5_tokensMoveByDepositAndWithdrawal();
        _M6_M7_M8_jobsPayAndDebitAsEver();
        _S1_S4_noIllegalTransition();
        _I1_refusedCallsChangeNothing();
        _I2_callsChangeWhomTheyName();
    }

    function _M1_solvency() private view {
        _solvency();
    }

    function _M2_backing() private view {
        _backing();
    }

    function _M3_lockedIsStaked() private view {
        _locks();
    }

    function _M4_lockedIsTheBonds() private view {
        _bonds();
    }

    function _M5_tokensMoveByDepositAndWithdrawal() private view {
        _tokens();
    }

    function _M6_M7_M8_jobsPayAndDebitAsEver() private view {
        _requireUnbroken("M6");
        _requireUnbroken("M7");
        _reserve();
    }

    function _S1_S4_noIllegalTransition() private view {
        _requireUnbroken("S1");
        _requireUnbroken("S4");
    }

    function _I1_refusedCallsChangeNothing() private view {
        _requireUnbroken("I1");
    }

    function _I2_callsChangeWhomTheyName() private view {
        _parties();
    }

    function _salt() internal pure override returns (uint256) {
        return 5;
    }
}
