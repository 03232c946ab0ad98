// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { IGoverned } from "./interfaces/IGoverned.sol";

/// @title Governed
/// @notice Two callers with powers: a timelock, and a guardian who can only stop new jobs.
abstract contract Governed is IGoverned {
    /// @inheritdoc IGoverned
    address public immutable override timelock;

    modifier onlyTimelock() {
        require(msg.sender == timelock, GovernedNotTimelock(msg.sender, timelock));
        _;
    }

    /// @param timelock_ Reverts where this is no TimelockController.
    constructor(TimelockController timelock_) {
        timelock_.getMinDelay();
        timelock = address(timelock_);
    }
}
