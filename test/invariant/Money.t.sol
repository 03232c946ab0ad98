// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Sums } from "./handlers/Sums.sol";

/* solhint-disable func-name-mixedcase */

/// @notice M1 to M8 of README.md.
contract MoneyInvariants is Sums {
    function invariant_M1_to_M8() external view {
        _M1_solvency();
        _M2_backing();
        _M3_lockedIsStaked();
        _M4_lockedIsTheBonds();
        _M5_tokensMoveByDepositAndWithdrawal();
        _M6_aPriceIsPaidOnce();
        _M7_bondsAreDebitedAsTheTableSays();
        _M8_theReserveGrowsByDebitsAndTransfersAlone();
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

    function _M6_aPriceIsPaidOnce() private view {
        _requireUnbroken("M6");
    }

    function _M7_bondsAreDebitedAsTheTableSays() private view {
        _requireUnbroken("M7");
    }

    function _M8_theReserveGrowsByDebitsAndTransfersAlone() private view {
        _reserve();
    }

    function _salt() internal pure override returns (uint256) {
        return 1;
    }
}
