// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IMediator } from "../interfaces/IAssurance.sol";
import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { IReplication } from "../interfaces/IReplication.sol";
import { ResultTree } from "../libraries/ResultTree.sol";
import { JobLimits, JobTerms } from "../types/JobTerms.sol";
import { requireRange } from "../types/Range.sol";
import { ReplicationTerms } from "../types/ReplicationTerms.sol";
import { JobStatus } from "../types/JobStatus.sol";

/// @title Replication
/// @notice Hook of the level Replicated. Holds no money: {IJobMarket.conclude} pays and slashes, within its own bounds.
/// @dev Serves any market: groups and seats are kept by the market that told of them. Every loop runs over the at most
/// `2 * MAX_SEATS` jobs of one group.
contract Replication is IMediator, IReplication {
    uint256 private constant MAX_SEATS = 15;
    uint256 private constant MIN_SEATS = 2;
    uint256 private constant MAX_PHASE_TIME = 7 days;
    uint256 private constant MAX_DRAW_BITS = 64;
    uint256 private constant BPS = 10_000;
    uint256 private constant DRAW_DELAY = 4;
    uint256 private constant CLAIM_BY_MASK = uint256(type(uint32).max) << 32;

    struct Group {
        // slot 0
        address market;
        uint32 claimBy;
        Phase phase;
        uint8 posted;
        uint8 claimed;
        uint8 committed;
        uint8 revealed;
        // slot 1
        ReplicationTerms terms;
        // slot 2
        uint64 targetBlock;
        bool isRetargeted;
        uint64 committedAt;
        // slot 3
        bytes32 seed;
        mapping(uint256 index => bytes32) jobIds;
        mapping(address provider => bool) isSeated;
    }

    struct Seat {
        bytes32 groupId;
        bytes32 commitment;
        bytes32 vote;
        address provider;
        uint8 index;
    }

    mapping(bytes32 groupId => Group) private _groups;
    mapping(address market => mapping(bytes32 jobId => Seat)) private _seats;

    // The market's part

    /// @inheritdoc IMediator
    function jobPosted(bytes32 jobId, address requester, JobTerms calldata terms) external {
        ReplicationTerms t = ReplicationTerms.wrap(terms.assurance);
        uint256 seats = t.seats();
        uint256 index = t.index();

        // Check
        requireRange("seats", seats, MIN_SEATS, MAX_SEATS);
        requireRange("spares", t.spares(), 0, MAX_SEATS);
        requireRange("index", index, 0, seats + t.spares() - 1);
        requireRange("drawBits", t.drawBits(), 0, MAX_DRAW_BITS);
        requireRange("baseBps", t.baseBps(), 0, BPS);
        requireRange("commitTime", t.commitTime(), 1, MAX_PHASE_TIME);
        requireRange("revealTime", t.revealTime(), 1, MAX_PHASE_TIME);
        requireRange("drawTime", t.drawTime(), 1, MAX_PHASE_TIME);
        uint256 claimBy = terms.limits.claimBy();
        uint256 later = t.commitTime() + t.revealTime() + t.drawTime();
        if (index >= seats) claimBy -= later;
        bytes32 groupId = _groupId(requester, terms, claimBy);
        Group storage group = _groups[groupId];
        require(group.jobIds[index] == 0, ReplicationSeatTaken(groupId, index));
        require(group.phase <= Phase.First, ReplicationWrongPhase(groupId, group.phase));

        // Effect
        if (group.phase == Phase.None) {
            group.market = msg.sender;
            group.claimBy = uint32(claimBy);
            group.phase = Phase.First;
            group.terms = ReplicationTerms.wrap(t.shared());
        }
        ++group.posted;
        group.jobIds[index] = jobId;
        Seat storage seat = _seats[msg.sender][jobId];
        seat.groupId = groupId;
        seat.index = uint8(index);
        emit SeatPosted(msg.sender, groupId, jobId, index);
    }

    /// @inheritdoc IMediator
    function jobClaimed(bytes32 jobId, address provider) external {
        Seat storage seat = _seats[msg.sender][jobId];
        (bytes32 groupId, Group storage group) = _groupOf(msg.sender, jobId, seat);
        ReplicationTerms t = group.terms;

        // Check
        uint256 all = t.seats() + t.spares();
        require(group.posted == all, ReplicationNotPosted(groupId, group.posted, all));
        bool isSpare = seat.index >= t.seats();
        Phase phase = group.phase;
        require(phase == (isSpare ? Phase.Escalated : Phase.First), ReplicationWrongPhase(groupId, phase));
        require(!group.isSeated[provider], ReplicationAlreadySeated(groupId, provider));
        if (isSpare) require(_isDrawn(group, provider), ReplicationNotDrawn(groupId, provider));

        // Effect
        group.isSeated[provider] = true;
        ++group.claimed;
        seat.provider = provider;
        emit SeatClaimed(groupId, jobId, provider);
    }

    // The provider's part

    /// @inheritdoc IReplication
    function commit(address market, bytes32 jobId, bytes32 commitment) external {
        Seat storage seat = _seats[market][jobId];
        (bytes32 groupId, Group storage group) = _groupOf(market, jobId, seat);

        // Check
        _requireProvider(jobId, seat);
        _requireCurrent(groupId, group, seat);
        require(seat.commitment == 0, ReplicationCommitted(jobId));
        requireRange("commitment", uint256(commitment), 1, type(uint256).max);
        (, uint256 commitBy, ) = _times(group);
        require(block.timestamp <= commitBy, ReplicationDeadlinePassed(groupId, commitBy, block.timestamp));

        // Effect
        seat.commitment = commitment;
        ++group.committed;
        if (group.phase == Phase.First) {
            group.targetBlock = uint64(block.number + DRAW_DELAY);
            group.committedAt = uint64(block.timestamp);
        }
        emit ResultCommitted(groupId, jobId, commitment);
    }

    /// @inheritdoc IReplication
    function reveal(address market, bytes32 jobId, bytes32 resultRoot, uint128 totalSteps, bytes32 salt) external {
        Seat storage seat = _seats[market][jobId];
        (bytes32 groupId, Group storage group) = _groupOf(market, jobId, seat);

        // Check
        _requireProvider(jobId, seat);
        _requireCurrent(groupId, group, seat);
        require(seat.vote == 0, ReplicationRevealed(jobId));
        (, uint256 commitBy, uint256 revealBy) = _times(group);
        require(
            group.committed == _size(group) || block.timestamp > commitBy,
            ReplicationTooEarly(groupId, commitBy + 1, block.timestamp)
        );
        require(block.timestamp <= revealBy, ReplicationDeadlinePassed(groupId, revealBy, block.timestamp));
        bytes32 commitment = commitmentOf(market, jobId, msg.sender, resultRoot, totalSteps, salt);
        require(commitment == seat.commitment, ReplicationWrongReveal(jobId, commitment, seat.commitment));

        // Effect
        seat.vote = ResultTree.commitment(resultRoot, totalSteps);
        ++group.revealed;
        emit ResultRevealed(groupId, jobId, msg.sender, resultRoot, totalSteps);
        _captureSeed(groupId, group);
    }

    // Anyone's part

    /// @inheritdoc IReplication
    function captureSeed(bytes32 groupId) external {
        _captureSeed(groupId, _requireGroup(groupId));
    }

    /// @inheritdoc IReplication
    function resolve(bytes32 groupId) external {
        Group storage group = _requireGroup(groupId);

        // Check
        Phase phase = group.phase;
        require(phase != Phase.Closed, ReplicationWrongPhase(groupId, phase));
        (uint256 claimBy, uint256 commitBy, uint256 revealBy) = _times(group);
        if (group.claimed < _size(group)) {
            require(block.timestamp > claimBy, ReplicationTooEarly(groupId, claimBy + 1, block.timestamp));
            return _closeUndecided(groupId, group);
        }
        bool isCommitted = group.committed == group.claimed || block.timestamp > commitBy;
        if (!isCommitted || group.revealed < group.committed) {
            require(block.timestamp > revealBy, ReplicationTooEarly(groupId, revealBy + 1, block.timestamp));
        }

        // Effect and interaction: the phase is set before the market is called.
        ReplicationTerms t = group.terms;
        (uint256 from, uint256 to) = phase == Phase.First ? (0, t.seats()) : (t.seats(), t.seats() + t.spares());
        bytes32 majority = _majority(group, from, to);
        if (majority != 0) return _closeDecided(groupId, group, to, majority);
        if (phase == Phase.First && _canEscalate(groupId, group)) return _escalate(groupId, group);
        _closeUndecided(groupId, group);
    }

    // Views

    /// @inheritdoc IReplication
    function groupOf(bytes32 groupId) external view returns (GroupView memory) {
        Group storage g = _groups[groupId];
        return
            GroupView(g.phase, g.terms, g.claimBy, g.posted, g.claimed, g.committed, g.revealed, g.targetBlock, g.seed);
    }

    /// @inheritdoc IReplication
    function seatOf(address market, bytes32 jobId) external view returns (SeatView memory) {
        Seat storage s = _seats[market][jobId];
        return SeatView(s.groupId, s.index, s.provider, s.commitment, s.vote);
    }

    /// @inheritdoc IReplication
    function jobsOf(bytes32 groupId) external view returns (bytes32[] memory jobIds) {
        Group storage group = _groups[groupId];
        jobIds = new bytes32[](group.terms.seats() + group.terms.spares());
        for (uint256 i = 0; i < jobIds.length; ++i) jobIds[i] = group.jobIds[i];
    }

    /// @inheritdoc IReplication
    function isDrawn(bytes32 groupId, address provider) external view returns (bool) {
        Group storage group = _groups[groupId];
        return group.phase == Phase.Escalated && !group.isSeated[provider] && _isDrawn(group, provider);
    }

    /// @inheritdoc IReplication
    function commitmentOf(
        address market,
        bytes32 jobId,
        address provider,
        bytes32 resultRoot,
        uint128 totalSteps,
        bytes32 salt
    ) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, market, jobId, provider, resultRoot, totalSteps, salt));
    }

    // Ends

    /// @dev Pays whoever voted with the majority the whole price, and the others nothing.
    function _closeDecided(bytes32 groupId, Group storage group, uint256 to, bytes32 majority) private {
        bool isEscalated = group.phase == Phase.Escalated;
        uint256 seats = group.terms.seats();
        IJobMarket market = _close(groupId, group, majority);
        for (uint256 i = 0; i < to; ++i) {
            bytes32 jobId = group.jobIds[i];
            bytes32 vote = _seats[address(market)][jobId].vote;
            // Slashed when the group escalated.
            if (isEscalated && i < seats && vote == 0) continue;
            if (vote == majority) market.conclude(jobId, majority, BPS, false);
            else market.conclude(jobId, 0, 0, true);
        }
        _cancel(group, market, to);
    }

    /// @dev Pays the base fee where nothing was decided, to every seat that revealed; whoever was to reveal and did not
    /// is slashed, but in a round that was not filled.
    function _closeUndecided(bytes32 groupId, Group storage group) private {
        bool isEscalated = group.phase == Phase.Escalated;
        bool isFilled = group.claimed == _size(group);
        uint256 seats = group.terms.seats();
        uint256 all = seats + group.terms.spares();
        uint256 baseBps = group.terms.baseBps();
        IJobMarket market = _close(groupId, group, 0);
        for (uint256 i = 0; i < (isEscalated ? all : seats); ++i) {
            bytes32 jobId = group.jobIds[i];
            Seat storage seat = _seats[address(market)][jobId];
            if (seat.provider == address(0)) continue;
            bool isFirst = isEscalated && i < seats;
            bool hasRevealed = seat.vote != 0;
            // Slashed when the group escalated.
            if (isFirst && !hasRevealed) continue;
            market.conclude(jobId, 0, hasRevealed ? baseBps : 0, !hasRevealed && isFilled);
        }
        _cancel(group, market, 0);
    }

    function _escalate(bytes32 groupId, Group storage group) private {
        IJobMarket market = IJobMarket(group.market);
        group.phase = Phase.Escalated;
        group.claimed = 0;
        group.committed = 0;
        group.revealed = 0;
        emit GroupEscalated(groupId);
        for (uint256 i = 0; i < group.terms.seats(); ++i) {
            bytes32 jobId = group.jobIds[i];
            if (_seats[address(market)][jobId].vote == 0) market.conclude(jobId, 0, 0, true);
            else market.freezeBond(jobId);
        }
    }

    function _close(bytes32 groupId, Group storage group, bytes32 majority) private returns (IJobMarket) {
        group.phase = Phase.Closed;
        emit GroupClosed(groupId, majority);
        return IJobMarket(group.market);
    }

    /// @dev Takes back every job from index `from` on that nobody claimed; anyone may have done so after its `claimBy`.
    function _cancel(Group storage group, IJobMarket market, uint256 from) private {
        uint256 all = group.terms.seats() + group.terms.spares();
        for (uint256 i = from; i < all; ++i) {
            bytes32 jobId = group.jobIds[i];
            if (jobId == 0) continue;
            JobStatus status = market.statusOf(jobId);
            if (status == JobStatus.Open || status == JobStatus.Expired) market.cancel(jobId);
        }
    }

    /// @dev Whether the spares can still be drawn; a target block that was missed twice cannot.
    function _canEscalate(bytes32 groupId, Group storage group) private returns (bool) {
        if (group.terms.spares() == 0 || group.targetBlock == 0) return false;
        (, , uint256 revealBy) = _times(group);
        if (block.timestamp > revealBy + group.terms.drawTime()) return false;
        _captureSeed(groupId, group);
        // It is captured later, by {captureSeed}, unless it was missed for good.
        return group.seed != 0 || block.number <= group.targetBlock + 256;
    }

    function _captureSeed(bytes32 groupId, Group storage group) private {
        uint256 target = group.targetBlock;
        if (group.seed != 0 || target == 0 || block.number <= target) return;
        if (group.phase == Phase.First && group.committed < group.terms.seats()) {
            (, uint256 commitBy, ) = _times(group);
            if (block.timestamp <= commitBy) return;
        }
        bytes32 seed = blockhash(target);
        if (seed != 0) {
            group.seed = seed;
            emit SeedCaptured(groupId, target, seed);
        } else if (!group.isRetargeted) {
            group.isRetargeted = true;
            group.targetBlock = uint64(block.number + DRAW_DELAY);
            emit TargetMoved(groupId, group.targetBlock);
        }
    }

    // Reading

    /// @dev The ends of claiming, committing and revealing in the group's phase.
    function _times(Group storage group) private view returns (uint256 claimBy, uint256 commitBy, uint256 revealBy) {
        ReplicationTerms t = group.terms;
        uint256 round = t.commitTime() + t.revealTime();
        claimBy = group.claimBy;
        if (group.phase == Phase.Escalated) claimBy += round + t.drawTime();
        commitBy = claimBy + t.commitTime();
        revealBy = claimBy + round;
    }

    /// @dev How many seats vote in the group's phase.
    function _size(Group storage group) private view returns (uint256) {
        return group.phase == Phase.Escalated ? group.terms.spares() : group.terms.seats();
    }

    /// @dev What more than half of the seats from `from` to `to` voted for; zero where there is no such thing.
    function _majority(Group storage group, uint256 from, uint256 to) private view returns (bytes32) {
        for (uint256 i = from; i < to; ++i) {
            bytes32 vote = _voteOf(group, i);
            if (vote == 0) continue;
            uint256 count;
            for (uint256 k = from; k < to; ++k) if (_voteOf(group, k) == vote) ++count;
            if (2 * count > to - from) return vote;
        }
        return 0;
    }

    function _voteOf(Group storage group, uint256 index) private view returns (bytes32) {
        return _seats[group.market][group.jobIds[index]].vote;
    }

    function _isDrawn(Group storage group, address provider) private view returns (bool) {
        if (group.seed == 0) return false;
        uint256 registeredAt = IJobMarket(group.market).registeredAt(provider);
        if (registeredAt == 0 || registeredAt > group.claimBy || registeredAt > group.committedAt) return false;
        uint256 lot = uint256(keccak256(abi.encodePacked(group.seed, provider)));
        return lot >> (256 - group.terms.drawBits()) == 0;
    }

    /// @dev The id of the job of the group's first seat.
    function _groupId(address requester, JobTerms calldata terms, uint256 claimBy) private view returns (bytes32) {
        uint256 limits = (JobLimits.unwrap(terms.limits) & ~CLAIM_BY_MASK) | (claimBy << 32);
        return
            keccak256(
                abi.encode(
                    block.chainid,
                    msg.sender,
                    requester,
                    terms.programId,
                    terms.inputsRoot,
                    terms.sharedInput,
                    terms.rules,
                    limits,
                    ReplicationTerms.wrap(terms.assurance).shared(),
                    keccak256(bytes(terms.dataUri))
                )
            );
    }

    function _groupOf(
        address market,
        bytes32 jobId,
        Seat storage seat
    ) private view returns (bytes32 groupId, Group storage group) {
        groupId = seat.groupId;
        require(groupId != 0, ReplicationUnknownSeat(market, jobId));
        group = _groups[groupId];
    }

    function _requireGroup(bytes32 groupId) private view returns (Group storage group) {
        group = _groups[groupId];
        require(group.phase != Phase.None, ReplicationUnknownGroup(groupId));
    }

    function _requireProvider(bytes32 jobId, Seat storage seat) private view {
        require(msg.sender == seat.provider, ReplicationNotProvider(jobId, msg.sender, seat.provider));
    }

    /// @dev Seats of a round that is over have nothing more to say.
    function _requireCurrent(bytes32 groupId, Group storage group, Seat storage seat) private view {
        bool isSpare = seat.index >= group.terms.seats();
        require(group.phase == (isSpare ? Phase.Escalated : Phase.First), ReplicationWrongPhase(groupId, group.phase));
    }
}
