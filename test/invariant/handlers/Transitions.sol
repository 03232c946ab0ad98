// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobStatus } from "../../../contracts/types/JobStatus.sol";

/// @notice S1: where a job may go from where it stands, by one call or by time. All else is illegal.
library Transitions {
    function isFinal(JobStatus status) internal pure returns (bool) {
        return status != JobStatus.None && byCall(status) == 0 && byTime(status) == 0;
    }

    function isLegal(JobStatus from, JobStatus to, bool inTime) internal pure returns (bool) {
        return ((inTime ? byTime(from) : byCall(from)) >> uint256(to)) & 1 == 1;
    }

    /// @notice A bit for each status that one call may lead to.
    function byCall(JobStatus from) internal pure returns (uint256) {
        if (from == JobStatus.None) return bit(JobStatus.Open) | bit(JobStatus.Claimed) | bit(JobStatus.AwaitingKey);
        if (from == JobStatus.Open) {
            return
                bit(JobStatus.Claimed) | bit(JobStatus.AwaitingKey) | bit(JobStatus.Seated) | bit(JobStatus.Cancelled);
        }
        if (from == JobStatus.Expired) return bit(JobStatus.Cancelled);
        if (from == JobStatus.AwaitingKey) return bit(JobStatus.Claimed);
        if (from == JobStatus.Keyless) return bit(JobStatus.Released);
        if (from == JobStatus.Claimed) return bit(JobStatus.Submitted) | bit(JobStatus.Released);
        if (from == JobStatus.Overdue) return bit(JobStatus.Failed);
        if (from == JobStatus.Seated) {
            return bit(JobStatus.Settled) | bit(JobStatus.Released) | bit(JobStatus.Rejected);
        }
        if (from == JobStatus.Submitted) {
            return bit(JobStatus.Disputed) | bit(JobStatus.Settleable) | bit(JobStatus.Settled);
        }
        if (from == JobStatus.Disputed) {
            return bit(JobStatus.Submitted) | bit(JobStatus.Settleable) | bit(JobStatus.Rejected);
        }
        if (from == JobStatus.Settleable) return bit(JobStatus.Settled) | bit(JobStatus.Disputed);
        return 0;
    }

    /// @notice A bit for the status that time alone leads to.
    function byTime(JobStatus from) internal pure returns (uint256) {
        if (from == JobStatus.Open) return bit(JobStatus.Expired);
        if (from == JobStatus.AwaitingKey) return bit(JobStatus.Keyless);
        if (from == JobStatus.Claimed) return bit(JobStatus.Overdue);
        if (from == JobStatus.Submitted) return bit(JobStatus.Settleable);
        return 0;
    }

    function bit(JobStatus status) internal pure returns (uint256) {
        return 1 << uint256(status);
    }
}
