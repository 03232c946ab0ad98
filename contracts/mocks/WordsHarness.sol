// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Account } from "../types/Account.sol";
import { JobClaim, JobClaimLibrary } from "../types/Job.sol";
import { JobAgreement, JobAgreementLibrary } from "../types/JobAgreement.sol";
import { JobMeter, JobMeterLibrary } from "../types/JobMeter.sol";
import { JobStatus } from "../types/JobStatus.sol";
import { JobRules } from "../types/JobTerms.sol";
import { Profile } from "../types/Profile.sol";
import { Resources } from "../types/Resources.sol";
import { UFloat20 } from "../types/UFloat20.sol";

/// @notice Opens the packed words to tests: each function takes a word and returns what it becomes.
contract WordsHarness {
    function credit(Account word, uint256 amount) external pure returns (Account) {
        return word.credit(amount);
    }

    function debit(Account word, uint256 amount) external pure returns (Account) {
        return word.debit(amount);
    }

    function addStake(Account word, uint256 amount) external pure returns (Account) {
        return word.addStake(amount);
    }

    function removeStake(Account word, uint256 amount) external pure returns (Account) {
        return word.removeStake(amount);
    }

    function lock(Account word, uint256 bond) external pure returns (Account) {
        return word.lock(bond);
    }

    function unlock(Account word, uint256 bond, uint256 slash) external pure returns (Account) {
        return word.unlock(bond, slash);
    }

    function withDeclared(Profile word, Resources offered, uint16 slots) external pure returns (Profile) {
        return word.withDeclared(offered, slots);
    }

    function withReputation(Profile word, uint80 value, uint32 time) external pure returns (Profile) {
        return word.withReputation(value, time);
    }

    function withFault(Profile word) external pure returns (Profile) {
        return word.withFault();
    }

    function withFee(Profile word, uint256 fee) external pure returns (Profile) {
        return word.withFee(fee);
    }

    function withoutFee(Profile word) external pure returns (Profile) {
        return word.withoutFee();
    }

    function packClaim(
        address by,
        uint32 deadline,
        uint24 shareOrRun,
        JobStatus status,
        UFloat20 bond
    ) external pure returns (JobClaim) {
        return JobClaimLibrary.pack(by, deadline, shareOrRun, status, bond);
    }

    function withBond(JobClaim word, UFloat20 bond) external pure returns (JobClaim) {
        return word.withBond(bond);
    }

    function withMetered(JobClaim word) external pure returns (JobClaim) {
        return word.withMetered();
    }

    function withSigned(JobClaim word) external pure returns (JobClaim) {
        return word.withSigned();
    }

    function shrink(Account word, uint256 bond, uint256 rest) external pure returns (Account) {
        return word.shrink(bond, rest);
    }

    function packMeter(uint256 budget, uint256 bps) external pure returns (JobMeter) {
        return JobMeterLibrary.pack(budget, bps);
    }

    function withSteps(JobMeter word, uint256 total) external pure returns (JobMeter) {
        return word.withSteps(total);
    }

    function payOf(JobMeter word, uint256 price) external pure returns (uint256) {
        return word.payOf(price);
    }

    function packAgreement(address by, JobRules rules) external pure returns (JobAgreement) {
        return JobAgreementLibrary.pack(by, rules);
    }

    function rulesWith(JobAgreement word, uint256 run) external pure returns (JobRules) {
        return word.rulesWith(run);
    }

    function withStatus(JobClaim word, JobStatus status) external pure returns (JobClaim) {
        return word.withStatus(status);
    }

    function withMark(JobClaim word, uint32 time) external pure returns (JobClaim) {
        return word.withMark(time);
    }

    function withOneMoreChallenge(JobClaim word) external pure returns (JobClaim) {
        return word.withOneMoreChallenge();
    }

    function withOneLessChallenge(JobClaim word) external pure returns (JobClaim) {
        return word.withOneLessChallenge();
    }
}
