// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { Account } from "../../contracts/types/Account.sol";

/// @notice Each function of {AccountLibrary} changes the fields that it says, by what it says, and no others.
contract AccountProofs {
    function theFieldsAreTheWholeWord(Account a) external pure {
        unchecked {
            uint256 stake = a.stake() * 2 ** 80 + a.locked() * 2 ** 160;
            assert(a.balance() + stake + a.active() * 2 ** 240 == Account.unwrap(a));
        }
    }

    /// @dev Amounts of 2^128 and more revert as well, but by the checked addition: no sum of theirs fits the error.
    function creditsTheBalanceAlone(Account a, uint128 amount) external pure {
        Account next = a.credit(amount);
        assert(next.balance() == a.balance() + amount);
        assert(_from(next, 80) == _from(a, 80));
    }

    function debitsTheBalanceAlone(Account a, uint256 amount) external pure {
        Account next = a.debit(amount);
        assert(next.balance() == a.balance() - amount);
        assert(_from(next, 80) == _from(a, 80));
    }

    function addsToTheStakeAlone(Account a, uint128 amount) external pure {
        Account next = a.addStake(amount);
        assert(next.balance() == a.balance());
        assert(next.stake() == a.stake() + amount);
        assert(_from(next, 160) == _from(a, 160));
    }

    function takesFreeStakeAlone(Account a, uint256 amount) external pure {
        require(a.locked() <= a.stake());
        Account next = a.removeStake(amount);
        assert(next.balance() == a.balance());
        assert(next.stake() == a.stake() - amount);
        assert(_from(next, 160) == _from(a, 160));
        assert(next.locked() <= next.stake());
    }

    function locksFreeStakeForOneMoreClaim(Account a, uint256 bond) external pure {
        require(a.locked() <= a.stake() && a.active() < type(uint16).max);
        Account next = a.lock(bond);
        assert(next.balance() == a.balance() && next.stake() == a.stake());
        assert(next.locked() == a.locked() + bond);
        assert(next.active() == a.active() + 1);
        assert(next.locked() <= next.stake());
    }

    function unlocksABondAndTakesTheSlash(Account a, uint256 bond, uint256 slash) external pure {
        require(slash <= bond && bond <= a.locked() && a.locked() <= a.stake() && a.active() > 0);
        Account next = a.unlock(bond, slash);
        assert(next.balance() == a.balance());
        assert(next.stake() == a.stake() - slash);
        assert(next.locked() == a.locked() - bond);
        assert(next.active() == a.active() - 1);
        assert(next.locked() <= next.stake());
    }

    function lowersWhatIsLockedAlone(Account a, uint256 bond, uint256 rest) external pure {
        require(rest <= bond && bond <= a.locked());
        Account next = a.shrink(bond, rest);
        assert(next.balance() == a.balance() && next.stake() == a.stake());
        assert(next.locked() == a.locked() - (bond - rest));
        assert(next.active() == a.active());
    }

    /// @dev The fields from that bit on.
    function _from(Account a, uint256 bit) private pure returns (uint256) {
        return Account.unwrap(a) >> bit;
    }
}
