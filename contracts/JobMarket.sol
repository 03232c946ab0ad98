// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { Agreements } from "./Agreements.sol";
import { Governed } from "./Governed.sol";
import { Ledger } from "./Ledger.sol";
import { Verdicts } from "./Verdicts.sol";
import { IMediator } from "./interfaces/IAssurance.sol";
import { IJobMarket } from "./interfaces/IJobMarket.sol";
import { Auction } from "./libraries/Auction.sol";
import { JobIds } from "./libraries/JobIds.sol";
import { ResultTree } from "./libraries/ResultTree.sol";
import { Job, JobClaim, JobClaimLibrary, JobOrigin, JobOriginLibrary } from "./types/Job.sol";
import { JobAgreement, JobAgreementLibrary } from "./types/JobAgreement.sol";
import { JobMeterLibrary } from "./types/JobMeter.sol";
import { JobStatus } from "./types/JobStatus.sol";
import { JobLimits, JobRules, JobTerms } from "./types/JobTerms.sol";
import { Level, Parameters } from "./types/Parameters.sol";
import { Posting } from "./types/Posting.sol";
import { requireRange } from "./types/Range.sol";
import { requireAscii } from "./types/Text.sol";
import { UFloat20 } from "./types/UFloat20.sol";

/// @title JobMarket
/// @notice How a job begins: posted, claimed or agreed by signature, and submitted. {Settlement} and {Verdicts} say how
/// it ends, {Ledger} holds the money, {Providers} the bonds, {ParameterSets} the rules.
contract JobMarket is Verdicts, Agreements {
    uint256 private constant MAX_TIME = 30 days;
    uint256 private constant MAX_STEP_LIMIT = 1 << 44;
    uint256 private constant MAX_OUTPUT = 1 << 30;
    uint256 private constant MAX_PAGES = 16_384;
    uint256 private constant MAX_URI_LENGTH = 2_048;
    uint256 private constant MAX_KEY_LENGTH = 512;

    constructor(
        IERC20 token_,
        TimelockController timelock_,
        address guardian_,
        address feeRecipient_,
        Parameters memory parameters,
        Level[] memory levels
    ) Governed(timelock_) Ledger(token_, feeRecipient_) {
        _setGuardian(guardian_);
        _addParameters(parameters, levels);
    }

    // Posting

    /// @inheritdoc IJobMarket
    function post(JobTerms calldata terms) external returns (bytes32 jobId) {
        // Check
        string calldata dataUri = terms.dataUri;
        (JobRules rules, bool isMediated) = _requireTerms(terms, dataUri);
        JobLimits limits = terms.limits;
        jobId = _requireNew(msg.sender, terms, dataUri);

        // Effect
        Job storage job = _jobs[jobId];
        job.origin = JobOriginLibrary.pack(msg.sender, block.timestamp, limits.claimBy(), limits.tasks());
        job.rules = rules;
        _meter(job, limits);
        _accounts[msg.sender] = _accounts[msg.sender].debit(rules.maxPrice());
        emit JobPosted(jobId, msg.sender, terms);

        // Interaction
        if (isMediated) _mediatorOf(rules).jobPosted(jobId, msg.sender, terms);
    }

    /// @inheritdoc IJobMarket
    function postMany(JobTerms[] calldata terms) external returns (bytes32[] memory jobIds) {
        jobIds = new bytes32[](terms.length);
        for (uint256 i = 0; i < terms.length; ++i) {
            // A call of its own, for the caller: what one refused posting did is undone, the others stand.
            // solhint-disable-next-line avoid-low-level-calls
            (bool success, bytes memory answer) = address(this).delegatecall(abi.encodeCall(this.post, (terms[i])));
            if (success)
                jobIds[i] = abi.decode(answer, (bytes32));
                // without a reason it ran out of gas: whoever estimates gas must see that
            else if (answer.length == 0) revert JobMarketOutOfGas(i);
            else emit PostRefused(msg.sender, i, answer);
        }
    }

    // The provider's part

    /// @inheritdoc IJobMarket
    function claim(bytes32 jobId) external {
        // Check
        (JobOrigin origin, JobRules rules, uint256 share, uint256 price, UFloat20 bond) = _quote(jobId, msg.sender);

        // Effect
        bool isMediated = _isMediated(rules);
        uint256 locked = bond.decode();
        _jobs[jobId].claim = _claimWord(msg.sender, rules, share, bond, isMediated);
        _accounts[msg.sender] = _accounts[msg.sender].lock(locked);
        uint256 refund = rules.maxPrice() - price;
        if (refund != 0) _creditRequester(origin, refund);
        emit JobClaimed(jobId, msg.sender, price, locked);

        // Interaction
        if (isMediated) _mediatorOf(rules).jobClaimed(jobId, msg.sender);
    }

    /// @inheritdoc IJobMarket
    function claimSigned(
        address requester,
        bool isOpen,
        JobTerms calldata terms,
        bytes calldata signature
    ) external returns (bytes32 jobId) {
        _spendRequest(requester, isOpen ? address(0) : msg.sender, terms, signature);
        return _agree(requester, msg.sender, terms);
    }

    /// @inheritdoc IJobMarket
    function acceptOffer(
        address provider,
        bool isOpen,
        JobTerms calldata terms,
        bytes calldata signature
    ) external returns (bytes32 jobId) {
        _spendOffer(isOpen ? address(0) : msg.sender, provider, terms, signature);
        return _agree(msg.sender, provider, terms);
    }

    /// @inheritdoc IJobMarket
    function deliverKey(bytes32 jobId, bytes calldata key) external {
        Job storage job = _jobs[jobId];
        JobOrigin origin = job.origin;
        JobClaim claimed = job.claim;

        // Check
        _requireStatus(jobId, origin, claimed, JobStatus.AwaitingKey);
        _requireRequester(jobId, origin);
        require(block.timestamp <= claimed.mark(), JobMarketDeadlinePassed(jobId, claimed.mark(), block.timestamp));
        requireRange("key length", key.length, 1, MAX_KEY_LENGTH);

        // Effect
        (JobRules rules, ) = _binding(job, claimed);
        job.claim = claimed.withStatus(JobStatus.Claimed).withMark(block.timestamp + rules.run());
        emit KeyDelivered(jobId, claimed.provider(), key);
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
        if (claimed.isMetered()) job.meter = job.meter.withSteps(totalSteps);
        emit ResultSubmitted(jobId, msg.sender, resultRoot, totalSteps);
    }

    // Views

    /// @inheritdoc IJobMarket
    function jobIdOf(address requester, JobTerms calldata terms) external view returns (bytes32) {
        return JobIds.jobIdOf(address(this), requester, terms, terms.dataUri);
    }

    /// @inheritdoc IJobMarket
    function quoteClaim(bytes32 jobId, address provider) external view returns (uint256 price, uint256 bond) {
        UFloat20 float;
        (, , , price, float) = _quote(jobId, provider);
        bond = float.decode();
        _accounts[provider].lock(bond);
    }

    // Internals

    /// @dev The rules of `terms` with the snapshot, once every term was found within its bounds.
    /// @param dataUri That of `terms`: finding it in the calldata costs more than passing it on.
    function _requireTerms(
        JobTerms calldata terms,
        string calldata dataUri
    ) private view returns (JobRules rules, bool isMediated) {
        Posting posting = _posting;
        rules = terms.rules;
        JobLimits limits = terms.limits;
        require(!posting.isPaused(), JobMarketPostingPaused());
        uint256 snapshot = posting.snapshot();
        if (rules.snapshot() != 0) requireRange("snapshot", rules.snapshot(), snapshot, snapshot);
        requireRange("maxPrice", rules.maxPrice(), 1, type(uint80).max);
        requireRange("minBps", rules.minBps(), 0, BPS);
        requireRange("isMetered", rules.isMetered() ? 1 : 0, 0, 0);
        requireRange("ramp", rules.ramp(), 0, MAX_TIME);
        requireRange("run", rules.run(), posting.minRun(), MAX_TIME);
        requireRange("window", rules.window(), posting.minWindow(), MAX_TIME);
        requireRange("claimBy", limits.claimBy(), block.timestamp, block.timestamp + MAX_TIME);
        requireRange("tasks", limits.tasks(), 1, type(uint32).max);
        requireRange("stepLimit", limits.stepLimit(), 1, MAX_STEP_LIMIT);
        requireRange("maxOutput", limits.maxOutput(), 0, MAX_OUTPUT);
        requireRange("maxPages", limits.maxPages(), 1, MAX_PAGES);
        requireRange("meteredBps", limits.meteredBps(), 0, BPS);
        requireRange("dataUri length", bytes(dataUri).length, 0, MAX_URI_LENGTH);
        requireAscii("dataUri byte", dataUri);
        rules = rules.withSnapshot(snapshot);
        if (limits.meteredBps() != 0) rules = rules.withMetered();
        if (rules.level() == OPTIMISTIC) {
            requireRange("assurance", uint256(terms.assurance), 0, 0);
        } else {
            Level storage level = _levelOf(posting.parametersId(), rules.level());
            require(level.hook != address(0), JobMarketLevelNotOffered(rules.level(), posting.parametersId()));
            isMediated = level.isMediated;
            if (isMediated) {
                // a hook that votes on roots knows neither steps nor keys
                requireRange("meteredBps", limits.meteredBps(), 0, 0);
                requireRange("isPrivate", rules.isPrivate() ? 1 : 0, 0, 0);
            }
        }
    }

    function _requireNew(
        address requester,
        JobTerms calldata terms,
        string calldata dataUri
    ) private view returns (bytes32 jobId) {
        jobId = JobIds.jobIdOf(address(this), requester, terms, dataUri);
        require(!_jobs[jobId].origin.exists(), JobMarketJobExists(jobId));
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

    /// @dev Posts a job and claims it at once for its whole price; the other side's consent was found.
    function _agree(address requester, address provider, JobTerms calldata terms) private returns (bytes32 jobId) {
        // Check
        string calldata dataUri = terms.dataUri;
        (JobRules rules, bool isMediated) = _requireTerms(terms, dataUri);
        requireRange("minBps", rules.minBps(), BPS, BPS);
        requireRange("isMediated", isMediated ? 1 : 0, 0, 0);
        jobId = _requireNew(requester, terms, dataUri);
        uint256 price = rules.maxPrice();
        UFloat20 bond = _requireEligible(provider, rules, price);

        // Effect: one account at a time, they may be the same address.
        Job storage job = _jobs[jobId];
        job.origin = JobOrigin.wrap(JobAgreement.unwrap(JobAgreementLibrary.pack(requester, rules)));
        _meter(job, terms.limits);
        _accounts[requester] = _accounts[requester].debit(price);
        emit JobPosted(jobId, requester, terms);
        uint256 locked = bond.decode();
        job.claim = _claimWord(provider, rules, rules.run(), bond, false).withSigned();
        _accounts[provider] = _accounts[provider].lock(locked);
        emit JobClaimed(jobId, provider, price, locked);
    }

    /// @param shareOrRun The price's share, or the run time of a signed job.
    function _claimWord(
        address provider,
        JobRules rules,
        uint256 shareOrRun,
        UFloat20 bond,
        bool isMediated
    ) private view returns (JobClaim claimed) {
        JobStatus to = isMediated ? JobStatus.Seated : JobStatus.Claimed;
        uint256 time = rules.run();
        if (rules.isPrivate()) {
            to = JobStatus.AwaitingKey;
            time = _parametersOf(rules.parametersId()).keyTime;
        }
        claimed = JobClaimLibrary.pack(provider, block.timestamp + time, shareOrRun, to, bond);
        if (rules.isMetered()) claimed = claimed.withMetered();
    }

    function _meter(Job storage job, JobLimits limits) private {
        uint256 bps = limits.meteredBps();
        if (bps != 0) job.meter = JobMeterLibrary.pack(limits.tasks() * limits.stepLimit(), bps);
    }

    function _mediatorOf(JobRules rules) private view returns (IMediator) {
        return IMediator(_levelOf(rules.parametersId(), rules.level()).hook);
    }
}
