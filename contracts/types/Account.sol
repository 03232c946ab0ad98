// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The money of one address, in units. From the lowest bit: balance 80, stake 80, locked 80, active 16.
/// `balance` may be withdrawn or pay for jobs; `stake` stands behind claims; `locked` is the part of the stake bound
/// to the `active` claims that are not final yet.
type Account is uint256;

/// @notice An amount cannot be taken from, or added to, an account.
/// @param available What the account has for it.
/// @param required What the operation needs.
error AccountInsufficientBalance(uint256 available, uint256 required);
/// @param available The stake that is not locked by claims.
error AccountInsufficientStake(uint256 available, uint256 required);
/// @param value The sum that would not fit into 80 bits.
error AccountOverflow(uint256 value);

using AccountLibrary for Account global;

library AccountLibrary {
    uint256 internal constant MAX_AMOUNT = type(uint80).max;
    uint256 private constant STAKE_SHIFT = 80;
    uint256 private constant LOCKED_SHIFT = 160;
    uint256 private constant ONE_ACTIVE = 1 << 240;

    function balance(Account self) internal pure returns (uint256) {
        return uint80(Account.unwrap(self));
    }

    function stake(Account self) internal pure returns (uint256) {
        return uint80(Account.unwrap(self) >> STAKE_SHIFT);
    }

    function locked(Account self) internal pure returns (uint256) {
        return uint80(Account.unwrap(self) >> LOCKED_SHIFT);
    }

    function active(Account self) internal pure returns (uint256) {
        return Account.unwrap(self) >> 240;
    }

    /// @notice The stake that no claim has locked.
    function free(Account self) internal pure returns (uint256) {
        return stake(self) - locked(self);
    }

    function credit(Account self, uint256 amount) internal pure returns (Account) {
        uint256 sum = balance(self) + amount;
        require(sum <= MAX_AMOUNT, AccountOverflow(sum));
        return Account.wrap(Account.unwrap(self) + amount);
    }

    function debit(Account self, uint256 amount) internal pure returns (Account) {
        require(balance(self) >= amount, AccountInsufficientBalance(balance(self), amount));
        return Account.wrap(Account.unwrap(self) - amount);
    }

    function addStake(Account self, uint256 amount) internal pure returns (Account) {
        uint256 sum = stake(self) + amount;
        require(sum <= MAX_AMOUNT, AccountOverflow(sum));
        return Account.wrap(Account.unwrap(self) + (amount << STAKE_SHIFT));
    }

    function removeStake(Account self, uint256 amount) internal pure returns (Account) {
        require(free(self) >= amount, AccountInsufficientStake(free(self), amount));
        return Account.wrap(Account.unwrap(self) - (amount << STAKE_SHIFT));
    }

    /// @notice Locks a bond for one more claim. The caller checks that `active` is below its maximum.
    function lock(Account self, uint256 bond) internal pure returns (Account) {
        require(free(self) >= bond, AccountInsufficientStake(free(self), bond));
        return Account.wrap(Account.unwrap(self) + (bond << LOCKED_SHIFT) + ONE_ACTIVE);
    }

    /// @notice Ends one claim: unlocks its bond and takes `slash` (≤ bond) of it from the stake.
    /// @dev Each field stays non-negative because `bond` was locked by {lock} and is unlocked once.
    function unlock(Account self, uint256 bond, uint256 slash) internal pure returns (Account) {
        return Account.wrap(Account.unwrap(self) - (bond << LOCKED_SHIFT) - ONE_ACTIVE - (slash << STAKE_SHIFT));
    }

    /// @notice Lowers what a claim has locked from `bond` to `rest` (≤ bond).
    function shrink(Account self, uint256 bond, uint256 rest) internal pure returns (Account) {
        return Account.wrap(Account.unwrap(self) - ((bond - rest) << LOCKED_SHIFT));
    }
}
