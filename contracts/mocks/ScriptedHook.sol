// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { IAssurance } from "../interfaces/IAssurance.sol";
import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { ILedgerReceiver } from "../interfaces/ILedgerReceiver.sol";

/// @notice An assurance hook that finds final what it was told to, job by job, and makes any call it is told to: anyone
/// may play the part of its game. A transfer whose data is a job opens a challenge of it.
contract ScriptedHook is IAssurance, ILedgerReceiver {
    using Address for address;

    mapping(bytes32 jobId => bool) private _isFinal;

    /// @inheritdoc IAssurance
    function isFinal(bytes32 jobId, uint256 windowEnd) external view returns (bool) {
        return _isFinal[jobId] && block.timestamp > windowEnd;
    }

    /// @inheritdoc ILedgerReceiver
    function ledgerTransferReceived(address, uint256, bytes calldata data) external returns (bytes4) {
        if (data.length == 32) IJobMarket(msg.sender).challengeOpened(bytes32(data));
        return ILedgerReceiver.ledgerTransferReceived.selector;
    }

    function decide(bytes32 jobId) external {
        _isFinal[jobId] = true;
    }

    function forward(address target, bytes calldata data) external {
        target.functionCall(data);
    }
}
