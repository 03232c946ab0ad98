// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { IAssurance } from "../interfaces/IAssurance.sol";

/// @notice An assurance hook that finds final what it was told to, job by job, and makes any call it is told to: anyone
/// may play the part of its game.
contract ScriptedHook is IAssurance {
    using Address for address;

    /// @inheritdoc IAssurance
    mapping(bytes32 jobId => bool) public isFinal;

    function decide(bytes32 jobId) external {
        isFinal[jobId] = true;
    }

    function forward(address target, bytes calldata data) external {
        target.functionCall(data);
    }
}
