// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A contract that is told of what {ILedger.transfer} puts into its balance
interface ILedgerReceiver {
    /// @notice `from` moved `amount` units of its balance into this contract's. The caller is the ledger.
    /// @param data What `from` says about it; never empty.
    /// @dev Everything is done by then: the units may be moved on at once. Revert to refuse them.
    /// @return The selector of this function; anything else refuses as well.
    function ledgerTransferReceived(address from, uint256 amount, bytes calldata data) external returns (bytes4);
}
