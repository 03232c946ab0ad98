// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { ILedger } from "../interfaces/ILedger.sol";
import { ILedgerReceiver } from "../interfaces/ILedgerReceiver.sol";

/// @notice A receiver of transfers that answers as it was told to, and makes calls of its own while it is told of one.
contract ReceiverMock is ILedgerReceiver {
    using Address for address;

    /// @notice How it answers when it is told of a transfer.
    enum Manner {
        Taking,
        Silent, // answers nothing
        Short, // answers less than a word, which begins as it should
        Wrong, // answers another selector
        Blurred, // answers the selector with bits behind it
        Long, // answers the selector, and much more
        Reverting,
        RevertingSilently,
        RevertingTaken, // a revert whose reason is what it should answer
        Burning // all gas it gets
    }

    error ReceiverMockRefuses(address from, uint256 amount, bytes data);

    event Told(address ledger, address from, uint256 amount, bytes data, uint256 balance);

    Manner public manner;
    address private _target;
    bytes[] private _calls;

    function setManner(Manner manner_) external {
        manner = manner_;
    }

    /// @notice Sets the calls to make when it is told of the next transfer.
    function arm(address target, bytes[] calldata calls) external {
        _target = target;
        _calls = calls;
    }

    function execute(address target, bytes calldata data) external {
        target.functionCall(data);
    }

    /// @inheritdoc ILedgerReceiver
    function ledgerTransferReceived(address from, uint256 amount, bytes calldata data) external returns (bytes4) {
        (uint256 balance, , , ) = ILedger(msg.sender).accountOf(address(this));
        emit Told(msg.sender, from, amount, data, balance);
        bytes[] memory calls = _calls;
        delete _calls;
        for (uint256 i = 0; i < calls.length; ++i) _target.functionCall(calls[i]);

        bytes32 yes = ILedgerReceiver.ledgerTransferReceived.selector;
        require(manner != Manner.Reverting, ReceiverMockRefuses(from, amount, data));
        if (manner == Manner.Silent) _answer(yes, 0);
        if (manner == Manner.Short) _answer(yes, 31);
        if (manner == Manner.Wrong) _answer(ILedger.transfer.selector, 32);
        if (manner == Manner.Blurred) _answer(yes | bytes32(uint256(1)), 32);
        if (manner == Manner.Long) _answer(yes, 1 << 12);
        if (manner == Manner.RevertingSilently) _refuse(yes, 0);
        if (manner == Manner.RevertingTaken) _refuse(yes, 32);
        if (manner == Manner.Burning) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        return ILedgerReceiver.ledgerTransferReceived.selector;
    }

    /// @dev Ends the call with that many bytes, the first word of them given.
    function _answer(bytes32 word, uint256 size) private pure {
        assembly {
            mstore(0, word)
            return(0, size)
        }
    }

    function _refuse(bytes32 word, uint256 size) private pure {
        assembly ("memory-safe") {
            mstore(0, word)
            revert(0, size)
        }
    }
}
