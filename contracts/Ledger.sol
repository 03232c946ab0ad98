// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { LowLevelCall } from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Governed } from "./Governed.sol";
import { Account, AccountLibrary } from "./types/Account.sol";
import { Profile } from "./types/Profile.sol";
import { ILedger } from "./interfaces/ILedger.sol";
import { ILedgerReceiver } from "./interfaces/ILedgerReceiver.sol";

/// @title Ledger
/// @notice The only code that moves tokens. Parents of the market change {_accounts} and the reserve through it.
/// @dev Σ balances + Σ stakes + escrow + reserve + Σ fees owed = Σ deposits − Σ withdrawals, at every call's end.
abstract contract Ledger is ILedger, Governed, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    uint256 private constant UNIT_DECIMALS = 6;

    /// @inheritdoc ILedger
    IERC20 public immutable override token;

    /// @inheritdoc ILedger
    uint256 public immutable override unit;

    // slot 0, below the fee recipient
    uint80 private _reserve;

    /// @inheritdoc ILedger
    address public override feeRecipient;

    mapping(address account => Account) internal _accounts;
    mapping(address provider => Profile) internal _profiles;

    constructor(IERC20 token_, address feeRecipient_) {
        uint256 decimals = IERC20Metadata(address(token_)).decimals();
        token = token_;
        unit = 10 ** (decimals > UNIT_DECIMALS ? decimals - UNIT_DECIMALS : 0);
        _setFeeRecipient(feeRecipient_);
    }

    /// @inheritdoc ILedger
    function reserve() external view returns (uint256) {
        return _reserve;
    }

    /// @inheritdoc ILedger
    function accountOf(
        address account
    ) external view returns (uint256 balance, uint256 stake, uint256 locked, uint256 active) {
        Account a = _accounts[account];
        return (a.balance(), a.stake(), a.locked(), a.active());
    }

    /// @inheritdoc ILedger
    function deposit(uint256 amount) external {
        _deposit(amount);
    }

    /// @inheritdoc ILedger
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        uint256 value;
        unchecked {
            // what does not fit is above the capacity, and refused below
            value = amount * unit;
        }
        // Interaction: anyone may have sent the same permit before; what counts is the allowance.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), value, deadline, v, r, s) {} catch {}
        _deposit(amount);
    }

    /// @inheritdoc ILedger
    function withdraw(address to, uint256 amount) external {
        // Check
        require(amount != 0, LedgerZeroAmount());
        require(to != address(0) && to != address(this), LedgerInvalidRecipient(to));

        // Effect
        _accounts[msg.sender] = _accounts[msg.sender].debit(amount);
        emit Withdrawn(msg.sender, to, amount);

        // Interaction: last, so that whoever is called back finds everything done.
        token.safeTransfer(to, amount * unit);
    }

    /// @inheritdoc ILedger
    function transfer(address to, uint256 amount, bytes calldata data) external {
        // Check
        require(amount != 0, LedgerZeroAmount());
        require(to != address(0), LedgerInvalidRecipient(to));

        // Effect: one account at a time, they may be the same address.
        _accounts[msg.sender] = _accounts[msg.sender].debit(amount);
        if (to == address(this)) _addToReserve(amount);
        else _credit(to, amount);
        emit Transferred(msg.sender, to, amount);

        // Interaction: last, so that whoever is called finds everything done.
        if (data.length != 0) _tell(to, amount, data);
    }

    /// @inheritdoc ILedger
    function collectFees(address[] calldata providers) external {
        address recipient = feeRecipient;
        uint256 total;
        for (uint256 i = 0; i < providers.length; ++i) {
            Profile profile = _profiles[providers[i]];
            uint256 fee = profile.feeOwed();
            if (fee == 0) continue;
            _profiles[providers[i]] = profile.withoutFee();
            total += fee;
            emit FeesCollected(providers[i], recipient, fee);
        }
        require(total != 0, LedgerNothingToCollect());
        _credit(recipient, total);
    }

    /// @inheritdoc ILedger
    function setFeeRecipient(address recipient) external onlyTimelock {
        _setFeeRecipient(recipient);
    }

    function _credit(address account, uint256 amount) internal {
        _accounts[account] = _accounts[account].credit(amount);
    }

    /// @dev Adds what was debited and nobody receives.
    function _addToReserve(uint256 amount) internal {
        // `amount` was part of a stake or balance, and all amounts together fit
        _reserve += uint80(amount);
    }

    function _deposit(uint256 amount) private nonReentrant {
        // Check: what the market owes is at most what it has, so the bound holds for every sum of amounts.
        require(amount != 0, LedgerZeroAmount());
        uint256 balanceBefore = token.balanceOf(address(this));
        uint256 heldBefore = balanceBefore / unit;
        require(
            heldBefore <= AccountLibrary.MAX_AMOUNT && amount <= AccountLibrary.MAX_AMOUNT - heldBefore,
            LedgerCapacityExceeded(heldBefore, amount, AccountLibrary.MAX_AMOUNT)
        );

        // Interaction: before the effect, because only what arrived may be credited.
        uint256 expected = amount * unit;
        token.safeTransferFrom(msg.sender, address(this), expected);
        uint256 balanceAfter = token.balanceOf(address(this));
        uint256 received = balanceAfter > balanceBefore ? balanceAfter - balanceBefore : 0;
        require(received == expected, LedgerReceivedWrongAmount(received, expected));

        // Effect
        _accounts[msg.sender] = _accounts[msg.sender].credit(amount);
        emit Deposited(msg.sender, amount);
    }

    /// @dev A low-level call: what is no contract, or answers nothing, refuses by the same name.
    function _tell(address to, uint256 amount, bytes calldata data) private {
        (bool success, bytes32 answer, ) = LowLevelCall.callReturn64Bytes(
            to,
            abi.encodeCall(ILedgerReceiver.ledgerTransferReceived, (msg.sender, amount, data))
        );
        uint256 size = LowLevelCall.returnDataSize();
        if (!success && size != 0) LowLevelCall.bubbleRevert();
        // a failure without a reason has no answer, either
        bool isTaken = size >= 32 && answer == ILedgerReceiver.ledgerTransferReceived.selector;
        require(isTaken, LedgerTransferRefused(to));
    }

    function _setFeeRecipient(address recipient) private {
        require(recipient != address(0) && recipient != address(this), LedgerInvalidRecipient(recipient));
        feeRecipient = recipient;
        emit FeeRecipientChanged(recipient);
    }
}
