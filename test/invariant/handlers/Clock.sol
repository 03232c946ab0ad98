// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IJobMarket } from "../../../contracts/interfaces/IJobMarket.sol";
import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { Dice } from "./Dice.sol";
import { Handler } from "./Handler.sol";
import { Stage } from "./Stage.sol";
import { VM } from "./Vm.sol";

/// @notice Time passes.
contract Clock is Handler {
    constructor(Stage stage_) Handler(stage_, new address[](0)) {}

    function moves() public pure override returns (string[] memory) {
        return _list("pass reachDeadline passDeadline sleep");
    }

    function pass(uint256 seed) external counted {
        _pass(_dice(seed).between(1, 300));
    }

    /// @notice Up to a deadline of a job, to the second before it, or to that after it.
    function reachDeadline(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        uint256 deadline = _deadline(d) + d.below(3);
        if (deadline > block.timestamp + 1) _pass(deadline - 1 - block.timestamp);
    }

    /// @notice Past a deadline of a job.
    function passDeadline(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        uint256 deadline = _deadline(d);
        if (deadline >= block.timestamp) _pass(deadline + 1 - block.timestamp);
    }

    /// @notice Twenty minutes at the most; now and then days on end, in which reputations fall.
    function sleep(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _pass(d.oneIn(20) ? d.between(1 days, 40 days) : d.between(60, 1_200));
    }

    function _pass(uint256 time) private {
        VM.warp(block.timestamp + time);
        VM.roll(block.number + time / 12 + 1);
        witness.tick();
        _conclude(true);
    }

    /// @dev When something ends for a live job; zero where there is none.
    function _deadline(Dice memory d) private view returns (uint256) {
        bytes32 jobId = _anyJob(d, type(uint256).max);
        IJobMarket.JobView memory v = market.getJob(jobId);
        if (v.status == JobStatus.Open) return v.claimBy;
        if (v.status == JobStatus.AwaitingKey) return v.keyBy;
        // the end of the quarter in which a claim may be released, or that of the run
        if (v.status == JobStatus.Claimed) return d.oneIn(2) ? v.runBy : v.runBy - v.run + v.run / 4;
        return v.submittedAt == 0 ? 0 : v.submittedAt + v.window;
    }
}
