// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IMediator } from "../interfaces/IAssurance.sol";
import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { IReplication } from "../interfaces/IReplication.sol";
import { JobStatus } from "../types/JobStatus.sol";
import { JobTerms } from "../types/JobTerms.sol";

/// @notice A market that tells of jobs it does not have, calls anybody their requester, and re-enters the hook.
contract LyingMarketMock {
    uint256 public cancelled;
    uint256 public reentered;
    IReplication private _hook;

    function tell(IReplication hook, bytes32 jobId, address requester, JobTerms calldata terms) external {
        _hook = hook;
        IMediator(address(hook)).jobPosted(jobId, requester, terms);
    }

    function cancel(bytes32 jobId) external {
        ++cancelled;
        bytes32 groupId = _hook.seatOf(address(this), jobId).groupId;
        try _hook.cancelGroup(groupId) {
            ++reentered;
        } catch {}
        try _hook.resolve(groupId) {
            ++reentered;
        } catch {}
    }

    function getJob(bytes32) external view returns (IJobMarket.JobView memory v) {
        // solhint-disable-next-line avoid-tx-origin
        v.requester = tx.origin;
    }

    function statusOf(bytes32) external pure returns (JobStatus) {
        return JobStatus.Open;
    }
}
