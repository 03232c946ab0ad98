// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { LowLevelCall } from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import { Ledger } from "./Ledger.sol";
import { Providers } from "./Providers.sol";
import { IAssurance } from "./interfaces/IAssurance.sol";
import { IJobMarket } from "./interfaces/IJobMarket.sol";
import { Auction } from "./libraries/Auction.sol";
import { Bonding } from "./libraries/Bonding.sol";
import { ResultTree } from "./libraries/ResultTree.sol";
import { Job, JobClaim, JobClaimLibrary, JobOrigin, JobOriginLibrary } from "./types/Job.sol";
import { JobStatus } from "./types/JobStatus.sol";
import { JobLimits, JobRules, JobTerms } from "./types/JobTerms.sol";
import { Parameters } from "./types/Parameters.sol";
import { requireRange } from "./types/Range.sol";
import { requireAscii } from "./types/Text.sol";
import { UFloat20 } from "./types/UFloat20.sol";

/// @title JobMarket
/// @notice The job state machine; {Ledger} holds the money, {Providers} the bonds, {ParameterSets} the rules.
contract JobMarket is Providers, IJobMarket {
    uint256 private constant BPS = 10_000;
    uint256 private constant OPTIMISTIC = 0;
    uint256 private constant MAX_TIME = 30 days;
    uint256 private constant MAX_STEP_LIMIT = 1 << 44;
    uint256 private constant MAX_OUTPUT = 1 << 30;
    uint256 private constant MAX_PAGES = 16_384;
    uint256 private constant MAX_URI_LENGTH = 2_048;
    uint256 private constant MAX_OPEN_CHALLENGES = type(uint16).max;
    uint256 private constant RELEASE_FRACTION = 4;

    mapping(bytes32 jobId => Job) private _jobs;

    constructor(
        IERC20 token_,
        address owner_,
        address feeRecipient_,
        Parameters memory parameters,
        address[] memory hooks
    ) Ledger(token_, owner_, feeRecipient_) {
        _addParameters(parameters, hooks);
    }

    // Posting

    /// @inheritdoc IJobMarket
    function post(JobTerms calldata terms) external returns (bytes32 jobId) {
        Posting memory posting = _posting;
        jobId = _post(posting, terms);
        _accounts[msg.sender] = _accounts[msg.sender].debit(terms.rules.maxPrice());
    }

    /// @inheritdoc IJobMarket
    function postMany(JobTerms[] calldata terms) external returns (bytes32[] memory jobIds) {
        Posting memory posting = _posting;
        jobIds = new bytes32[](terms.length);
        uint256 total;
        for (uint256 i = 0; i < terms.length; ++i) {
            jobIds[i] = _post(posting, terms[i]);
            total += terms[i].rules.maxPrice();
        }
        _accounts[msg.sender] = _accounts[msg.sender].debit(total);
    }

    /// @inheritdoc IJobMarket
    function cancel(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        address requester = origin.requester();

        // Check
        _requireStatus(jobId, origin, job.claim, JobStatus.Open);
        require(
            msg.sender == requester || block.timestamp > origin.claimBy(),
            JobMarketNotRequester(jobId, msg.sender, requester)
        );

        // Effect
        uint256 refund = job.rules.maxPrice();
        job.claim = JobClaim.wrap(0).withStatus(JobStatus.Cancelled);
        _accounts[requester] = _accounts[requester].credit(refund);
        emit JobCancelled(jobId, requester, refund);
    }

    // The provider's part

    /// @inheritdoc IJobMarket
    function claim(bytes32 jobId) external {
        // Check
        (JobOrigin origin, JobRules rules, uint256 share, uint256 price, UFloat20 bond) = _quote(jobId, msg.sender);

        // Effect
        _jobs[jobId].claim = JobClaimLibrary.pack(msg.sender, block.timestamp + rules.run(), share, bond);
        uint256 locked = bond.decode();
        _accounts[msg.sender] = _accounts[msg.sender].lock(locked);
        uint256 refund = rules.maxPrice() - price;
        if (refund != 0) {
            address requester = origin.requester();
            _accounts[requester] = _accounts[requester].credit(refund);
        }
        emit JobClaimed(jobId, msg.sender, price, locked);
    }

    /// @inheritdoc IJobMarket
    function release(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        JobRules rules = job.rules;
        JobClaim claimed = job.claim;

        // Check
        _requireStatus(jobId, origin, claimed, JobStatus.Claimed);
        _requireProvider(jobId, claimed);
        uint256 run = rules.run();
        uint256 until = claimed.mark() - run + run / RELEASE_FRACTION;
        require(block.timestamp <= until, JobMarketDeadlinePassed(jobId, until, block.timestamp));

        // Effect
        uint256 price = Auction.priceOf(rules, claimed.share());
        uint256 bond = claimed.bond();
        uint256 penalty = Bonding.releasePenalty(price, bond);
        job.claim = claimed.withStatus(JobStatus.Released);
        _debitBond(msg.sender, bond, penalty);
        _addToReserve(penalty);
        address requester = origin.requester();
        _accounts[requester] = _accounts[requester].credit(price);
        emit JobReleased(jobId, msg.sender, penalty);
    }

    /// @inheritdoc IJobMarket
    function submit(bytes32 jobId, bytes32 resultRoot, uint128 totalSteps) external {
        Job storage job = _jobs[jobId];
        JobClaim claimed = job.claim;

        // Check: a job with a claim exists.
        if (claimed.status() != JobStatus.Claimed) _requireStatus(jobId, job.origin, claimed, JobStatus.Claimed);
        _requireProvider(jobId, claimed);
        require(block.timestamp <= claimed.mark(), JobMarketDeadlinePassed(jobId, claimed.mark(), block.timestamp));

        // Effect
        job.claim = claimed.withStatus(JobStatus.Submitted).withMark(block.timestamp);
        job.resultCommitment = ResultTree.commitment(resultRoot, totalSteps);
        emit ResultSubmitted(jobId, msg.sender, resultRoot, totalSteps);
    }

    // Ends

    /// @inheritdoc IJobMarket
    function accept(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        JobClaim claimed = job.claim;

        // Check
        _requireStatus(jobId, origin, claimed, JobStatus.Submitted);
        require(msg.sender == origin.requester(), JobMarketNotRequester(jobId, msg.sender, origin.requester()));
        _requireUnchallenged(jobId, claimed);

        // Effect
        _settle(jobId, job, job.rules, claimed);
    }

    /// @inheritdoc IJobMarket
    function settle(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobRules rules = job.rules;
        JobClaim claimed = job.claim;

        // Check
        if (claimed.status() != JobStatus.Submitted) _requireStatus(jobId, job.origin, claimed, JobStatus.Submitted);
        _requireUnchallenged(jobId, claimed);
        uint256 end = claimed.mark() + rules.window();
        require(block.timestamp > end, JobMarketTooEarly(jobId, end + 1, block.timestamp));
        // not `require`, which would evaluate the error's arguments, a cold read, every time
        if (!_isFinal(jobId, rules)) revert JobMarketNotFinal(jobId, _hookOf(rules.parametersId(), rules.level()));

        // Effect
        _settle(jobId, job, rules, claimed);
    }

    /// @inheritdoc IJobMarket
    function settleMany(bytes32[] calldata jobIds) external {
        for (uint256 i = 0; i < jobIds.length; ++i) {
            bytes32 jobId = jobIds[i];
            Job storage job = _jobs[jobId];
            JobRules rules = job.rules;
            JobClaim claimed = job.claim;
            bool isDue =
                claimed.status() == JobStatus.Submitted &&
                    claimed.openChallenges() == 0 &&
                    block.timestamp > claimed.mark() + rules.window();
            if (isDue && _isFinal(jobId, rules)) {
                _settle(jobId, job, rules, claimed);
            } else {
                // the hook is not asked twice: one that burns what gas it gets would leave none for the jobs after it
                emit SettleSkipped(jobId, isDue ? JobStatus.Submitted : statusOf(jobId));
            }
        }
    }

    /// @inheritdoc IJobMarket
    function fail(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        JobRules rules = job.rules;
        JobClaim claimed = job.claim;

        // Check
        _requireStatus(jobId, origin, claimed, JobStatus.Claimed);
        require(block.timestamp > claimed.mark(), JobMarketTooEarly(jobId, claimed.mark() + 1, block.timestamp));

        // Effect: one account at a time, they may be the same address.
        address provider = claimed.provider();
        uint256 bond = claimed.bond();
        Bonding.LatenessSlash memory s = Bonding.splitLateness(_parametersOf(rules.parametersId()), bond);
        job.claim = claimed.withStatus(JobStatus.Failed);
        _debitBond(provider, bond, s.total);
        _recordFault(provider, false);
        _addToReserve(s.toReserve);
        address requester = origin.requester();
        uint256 price = Auction.priceOf(rules, claimed.share());
        _accounts[requester] = _accounts[requester].credit(price + s.toRequester);
        _accounts[msg.sender] = _accounts[msg.sender].credit(s.toKeeper);
        emit JobFailed(jobId, provider, msg.sender, s.toRequester, s.toKeeper, s.toReserve);
    }

    // The hook's part

    /// @inheritdoc IJobMarket
    function challengeOpened(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobRules rules = job.rules;
        JobClaim claimed = job.claim;

        // Check
        _requireStatus(jobId, job.origin, claimed, JobStatus.Submitted);
        _requireHook(jobId, rules);
        uint256 end = claimed.mark() + rules.window();
        require(block.timestamp <= end, JobMarketDeadlinePassed(jobId, end, block.timestamp));
        uint256 open = claimed.openChallenges();
        require(open < MAX_OPEN_CHALLENGES, JobMarketTooManyChallenges(jobId, MAX_OPEN_CHALLENGES));

        // Effect
        job.claim = claimed.withOneMoreChallenge();
        emit ChallengeCountChanged(jobId, open + 1);
    }

    /// @inheritdoc IJobMarket
    function challengeClosed(bytes32 jobId) external {
        Job storage job = _jobs[jobId];
        JobClaim claimed = job.claim;

        // Check
        _requireChallenged(jobId, job.origin, job.rules, claimed);

        // Effect
        job.claim = claimed.withOneLessChallenge();
        emit ChallengeCountChanged(jobId, claimed.openChallenges() - 1);
    }

    /// @inheritdoc IJobMarket
    function reject(bytes32 jobId, uint256 moves) external {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        JobRules rules = job.rules;
        JobClaim claimed = job.claim;

        // Check
        _requireChallenged(jobId, origin, rules, claimed);

        // Effect: one account at a time, they may be the same address.
        address provider = claimed.provider();
        uint256 bond = claimed.bond();
        uint256 price = Auction.priceOf(rules, claimed.share());
        Bonding.FraudSlash memory s = Bonding.splitFraud(bond, price, moves);
        job.claim = claimed.withStatus(JobStatus.Rejected);
        _debitBond(provider, bond, bond);
        _recordFault(provider, true);
        _addToReserve(s.toReserve);
        address requester = origin.requester();
        _accounts[requester] = _accounts[requester].credit(price + s.toRequester);
        _accounts[msg.sender] = _accounts[msg.sender].credit(s.toHook);
        emit JobRejected(jobId, provider, msg.sender, s.toRequester, s.toHook, s.toReserve);
    }

    // Views

    /// @inheritdoc IJobMarket
    function jobIdOf(address requester, JobTerms calldata terms) external view returns (bytes32) {
        return _jobIdOf(requester, terms, terms.dataUri);
    }

    /// @inheritdoc IJobMarket
    function getJob(bytes32 jobId) external view returns (JobView memory v) {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        if (!origin.exists()) return v;
        JobRules rules = job.rules;
        JobClaim claimed = job.claim;
        v.status = statusOf(jobId);
        v.requester = origin.requester();
        v.postedAt = origin.postedAt();
        v.claimBy = origin.claimBy();
        v.tasks = origin.tasks();
        v.maxPrice = rules.maxPrice();
        v.minBps = rules.minBps();
        v.ramp = rules.ramp();
        v.run = rules.run();
        v.window = rules.window();
        v.minReputation = rules.minReputation().decode();
        v.floor = rules.floor();
        v.level = rules.level();
        v.parametersId = rules.parametersId();
        v.feeBps = rules.feeBps();
        v.provider = claimed.provider();
        v.openChallenges = claimed.openChallenges();
        v.resultCommitment = job.resultCommitment;
        if (v.provider != address(0)) {
            v.price = Auction.priceOf(rules, claimed.share());
            v.bond = claimed.bond();
        }
        if (v.resultCommitment != 0) v.submittedAt = claimed.mark();
        else if (claimed.status() == JobStatus.Claimed) v.runBy = claimed.mark();
    }

    /// @inheritdoc IJobMarket
    function statusOf(bytes32 jobId) public view returns (JobStatus) {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        JobClaim claimed = job.claim;
        if (!origin.exists()) return JobStatus.None;
        if (claimed.isEmpty()) return block.timestamp > origin.claimBy() ? JobStatus.Expired : JobStatus.Open;
        JobStatus status = claimed.status();
        if (status == JobStatus.Claimed && block.timestamp > claimed.mark()) return JobStatus.Overdue;
        if (status == JobStatus.Submitted) {
            if (claimed.openChallenges() != 0) return JobStatus.Disputed;
            JobRules rules = job.rules;
            bool windowPassed = block.timestamp > claimed.mark() + rules.window();
            if (windowPassed && _isFinal(jobId, rules)) return JobStatus.Settleable;
        }
        return status;
    }

    /// @inheritdoc IJobMarket
    function quoteClaim(bytes32 jobId, address provider) external view returns (uint256 price, uint256 bond) {
        UFloat20 float;
        (, , , price, float) = _quote(jobId, provider);
        bond = float.decode();
        _accounts[provider].lock(bond);
    }

    // Internals

    function _post(Posting memory posting, JobTerms calldata terms) private returns (bytes32 jobId) {
        JobRules rules = terms.rules;
        JobLimits limits = terms.limits;
        string calldata dataUri = terms.dataUri;

        // Check
        require(!posting.paused, JobMarketPostingPaused());
        requireRange("snapshot", rules.snapshot(), 0, 0);
        requireRange("maxPrice", rules.maxPrice(), 1, type(uint80).max);
        requireRange("minBps", rules.minBps(), 0, BPS);
        requireRange("ramp", rules.ramp(), 0, MAX_TIME);
        requireRange("run", rules.run(), posting.minRun, MAX_TIME);
        requireRange("window", rules.window(), posting.minWindow, MAX_TIME);
        requireRange("claimBy", limits.claimBy(), block.timestamp, block.timestamp + MAX_TIME);
        requireRange("tasks", limits.tasks(), 1, type(uint32).max);
        requireRange("stepLimit", limits.stepLimit(), 1, MAX_STEP_LIMIT);
        requireRange("maxOutput", limits.maxOutput(), 0, MAX_OUTPUT);
        requireRange("maxPages", limits.maxPages(), 1, MAX_PAGES);
        requireRange("dataUri length", bytes(dataUri).length, 0, MAX_URI_LENGTH);
        requireAscii("dataUri byte", dataUri);
        if (rules.level() != OPTIMISTIC) {
            address hook = _hookOf(posting.parametersId, rules.level());
            require(hook != address(0), JobMarketLevelNotOffered(rules.level(), posting.parametersId));
        }
        jobId = _jobIdOf(msg.sender, terms, dataUri);
        Job storage job = _jobs[jobId];
        require(!job.origin.exists(), JobMarketJobExists(jobId));

        // Effect
        job.origin = JobOriginLibrary.pack(msg.sender, block.timestamp, limits.claimBy(), limits.tasks());
        job.rules = rules.withSnapshot(posting.parametersId, posting.feeBps);
        emit JobPosted(jobId, msg.sender, terms);
    }

    /// @param dataUri That of `terms`: finding it in the calldata costs more than passing it on.
    function _jobIdOf(
        address requester,
        JobTerms calldata terms,
        string calldata dataUri
    ) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    block.chainid,
                    address(this),
                    requester,
                    terms.programId,
                    terms.inputsRoot,
                    terms.sharedInput,
                    terms.rules,
                    terms.limits,
                    keccak256(bytes(dataUri))
                )
            );
    }

    function _quote(
        bytes32 jobId,
        address provider
    ) private view returns (JobOrigin origin, JobRules rules, uint256 share, uint256 price, UFloat20 bond) {
        Job storage job = _jobs[jobId];
        origin = job.origin;
        _requireStatus(jobId, origin, job.claim, JobStatus.Open);
        uint256 claimBy = origin.claimBy();
        require(block.timestamp <= claimBy, JobMarketDeadlinePassed(jobId, claimBy, block.timestamp));
        rules = job.rules;
        share = Auction.shareAt(rules, block.timestamp - origin.postedAt());
        price = Auction.priceOf(rules, share);
        bond = _requireEligible(provider, rules, price);
    }

    function _settle(bytes32 jobId, Job storage job, JobRules rules, JobClaim claimed) private {
        uint256 price = Auction.priceOf(rules, claimed.share());
        uint256 fee = (price * rules.feeBps()) / BPS;
        address provider = claimed.provider();
        job.claim = claimed.withStatus(JobStatus.Settled);
        _rewardProvider(provider, claimed.bond(), price - fee, fee);
        emit JobSettled(jobId, provider, price - fee, fee);
    }

    function _isFinal(bytes32 jobId, JobRules rules) private view returns (bool) {
        if (rules.level() == OPTIMISTIC) return true;
        // A low-level call: a hook that fails, has no code or answers nonsense holds up its own job, not a batch, nor
        // what auditors read.
        (bool success, bytes32 answer, ) = LowLevelCall.staticcallReturn64Bytes(
            _hookOf(rules.parametersId(), rules.level()),
            abi.encodeCall(IAssurance.isFinal, (jobId))
        );
        return success && LowLevelCall.returnDataSize() >= 32 && uint256(answer) == 1;
    }

    /// @dev Compares with the stored status; time is the caller's to check.
    function _requireStatus(bytes32 jobId, JobOrigin origin, JobClaim claimed, JobStatus expected) private pure {
        JobStatus actual =
            !origin.exists()
                ? JobStatus.None
                : claimed.isEmpty()
                    ? JobStatus.Open
                    : claimed.status();
        require(actual == expected, JobMarketWrongStatus(jobId, actual, expected));
    }

    function _requireProvider(bytes32 jobId, JobClaim claimed) private view {
        require(msg.sender == claimed.provider(), JobMarketNotProvider(jobId, msg.sender, claimed.provider()));
    }

    function _requireHook(bytes32 jobId, JobRules rules) private view {
        address hook = _hookOf(rules.parametersId(), rules.level());
        require(msg.sender == hook, JobMarketNotHook(jobId, msg.sender, hook));
    }

    function _requireUnchallenged(bytes32 jobId, JobClaim claimed) private pure {
        uint256 open = claimed.openChallenges();
        require(open == 0, JobMarketChallengeOpen(jobId, open));
    }

    function _requireChallenged(bytes32 jobId, JobOrigin origin, JobRules rules, JobClaim claimed) private view {
        _requireStatus(jobId, origin, claimed, JobStatus.Submitted);
        _requireHook(jobId, rules);
        require(claimed.openChallenges() != 0, JobMarketWrongStatus(jobId, JobStatus.Submitted, JobStatus.Disputed));
    }
}
