// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobMeter } from "./JobMeter.sol";
import { JobRules } from "./JobTerms.sol";
import { JobStatus } from "./JobStatus.sol";
import { UFloat20 } from "./UFloat20.sol";

/// @notice A job in storage: four words, three where it was agreed by signature, and one more where it is metered.
struct Job {
    // slot 0: written once, never deleted; a JobAgreement where the claim says that it was signed
    JobOrigin origin;
    // slot 1: the terms' rules with the snapshot; zero where the job was signed
    JobRules rules;
    // slot 2: zero until the job leaves Open
    JobClaim claim;
    // slot 3: keccak(resultRoot ‖ totalSteps u128), zero until there is a result
    bytes32 resultCommitment;
    // slot 4: zero unless metered
    JobMeter meter;
}

/// @notice From the lowest bit: requester 160, postedAt 32, claimBy 32, tasks 32.
type JobOrigin is uint256;

/// @notice From the lowest bit: provider 160, mark 32, share 24 (the run time where signed), status 4, bond 20
/// (UFloat20), openChallenges 14, isMetered 1, isSigned 1. `mark` is the deadline `keyBy` while AwaitingKey, `runBy`
/// while Claimed, the time of submission from then on.
type JobClaim is uint256;

using JobOriginLibrary for JobOrigin global;
using JobClaimLibrary for JobClaim global;

library JobOriginLibrary {
    function pack(address by, uint256 time, uint256 until, uint256 n) internal pure returns (JobOrigin) {
        return JobOrigin.wrap(uint160(by) | (time << 160) | (until << 192) | (n << 224));
    }

    function exists(JobOrigin self) internal pure returns (bool) {
        return JobOrigin.unwrap(self) != 0;
    }

    function requester(JobOrigin self) internal pure returns (address) {
        return address(uint160(JobOrigin.unwrap(self)));
    }

    function postedAt(JobOrigin self) internal pure returns (uint256) {
        return uint32(JobOrigin.unwrap(self) >> 160);
    }

    function claimBy(JobOrigin self) internal pure returns (uint256) {
        return uint32(JobOrigin.unwrap(self) >> 192);
    }

    function tasks(JobOrigin self) internal pure returns (uint256) {
        return JobOrigin.unwrap(self) >> 224;
    }
}

library JobClaimLibrary {
    uint256 internal constant MAX_OPEN_CHALLENGES = (1 << 14) - 1;
    uint256 private constant MARK_MASK = uint256(type(uint32).max) << 160;
    uint256 private constant STATUS_MASK = uint256(0xf) << 216;
    uint256 private constant BOND_MASK = uint256(0xfffff) << 220;
    uint256 private constant ONE_CHALLENGE = 1 << 240;
    uint256 private constant METERED_FLAG = 1 << 254;
    uint256 private constant SIGNED_FLAG = 1 << 255;

    function pack(
        address by,
        uint256 deadline,
        uint256 shareOrRun,
        JobStatus to,
        UFloat20 locked
    ) internal pure returns (JobClaim) {
        return
            JobClaim.wrap(
                uint160(by) |
                    (deadline << 160) |
                    (shareOrRun << 192) |
                    (uint256(to) << 216) |
                    (UFloat20.unwrap(locked) << 220)
            );
    }

    function isEmpty(JobClaim self) internal pure returns (bool) {
        return JobClaim.unwrap(self) == 0;
    }

    function provider(JobClaim self) internal pure returns (address) {
        return address(uint160(JobClaim.unwrap(self)));
    }

    function mark(JobClaim self) internal pure returns (uint256) {
        return uint32(JobClaim.unwrap(self) >> 160);
    }

    /// @notice The price as a share of the maximum: `maxPrice * (share + 1) / 2^24`. The run time of a signed job.
    function share(JobClaim self) internal pure returns (uint256) {
        return uint24(JobClaim.unwrap(self) >> 192);
    }

    function status(JobClaim self) internal pure returns (JobStatus) {
        return JobStatus((JobClaim.unwrap(self) >> 216) & 0xf);
    }

    /// @notice The bond locked for this claim, in units.
    function bond(JobClaim self) internal pure returns (uint256) {
        return UFloat20.wrap(JobClaim.unwrap(self) >> 220).decode();
    }

    function openChallenges(JobClaim self) internal pure returns (uint256) {
        return (JobClaim.unwrap(self) >> 240) & MAX_OPEN_CHALLENGES;
    }

    /// @notice Whether what is paid depends on the steps.
    function isMetered(JobClaim self) internal pure returns (bool) {
        return JobClaim.unwrap(self) & METERED_FLAG != 0;
    }

    /// @notice Whether the job was posted and claimed at once by signature: its first word is a JobAgreement.
    function isSigned(JobClaim self) internal pure returns (bool) {
        return JobClaim.unwrap(self) & SIGNED_FLAG != 0;
    }

    function withStatus(JobClaim self, JobStatus to) internal pure returns (JobClaim) {
        return JobClaim.wrap((JobClaim.unwrap(self) & ~STATUS_MASK) | (uint256(to) << 216));
    }

    function withMark(JobClaim self, uint256 time) internal pure returns (JobClaim) {
        return JobClaim.wrap((JobClaim.unwrap(self) & ~MARK_MASK) | (time << 160));
    }

    function withBond(JobClaim self, UFloat20 locked) internal pure returns (JobClaim) {
        return JobClaim.wrap((JobClaim.unwrap(self) & ~BOND_MASK) | (UFloat20.unwrap(locked) << 220));
    }

    function withMetered(JobClaim self) internal pure returns (JobClaim) {
        return JobClaim.wrap(JobClaim.unwrap(self) | METERED_FLAG);
    }

    function withSigned(JobClaim self) internal pure returns (JobClaim) {
        return JobClaim.wrap(JobClaim.unwrap(self) | SIGNED_FLAG);
    }

    /// @dev The caller checks that the counter is below its maximum.
    function withOneMoreChallenge(JobClaim self) internal pure returns (JobClaim) {
        return JobClaim.wrap(JobClaim.unwrap(self) + ONE_CHALLENGE);
    }

    /// @dev The caller checks that the counter is not zero.
    function withOneLessChallenge(JobClaim self) internal pure returns (JobClaim) {
        return JobClaim.wrap(JobClaim.unwrap(self) - ONE_CHALLENGE);
    }
}
