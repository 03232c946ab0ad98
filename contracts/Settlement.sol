// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobRecords } from "./JobRecords.sol";
import { IJobMarket } from "./interfaces/IJobMarket.sol";
import { Bonding } from "./libraries/Bonding.sol";
import { Job, JobClaim, JobOrigin } from "./types/Job.sol";
import { JobStatus } from "./types/JobStatus.sol";
import { JobRules } from "./types/JobTerms.sol";

/// @title Settlement
/// @notice How a job ends without a verdict: taken back, given back, late, or paid.
abstract contract Settlement is JobRecords {
    uint256 private constant RELEASE_FRACTION = 4;

    /// @inheritdoc IJobMarket
    function cancel(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        JobRules rules = job.rules;

        // Check
        _requireStatus(jobId, origin, job.claim, JobStatus.Open);
        if (block.timestamp <= origin.claimBy()) {
            if (_isMediated(rules)) _requireMediator(jobId, rules);
            else _requireRequester(jobId, origin);
        }

        // Effect
        uint256 refund = rules.maxPrice();
        job.claim = JobClaim.wrap(0).withStatus(JobStatus.Cancelled);
        _creditRequester(origin, refund);
        emit JobCancelled(jobId, origin.requester(), refund);
    }

    /// @inheritdoc IJobMarket
    function release(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        JobClaim claimed = job.claim;
        (JobRules rules, uint256 price) = _binding(job, claimed);

        // Check
        uint256 bond = claimed.bond();
        uint256 penalty;
        if (claimed.status() == JobStatus.AwaitingKey) {
            uint256 keyBy = claimed.mark();
            require(block.timestamp > keyBy, JobMarketTooEarly(jobId, keyBy + 1, block.timestamp));
        } else {
            _requireStatus(jobId, origin, claimed, JobStatus.Claimed);
            _requireProvider(jobId, claimed);
            uint256 run = rules.run();
            uint256 until = claimed.mark() - run + run / RELEASE_FRACTION;
            require(block.timestamp <= until, JobMarketDeadlinePassed(jobId, until, block.timestamp));
            penalty = Bonding.releasePenalty(price, bond);
        }

        // Effect: one account at a time, they may be the same address.
        address provider = claimed.provider();
        job.claim = claimed.withStatus(JobStatus.Released);
        _debitBond(provider, bond, penalty);
        _addToReserve(penalty);
        _creditRequester(origin, price);
        emit JobReleased(jobId, provider, penalty);
    }

    /// @inheritdoc IJobMarket
    function accept(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        JobClaim claimed = job.claim;

        // Check
        _requireStatus(jobId, origin, claimed, JobStatus.Submitted);
        _requireRequester(jobId, origin);
        _requireUnchallenged(jobId, claimed);

        // Effect
        (JobRules rules, uint256 price) = _binding(job, claimed);
        _settle(jobId, job, rules, claimed, price);
    }

    /// @inheritdoc IJobMarket
    function settle(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobClaim claimed = job.claim;
        (JobRules rules, uint256 price) = _binding(job, claimed);

        // Check
        if (claimed.status() != JobStatus.Submitted) _requireStatus(jobId, job.origin, claimed, JobStatus.Submitted);
        _requireUnchallenged(jobId, claimed);
        if (!_isFinal(jobId, rules, claimed)) {
            uint256 windowEnd = claimed.mark() + rules.window();
            require(block.timestamp > windowEnd, JobMarketTooEarly(jobId, windowEnd + 1, block.timestamp));
            revert JobMarketNotFinal(jobId, _levelOf(rules.parametersId(), rules.level()).hook);
        }

        // Effect
        _settle(jobId, job, rules, claimed, price);
    }

    /// @inheritdoc IJobMarket
    function settleMany(bytes32[] calldata jobIds) external {
        for (uint256 i = 0; i < jobIds.length; ++i) {
            bytes32 jobId = jobIds[i];
            Job storage job = _jobs[jobId];
            JobClaim claimed = job.claim;
            (JobRules rules, uint256 price) = _binding(job, claimed);
            bool isUndisputed = claimed.status() == JobStatus.Submitted && claimed.openChallenges() == 0;
            if (isUndisputed && _isFinal(jobId, rules, claimed)) {
                _settle(jobId, job, rules, claimed, price);
            } else {
                // the hook is not asked twice: one that burns what gas it gets would leave none for the jobs after it
                emit SettleSkipped(jobId, isUndisputed ? JobStatus.Submitted : statusOf(jobId));
            }
        }
    }

    /// @inheritdoc IJobMarket
    function fail(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobClaim claimed = job.claim;

        // Check
        _requireStatus(jobId, job.origin, claimed, JobStatus.Claimed);
        require(block.timestamp > claimed.mark(), JobMarketTooEarly(jobId, claimed.mark() + 1, block.timestamp));

        // Effect
        _fail(jobId, job, claimed);
    }

    /// @inheritdoc IJobMarket
    function failMany(bytes32[] calldata jobIds) external {
        for (uint256 i = 0; i < jobIds.length; ++i) {
            bytes32 jobId = jobIds[i];
            Job storage job = _jobs[jobId];
            JobClaim claimed = job.claim;
            if (claimed.status() == JobStatus.Claimed && block.timestamp > claimed.mark()) _fail(jobId, job, claimed);
            else emit FailSkipped(jobId, statusOf(jobId));
        }
    }

    function _settle(bytes32 jobId, Job storage job, JobRules rules, JobClaim claimed, uint256 price) private {
        uint256 due = price;
        job.claim = claimed.withStatus(JobStatus.Settled);
        if (claimed.isMetered()) {
            due = job.meter.payOf(price);
            _creditRequester(job.origin, price - due);
        }
        uint256 fee = (due * rules.feeBps()) / BPS;
        address provider = claimed.provider();
        _rewardProvider(provider, claimed.bond(), 0, due - fee, fee);
        emit JobSettled(jobId, provider, due - fee, fee);
    }

    function _fail(bytes32 jobId, Job storage job, JobClaim claimed) private {
        (JobRules rules, uint256 price) = _binding(job, claimed);
        // One account at a time, they may be the same address.
        address provider = claimed.provider();
        uint256 bond = claimed.bond();
        Bonding.LatenessSlash memory s = Bonding.splitLateness(_parametersOf(rules.parametersId()), bond);
        job.claim = claimed.withStatus(JobStatus.Failed);
        _debitBond(provider, bond, s.total);
        _recordFault(provider, false);
        _addToReserve(s.toReserve);
        _creditRequester(job.origin, price + s.toRequester);
        _credit(msg.sender, s.toKeeper);
        emit JobFailed(jobId, provider, msg.sender, s.toRequester, s.toKeeper, s.toReserve);
    }
}
