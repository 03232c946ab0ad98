// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IMediator } from "../interfaces/IAssurance.sol";
import { IReplication } from "../interfaces/IReplication.sol";
import { ResultTree } from "../libraries/ResultTree.sol";
import { JobTerms } from "../types/JobTerms.sol";
import { requireRange } from "../types/Range.sol";
import { ReplicationTerms } from "../types/ReplicationTerms.sol";
import { ReplicationOutcome } from "./ReplicationOutcome.sol";

/// @title Replication
/// @notice Hook of the level Replicated. Holds no money: {IJobMarket.conclude} pays and slashes, within its own bounds.
/// @dev How seats are posted, claimed and voted; {ReplicationGroups} keeps them, {ReplicationDraw} draws the spares,
/// {ReplicationOutcome} ends groups. Serves any market. Every loop runs over the at most `2 * MAX_SEATS` jobs of one
/// group.
contract Replication is IMediator, ReplicationOutcome {
    uint256 private constant MIN_SEATS = 3;
    uint256 private constant MAX_SEATS = 15;
    uint256 private constant MAX_PHASE_TIME = 7 days;
    uint256 private constant MAX_DRAW_BITS = 64;
    uint256 private constant MAX_BASE_BPS = 10_000;

    // The market's part

    /// @inheritdoc IMediator
    function jobPosted(bytes32 jobId, address requester, JobTerms calldata terms) external {
        ReplicationTerms t = ReplicationTerms.wrap(terms.assurance);
        uint256 seats = t.seats();
        uint256 index = t.index();

        // Check
        _requireSize("seats", seats);
        if (t.spares() != 0) _requireSize("spares", t.spares());
        requireRange("index", index, 0, seats + t.spares() - 1);
        requireRange("drawBits", t.drawBits(), 0, MAX_DRAW_BITS);
        requireRange("baseBps", t.baseBps(), 0, MAX_BASE_BPS);
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
        if (group.phase == Phase.First) _retarget(group);
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
        uint256 size = _size(group);
        require(group.claimed == size, ReplicationNotFilled(groupId, group.claimed, size));
        require(
            group.committed == size || block.timestamp > commitBy,
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

    // Views

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

    // Internals

    /// @dev With an even size half of the seats could keep the others from a majority; one alone would be the verdict.
    function _requireSize(bytes32 field, uint256 size) private pure {
        require(
            size % 2 == 1 && size >= MIN_SEATS && size <= MAX_SEATS,
            ReplicationWrongSize(field, size, MIN_SEATS, MAX_SEATS)
        );
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
