// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { LowLevelCall } from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import { Providers } from "./Providers.sol";
import { IAssurance } from "./interfaces/IAssurance.sol";
import { IJobMarket } from "./interfaces/IJobMarket.sol";
import { Auction } from "./libraries/Auction.sol";
import { Job, JobClaim, JobOrigin } from "./types/Job.sol";
import { JobAgreement } from "./types/JobAgreement.sol";
import { JobStatus } from "./types/JobStatus.sol";
import { JobRules } from "./types/JobTerms.sol";

/// @title JobRecords
/// @notice The jobs' words, how they are read, and where a job stands.
abstract contract JobRecords is Providers, IJobMarket {
    uint256 internal constant BPS = 10_000;
    uint256 internal constant OPTIMISTIC = 0;

    mapping(bytes32 jobId => Job) internal _jobs;

    /// @inheritdoc IJobMarket
    function getJob(bytes32 jobId) external view returns (JobView memory v) {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        if (!origin.exists()) return v;
        JobClaim claimed = job.claim;
        (JobRules rules, uint256 price) = _binding(job, claimed);
        v.status = statusOf(jobId);
        v.requester = origin.requester();
        v.isSigned = claimed.isSigned();
        if (!v.isSigned) {
            v.postedAt = origin.postedAt();
            v.claimBy = origin.claimBy();
            v.tasks = origin.tasks();
            v.minBps = rules.minBps();
            v.ramp = rules.ramp();
            v.minReputation = rules.minReputation().decode();
            v.floor = rules.floor();
            v.isPrivate = rules.isPrivate();
        }
        v.maxPrice = rules.maxPrice();
        v.run = rules.run();
        v.window = rules.window();
        v.level = rules.level();
        v.parametersId = rules.parametersId();
        v.feeBps = rules.feeBps();
        v.meteredBps = job.meter.meteredBps();
        v.stepBudget = job.meter.stepBudget();
        v.steps = job.meter.steps();
        v.resultCommitment = job.resultCommitment;
        v.provider = claimed.provider();
        if (v.provider == address(0)) return v;
        v.price = price;
        v.bond = claimed.bond();
        v.openChallenges = claimed.openChallenges();
        JobStatus stored = claimed.status();
        if (stored == JobStatus.AwaitingKey) v.keyBy = claimed.mark();
        else if (stored == JobStatus.Claimed) v.runBy = claimed.mark();
        else if (v.resultCommitment != 0) v.submittedAt = claimed.mark();
    }

    /// @inheritdoc IJobMarket
    function statusOf(bytes32 jobId) public view returns (JobStatus) {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        JobClaim claimed = job.claim;
        if (!origin.exists()) return JobStatus.None;
        if (claimed.isEmpty()) return block.timestamp > origin.claimBy() ? JobStatus.Expired : JobStatus.Open;
        JobStatus status = claimed.status();
        bool isLate = block.timestamp > claimed.mark();
        if (status == JobStatus.AwaitingKey && isLate) return JobStatus.Keyless;
        if (status == JobStatus.Claimed && isLate) return JobStatus.Overdue;
        if (status == JobStatus.Submitted) {
            if (claimed.openChallenges() != 0) return JobStatus.Disputed;
            (JobRules rules, ) = _binding(job, claimed);
            if (_isFinal(jobId, rules, claimed)) return JobStatus.Settleable;
        }
        return status;
    }

    /// @dev The rules in force and, once claimed, the price.
    function _binding(Job storage job, JobClaim claimed) internal view returns (JobRules rules, uint256 price) {
        if (claimed.isSigned()) {
            rules = JobAgreement.wrap(JobOrigin.unwrap(job.origin)).rulesWith(claimed.share());
            price = rules.maxPrice();
        } else {
            rules = job.rules;
            price = Auction.priceOf(rules, claimed.share());
        }
    }

    /// @dev Whether a submitted result without an open challenge stands for good: after the window, or when the level's
    /// hook says so.
    function _isFinal(bytes32 jobId, JobRules rules, JobClaim claimed) internal view returns (bool) {
        uint256 windowEnd = claimed.mark() + rules.window();
        if (rules.level() == OPTIMISTIC) return block.timestamp > windowEnd;
        // A low-level call: a hook that fails, has no code or answers nonsense holds up its own job, not a batch, nor
        // what auditors read.
        (bool success, bytes32 answer, ) = LowLevelCall.staticcallReturn64Bytes(
            _levelOf(rules.parametersId(), rules.level()).hook,
            abi.encodeCall(IAssurance.isFinal, (jobId, windowEnd))
        );
        return success && LowLevelCall.returnDataSize() >= 32 && uint256(answer) == 1;
    }

    /// @dev Whether the level's hook opens and ends claims itself.
    function _isMediated(JobRules rules) internal view returns (bool) {
        return rules.level() != OPTIMISTIC && _levelOf(rules.parametersId(), rules.level()).isMediated;
    }

    /// @dev Compares with the stored status; time is the caller's to check.
    function _requireStatus(bytes32 jobId, JobOrigin origin, JobClaim claimed, JobStatus expected) internal pure {
        JobStatus actual =
            !origin.exists()
                ? JobStatus.None
                : claimed.isEmpty()
                    ? JobStatus.Open
                    : claimed.status();
        require(actual == expected, JobMarketWrongStatus(jobId, actual, expected));
    }

    function _requireProvider(bytes32 jobId, JobClaim claimed) internal view {
        require(msg.sender == claimed.provider(), JobMarketNotProvider(jobId, msg.sender, claimed.provider()));
    }

    function _requireRequester(bytes32 jobId, JobOrigin origin) internal view {
        require(msg.sender == origin.requester(), JobMarketNotRequester(jobId, msg.sender, origin.requester()));
    }

    function _requireUnchallenged(bytes32 jobId, JobClaim claimed) internal pure {
        uint256 open = claimed.openChallenges();
        require(open == 0, JobMarketChallengeOpen(jobId, open));
    }

    /// @dev The job's level is a mediated one: the caller has asked, or found the job Seated.
    function _requireMediator(bytes32 jobId, JobRules rules) internal view {
        address hook = _levelOf(rules.parametersId(), rules.level()).hook;
        require(msg.sender == hook, JobMarketNotHook(jobId, msg.sender, hook));
    }

    function _creditRequester(JobOrigin origin, uint256 amount) internal {
        _credit(origin.requester(), amount);
    }
}
