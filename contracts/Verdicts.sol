// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Settlement } from "./Settlement.sol";
import { IJobMarket } from "./interfaces/IJobMarket.sol";
import { Bonding } from "./libraries/Bonding.sol";
import { Job, JobClaim, JobClaimLibrary, JobOrigin } from "./types/Job.sol";
import { JobStatus } from "./types/JobStatus.sol";
import { JobRules } from "./types/JobTerms.sol";
import { UFloat20, UFloat20Library } from "./types/UFloat20.sol";

/// @title Verdicts
/// @notice What the hooks of assurance levels may do to a job, and the most that it can cost whom.
abstract contract Verdicts is Settlement {
    uint256 private constant FROZEN_FRACTION = 10;

    /// @inheritdoc IJobMarket
    function challengeOpened(
        bytes32 jobId
    ) external returns (address provider, bytes32 resultCommitment, uint256 open) {
        Job storage job = _jobs[jobId];
        JobClaim claimed = job.claim;
        (JobRules rules, ) = _binding(job, claimed);

        // Check
        _requireStatus(jobId, job.origin, claimed, JobStatus.Submitted);
        _requireChallenger(jobId, rules);
        uint256 end = claimed.mark() + rules.window();
        require(block.timestamp <= end, JobMarketDeadlinePassed(jobId, end, block.timestamp));
        open = claimed.openChallenges();
        uint256 max = JobClaimLibrary.MAX_OPEN_CHALLENGES;
        require(open < max, JobMarketTooManyChallenges(jobId, max));

        // Effect
        job.claim = claimed.withOneMoreChallenge();
        emit ChallengeCountChanged(jobId, open + 1);
        return (claimed.provider(), job.resultCommitment, open);
    }

    /// @inheritdoc IJobMarket
    function challengeClosed(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobClaim claimed = job.claim;

        // Check
        _requireChallenged(jobId, job, claimed);

        // Effect
        job.claim = claimed.withOneLessChallenge();
        emit ChallengeCountChanged(jobId, claimed.openChallenges() - 1);
    }

    /// @inheritdoc IJobMarket
    function reject(bytes32 jobId, uint256 moves) external returns (uint256 toHook, uint256 open) {
        Job storage job = _jobs[jobId];
        JobClaim claimed = job.claim;

        // Check
        uint256 price = _requireChallenged(jobId, job, claimed);

        // Effect: one account at a time, they may be the same address.
        address provider = claimed.provider();
        uint256 bond = claimed.bond();
        Bonding.FraudSlash memory s = Bonding.splitFraud(bond, price, moves);
        job.claim = claimed.withStatus(JobStatus.Rejected);
        _debitBond(provider, bond, bond);
        _recordFault(provider, true);
        _addToReserve(s.toReserve);
        _creditRequester(job.origin, price + s.toRequester);
        _credit(msg.sender, s.toHook);
        emit JobRejected(jobId, provider, msg.sender, s.toRequester, s.toHook, s.toReserve);
        return (s.toHook, claimed.openChallenges());
    }

    /// @inheritdoc IJobMarket
    function conclude(bytes32 jobId, bytes32 resultCommitment, uint256 payBps, bool isSlashed) external {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        JobRules rules = job.rules;
        JobClaim claimed = job.claim;

        // Check
        _requireStatus(jobId, origin, claimed, JobStatus.Seated);
        _requireMediator(jobId, rules);
        require(payBps <= BPS, JobMarketPayTooHigh(jobId, payBps, BPS));

        // Effect: one account at a time, they may be the same address.
        (, uint256 price) = _binding(job, claimed);
        address provider = claimed.provider();
        uint256 bond = claimed.bond();
        uint256 slash = isSlashed ? Math.min(price, bond) : 0;
        uint256 due = (price * payBps) / BPS;
        uint256 fee = (due * rules.feeBps()) / BPS;
        JobStatus to =
            isSlashed
                ? JobStatus.Rejected
                : resultCommitment == 0
                    ? JobStatus.Released
                    : JobStatus.Settled;
        if (resultCommitment != 0) {
            claimed = claimed.withMark(block.timestamp);
            job.resultCommitment = resultCommitment;
        }
        job.claim = claimed.withStatus(to);
        _rewardProvider(provider, bond, slash, due - fee, fee);
        if (isSlashed) _recordFault(provider, false);
        _addToReserve(slash);
        _creditRequester(origin, price - due);
        emit SeatConcluded(jobId, provider, to, resultCommitment, due - fee, fee, slash);
    }

    /// @inheritdoc IJobMarket
    function freezeBond(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobClaim claimed = job.claim;

        // Check
        _requireStatus(jobId, job.origin, claimed, JobStatus.Seated);
        _requireMediator(jobId, job.rules);

        // Effect
        UFloat20 frozen = UFloat20Library.encodeUp(claimed.bond() / FROZEN_FRACTION);
        uint256 locked = frozen.decode();
        address provider = claimed.provider();
        job.claim = claimed.withBond(frozen);
        _accounts[provider] = _accounts[provider].shrink(claimed.bond(), locked);
        emit BondFrozen(jobId, provider, locked);
    }

    function _requireChallenged(bytes32 jobId, Job storage job, JobClaim claimed) private view returns (uint256) {
        (JobRules rules, uint256 price) = _binding(job, claimed);
        _requireStatus(jobId, job.origin, claimed, JobStatus.Submitted);
        _requireChallenger(jobId, rules);
        require(claimed.openChallenges() != 0, JobMarketWrongStatus(jobId, JobStatus.Submitted, JobStatus.Disputed));
        return price;
    }

    /// @dev The dispute game of the job's set, or the hook of the job's own level.
    function _requireChallenger(bytes32 jobId, JobRules rules) private view {
        uint256 id = rules.parametersId();
        address hook = _levelOf(id, rules.level()).hook;
        require(
            msg.sender == hook || msg.sender == _levelOf(id, OPTIMISTIC).hook,
            JobMarketNotHook(jobId, msg.sender, hook)
        );
    }
}
