// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Sums } from "./handlers/Sums.sol";

/* solhint-disable func-name-mixedcase */

/// @notice M1 to M8 of README.md.
contract MoneyInvariants is Sums {
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

    function invariant_M6_aPriceIsPaidOnce() external view {
        _requireUnbroken("M6");
    }

    function invariant_M7_bondsAreDebitedAsTheTableSays() external view {
        _requireUnbroken("M7");
    }

    function invariant_M8_theReserveGrowsByDebitsAlone() external view {
        _reserve();
    }

    function _salt() internal pure override returns (uint256) {
        return 1;
    }
}
