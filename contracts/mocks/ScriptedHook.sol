// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { IAssurance } from "../interfaces/IAssurance.sol";

/// @notice An assurance hook that finds final what it was told to, job by job, and makes any call it is told to: anyone
/// may play the part of its game.
contract ScriptedHook is IAssurance {
    using Address for address;

    mapping(bytes32 jobId => bool) private _isFinal;

    /// @inheritdoc IAssurance
    function isFinal(bytes32 jobId, uint256 windowEnd) external view returns (bool) {
        return _isFinal[jobId] && block.timestamp > windowEnd;
    }

    function decide(bytes32 jobId) external {
        _isFinal[jobId] = true;
    }

    function forward(address target, bytes calldata data) external {
        target.functionCall(data);
    }
}
