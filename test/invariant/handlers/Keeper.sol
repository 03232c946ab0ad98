// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { Dice } from "./Dice.sol";
import { Handler } from "./Handler.sol";
import { Stage } from "./Stage.sol";

/// @notice A stranger who moves jobs on when their time has come.
abstract contract Keeping is Handler {
    function settle(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _anyJob(d, _bit(JobStatus.Settleable));
        if (jobId != 0) _act(_member(d), abi.encodeCall(market.settle, (jobId)));
    }

    function settleMany(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _act(_member(d), abi.encodeCall(market.settleMany, (_batch(d, _bit(JobStatus.Settleable)))));
    }

    function fail(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _anyJob(d, _bit(JobStatus.Overdue));
        if (jobId != 0) _act(_member(d), abi.encodeCall(market.fail, (jobId)));
    }

    function failMany(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _act(_member(d), abi.encodeCall(market.failMany, (_batch(d, _bit(JobStatus.Overdue)))));
    }

    function releaseKeyless(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _anyJob(d, _bit(JobStatus.Keyless));
        if (jobId != 0) _act(_member(d), abi.encodeCall(market.release, (jobId)));
    }

    function cancelExpired(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _anyJob(d, _bit(JobStatus.Expired));
        if (jobId != 0) _act(_member(d), abi.encodeCall(market.cancel, (jobId)));
    }

    /// @notice Of everybody who owes any; where nobody does, of somebody who does not.
    function collectFees(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        address[] memory everyone = stage.everyone();
        uint256 total;
        for (uint256 i = 0; i < everyone.length; ++i) {
            (, , , , uint256 owed, , ) = market.providerOf(everyone[i]);
            total += owed;
        }
        if (total != 0 || d.oneIn(8)) _act(_member(d), abi.encodeCall(market.collectFees, (everyone)));
    }

    /// @dev Fit jobs, others, one twice, and one that does not exist.
    function _batch(Dice memory d, uint256 statuses) private view returns (bytes32[] memory batch) {
        batch = new bytes32[](4);
        batch[0] = _anyJob(d, statuses);
        batch[1] = _anyJob(d, type(uint256).max);
        batch[2] = d.oneIn(2) ? batch[0] : _anyJob(d, statuses);
        batch[3] = bytes32(d.below(2));
    }
}

contract Keeper is Keeping {
    constructor(Stage stage_, address[] memory crew_) Handler(stage_, crew_) {}

    function moves() public pure override returns (string[] memory) {
        return _list("settle settleMany fail failMany releaseKeyless cancelExpired collectFees");
    }
}
