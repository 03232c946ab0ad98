// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IReplication } from "../interfaces/IReplication.sol";
import { JobLimits, JobTerms } from "../types/JobTerms.sol";
import { ReplicationTerms } from "../types/ReplicationTerms.sol";

/// @title ReplicationGroups
/// @notice The groups and their seats, kept by the market that told of them, and where a group stands.
abstract contract ReplicationGroups is IReplication {
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

    mapping(bytes32 groupId => Group) internal _groups;
    mapping(address market => mapping(bytes32 jobId => Seat)) internal _seats;

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

    /// @dev The ends of claiming, committing and revealing in the group's phase.
    function _times(Group storage group) internal view returns (uint256 claimBy, uint256 commitBy, uint256 revealBy) {
        ReplicationTerms t = group.terms;
        uint256 round = t.commitTime() + t.revealTime();
        claimBy = group.claimBy;
        if (group.phase == Phase.Escalated) claimBy += round + t.drawTime();
        commitBy = claimBy + t.commitTime();
        revealBy = claimBy + round;
    }

    /// @dev How many seats vote in the group's phase.
    function _size(Group storage group) internal view returns (uint256) {
        return group.phase == Phase.Escalated ? group.terms.spares() : group.terms.seats();
    }

    function _voteOf(Group storage group, uint256 index) internal view returns (bytes32) {
        return _seats[group.market][group.jobIds[index]].vote;
    }

    /// @dev The id of the job of the group's first seat.
    function _groupId(address requester, JobTerms calldata terms, uint256 claimBy) internal view returns (bytes32) {
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
    ) internal view returns (bytes32 groupId, Group storage group) {
        groupId = seat.groupId;
        require(groupId != 0, ReplicationUnknownSeat(market, jobId));
        group = _groups[groupId];
    }

    function _requireGroup(bytes32 groupId) internal view returns (Group storage group) {
        group = _groups[groupId];
        require(group.phase != Phase.None, ReplicationUnknownGroup(groupId));
    }
}
