// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Account } from "../types/Account.sol";
import { JobClaim, JobOrigin } from "../types/Job.sol";
import { JobLimits, JobRules } from "../types/JobTerms.sol";
import { Profile } from "../types/Profile.sol";
import { Resources } from "../types/Resources.sol";
import { UFloat20 } from "../types/UFloat20.sol";

/// @notice Opens the readers of the packed words to tests: each function returns the fields of a word, from the lowest.
contract ReadersHarness {
    function account(Account word) external pure returns (uint256[4] memory) {
        return [word.balance(), word.stake(), word.locked(), word.active()];
    }

    function profile(Profile word) external pure returns (uint256[6] memory) {
        uint256 resources = Resources.unwrap(word.resources());
        return [resources, word.concurrency(), word.faults(), word.reputationAt(), word.reputation(), word.feeOwed()];
    }

    function origin(JobOrigin word) external pure returns (uint256[4] memory) {
        return [uint160(word.requester()), word.postedAt(), word.claimBy(), word.tasks()];
    }

    function rules(JobRules word) external pure returns (uint256[12] memory) {
        return
            [
                word.maxPrice(),
                word.minBps(),
                word.isPrivate() ? 1 : 0,
                word.isMetered() ? 1 : 0,
                word.ramp(),
                word.run(),
                word.window(),
                UFloat20.unwrap(word.minReputation()),
                Resources.unwrap(word.floor()),
                word.level(),
                word.parametersId(),
                word.feeBps()
            ];
    }

    /// @dev `status` must be one that exists.
    function claim(JobClaim word) external pure returns (uint256[6] memory) {
        return
            [
                uint160(word.provider()),
                word.mark(),
                word.share(),
                uint256(word.status()),
                word.bond(),
                word.openChallenges()
            ];
    }

    function limits(JobLimits word) external pure returns (uint256[7] memory) {
        return
            [
                word.tasks(),
                word.claimBy(),
                word.stepLimit(),
                word.maxOutput(),
                word.maxPages(),
                word.meteredBps(),
                word.nonce()
            ];
    }
}
