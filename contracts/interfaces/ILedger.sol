// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title The market's money: one ERC-20, internal balances
/// @notice Every amount is in *units* of `unit()` token base units (10^max(0, decimals − 6)), so that no internal
/// field can overflow with any token.
/// @dev Assumptions about the token (safety): it moves exactly the amount asked for, never changes balances by
/// itself, and does not call back into the market with an effect of its own (a callback finds consistent state).
/// (liveness): transfers to a withdrawer who may hold the token succeed.
interface ILedger {
    error LedgerReceivedWrongAmount(uint256 received, uint256 expected);
    error LedgerCapacityExceeded(uint256 held, uint256 amount, uint256 capacity);
    error LedgerZeroAmount();
    error LedgerInvalidRecipient(address to);
    error LedgerTransferRefused(address to);
    error LedgerNothingToCollect();

    event Deposited(address indexed account, uint256 amount);
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    event Transferred(address indexed from, address indexed to, uint256 amount);
    event FeesCollected(address indexed provider, address indexed recipient, uint256 amount);
    event FeeRecipientChanged(address indexed recipient);

    /// @notice The token of every payment and stake.
    function token() external view returns (IERC20);

    /// @notice Token base units in one unit.
    function unit() external view returns (uint256);

    /// @notice Units in the insurance reserve; no function of this version spends them.
    function reserve() external view returns (uint256);

    /// @notice Who receives collected fees.
    function feeRecipient() external view returns (address);

    /// @notice The money of `account`, in units: `locked` is the part of `stake` that stands behind its `active`
    /// claims.
    function accountOf(
        address account
    ) external view returns (uint256 balance, uint256 stake, uint256 locked, uint256 active);

    /// @notice Moves tokens from the caller into its balance.
    /// @dev Emits {Deposited}.
    /// Requirements:
    /// - `amount` must not be zero, and allowed to this contract (`amount * unit()` token base units).
    /// - The token must move exactly that amount.
    /// - The market's tokens must not exceed 2^80 − 1 units with it.
    function deposit(uint256 amount) external;

    /// @notice {deposit} after an ERC-2612 permit for exactly `amount * unit()`.
    /// @dev A permit that was used already (anyone may send it first) is ignored: the allowance decides.
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Moves units of the caller's balance to `to` as tokens.
    /// @dev Emits {Withdrawn}.
    /// Requirements:
    /// - `to` must be neither zero nor this contract, `amount` not zero and at most the caller's balance.
    function withdraw(address to, uint256 amount) external;

    /// @notice Moves units of the caller's balance into that of `to`; this contract as `to` stands for the reserve.
    /// @param data Where it is not empty, `to` is a contract that is told ({ILedgerReceiver}) and may refuse.
    /// @dev Emits {Transferred}.
    /// Requirements:
    /// - `to` must not be zero, `amount` not zero and at most the caller's balance.
    /// - With `data`, {ILedgerReceiver.ledgerTransferReceived} of `to` must return its selector; where it reverts, its
    ///   reason is this call's.
    function transfer(address to, uint256 amount, bytes calldata data) external;

    /// @notice Moves the fees that `providers` owe from their jobs to the fee recipient's balance. Callable by anyone.
    /// @dev Emits {FeesCollected} for each provider with fees; one without is passed over.
    /// Requirements:
    /// - At least one of them owes a fee.
    function collectFees(address[] calldata providers) external;

    /// @notice Names who receives fees from now on. Only the timelock.
    /// @dev Emits {FeeRecipientChanged}.
    /// Requirements:
    /// - `recipient` must be neither zero nor this contract.
    function setFeeRecipient(address recipient) external;
}
