// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { IReplication } from "../interfaces/IReplication.sol";
import { JobStatus } from "../types/JobStatus.sol";
import { ReplicationTerms } from "../types/ReplicationTerms.sol";
import { ReplicationDraw } from "./ReplicationDraw.sol";

/// @title ReplicationOutcome
/// @notice How a group ends: taken back, decided, escalated or undecided.
/// @dev The phase is set before the market is called.
abstract contract ReplicationOutcome is ReplicationDraw {
    uint256 private constant BPS = 10_000;

    /// @inheritdoc IReplication
    function cancelGroup(bytes32 groupId) external {
        Group storage group = _requireGroup(groupId);

        // Check: nobody sits in a group that is not complete.
        require(group.phase == Phase.First, ReplicationWrongPhase(groupId, group.phase));
        uint256 all = group.terms.seats() + group.terms.spares();
        require(group.posted < all, ReplicationPosted(groupId, all));
        address requester = _requesterOf(group);
        require(msg.sender == requester, ReplicationNotRequester(groupId, msg.sender, requester));

        // Effect and interaction
        IJobMarket market = _close(groupId, group, 0);
        _cancel(group, market, 0);
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

        // Effect and interaction
        ReplicationTerms t = group.terms;
        (uint256 from, uint256 to) = phase == Phase.First ? (0, t.seats()) : (t.seats(), t.seats() + t.spares());
        bytes32 majority = _majority(group, from, to);
        if (majority != 0) return _closeDecided(groupId, group, to, majority);
        if (phase == Phase.First && _canEscalate(groupId, group)) return _escalate(groupId, group);
        _closeUndecided(groupId, group);
    }

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

    /// @dev As the market knows it by the group's first job: the siblings have the same.
    function _requesterOf(Group storage group) private view returns (address) {
        uint256 i;
        while (group.jobIds[i] == 0) ++i;
        return IJobMarket(group.market).getJob(group.jobIds[i]).requester;
    }
}
