// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Resources } from "./Resources.sol";
import { UFloat20 } from "./UFloat20.sol";

/// @notice Everything a job is; its hash (with chain, market and requester) is the job's id.
struct JobTerms {
    // content root of the program (later: id of the translated program)
    bytes32 programId;
    // root of the inputs tree over `tasks` inputs
    bytes32 inputsRoot;
    // content hash of the input that all tasks share; that of the empty content where there is none
    bytes32 sharedInput;
    // money, times and eligibility: what the contract enforces
    JobRules rules;
    // bounds of the execution, the number of tasks, the claim deadline, the metered share and the requester's nonce
    JobLimits limits;
    // what the assurance level needs to know (its hook says what); zero for Optimistic
    bytes32 assurance;
    // where the requester serves the job's data; only emitted
    string dataUri;
}

/// @notice From the lowest bit: maxPrice 80, minBps 14, isPrivate 1, isMetered 1 (zero in terms, set in storage), ramp
/// 24, run 24, window 24, minReputation 20 (UFloat20), floor 32 (Resources), level 8, then the snapshot: parametersId
/// 12, feeBps 16. Terms leave the snapshot zero, or name the set they expect.
type JobRules is uint256;

/// @notice From the lowest bit: tasks 32, claimBy 32, stepLimit 64, maxOutput 32, maxPages 16, meteredBps 16, nonce 64.
type JobLimits is uint256;

using JobRulesLibrary for JobRules global;
using JobLimitsLibrary for JobLimits global;

library JobRulesLibrary {
    uint256 private constant METERED_FLAG = 1 << 95;

    /// @notice The rules that still bind once a price is fixed and a provider found: what a signed job keeps.
    function packBinding(
        uint256 price,
        uint256 runTime,
        uint256 windowTime,
        uint256 assuranceLevel,
        uint256 id,
        uint256 fee
    ) internal pure returns (JobRules) {
        return
            JobRules.wrap(
                price | (runTime << 120) | (windowTime << 144) | (assuranceLevel << 220) | (id << 228) | (fee << 240)
            );
    }

    /// @notice The highest price, in units.
    function maxPrice(JobRules self) internal pure returns (uint256) {
        return uint80(JobRules.unwrap(self));
    }

    /// @notice The price at posting, in basis points of `maxPrice`.
    function minBps(JobRules self) internal pure returns (uint256) {
        return (JobRules.unwrap(self) >> 80) & 0x3fff;
    }

    /// @notice Whether the requester delivers a key after the claim, from when on the run time counts.
    function isPrivate(JobRules self) internal pure returns (bool) {
        return (JobRules.unwrap(self) >> 94) & 1 == 1;
    }

    /// @notice Whether a part of the price is paid by step; zero in terms, where `meteredBps` of the limits says it.
    function isMetered(JobRules self) internal pure returns (bool) {
        return JobRules.unwrap(self) & METERED_FLAG != 0;
    }

    /// @notice Seconds in which the price climbs from its minimum to `maxPrice`.
    function ramp(JobRules self) internal pure returns (uint256) {
        return uint24(JobRules.unwrap(self) >> 96);
    }

    /// @notice Seconds from claim to the submission deadline.
    function run(JobRules self) internal pure returns (uint256) {
        return uint24(JobRules.unwrap(self) >> 120);
    }

    /// @notice Seconds from submission in which the result may be challenged.
    function window(JobRules self) internal pure returns (uint256) {
        return uint24(JobRules.unwrap(self) >> 144);
    }

    /// @notice The least reputation a provider needs.
    function minReputation(JobRules self) internal pure returns (UFloat20) {
        return UFloat20.wrap((JobRules.unwrap(self) >> 168) & 0xfffff);
    }

    /// @notice The least resources a provider needs.
    function floor(JobRules self) internal pure returns (Resources) {
        return Resources.wrap(uint32(JobRules.unwrap(self) >> 188));
    }

    /// @notice The assurance level; 0 is Optimistic.
    function level(JobRules self) internal pure returns (uint256) {
        return uint8(JobRules.unwrap(self) >> 220);
    }

    /// @notice The parameter set that was current at posting.
    function parametersId(JobRules self) internal pure returns (uint256) {
        return (JobRules.unwrap(self) >> 228) & 0xfff;
    }

    /// @notice The protocol fee that was current at posting, in basis points of the price paid.
    function feeBps(JobRules self) internal pure returns (uint256) {
        return JobRules.unwrap(self) >> 240;
    }

    /// @notice The parameter set and fee that terms expect: zero, or `id | fee << 12`.
    function snapshot(JobRules self) internal pure returns (uint256) {
        return JobRules.unwrap(self) >> 228;
    }

    /// @notice Puts the snapshot, an `id | fee << 12`, into a job's terms that leave it zero or expect it.
    function withSnapshot(JobRules self, uint256 taken) internal pure returns (JobRules) {
        return JobRules.wrap(JobRules.unwrap(self) | (taken << 228));
    }

    function withMetered(JobRules self) internal pure returns (JobRules) {
        return JobRules.wrap(JobRules.unwrap(self) | METERED_FLAG);
    }
}

library JobLimitsLibrary {
    /// @notice The number of tasks.
    function tasks(JobLimits self) internal pure returns (uint256) {
        return uint32(JobLimits.unwrap(self));
    }

    /// @notice The last second in which the job may be claimed.
    function claimBy(JobLimits self) internal pure returns (uint256) {
        return uint32(JobLimits.unwrap(self) >> 32);
    }

    /// @notice The most steps a task may take.
    function stepLimit(JobLimits self) internal pure returns (uint256) {
        return uint64(JobLimits.unwrap(self) >> 64);
    }

    /// @notice The most bytes a task may write.
    function maxOutput(JobLimits self) internal pure returns (uint256) {
        return uint32(JobLimits.unwrap(self) >> 128);
    }

    /// @notice The most 64 KiB pages of memory the program may have.
    function maxPages(JobLimits self) internal pure returns (uint256) {
        return uint16(JobLimits.unwrap(self) >> 160);
    }

    /// @notice The share of the price that is paid by step, in basis points; zero for a fixed price.
    function meteredBps(JobLimits self) internal pure returns (uint256) {
        return uint16(JobLimits.unwrap(self) >> 176);
    }

    /// @notice Chosen by the requester so that equal jobs have different ids.
    function nonce(JobLimits self) internal pure returns (uint256) {
        return JobLimits.unwrap(self) >> 192;
    }
}
