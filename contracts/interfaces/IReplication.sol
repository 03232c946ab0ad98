// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ReplicationTerms } from "../types/ReplicationTerms.sol";

/// @title The level Replicated
/// @notice A group of sibling jobs computes the same; what more than half of the seats reveal is the result. For
/// programs that the VM cannot prove: it trusts a majority of seats.
///
/// Groups have 3, 5, … 15 seats, and no spares or as many as that. Odd, so that whoever can keep the others from a
/// majority has one: an even group gives its half a veto. Three, because one seat alone would be the verdict.
///
/// Times belong to the group: seats are claimed until `claimBy`, committed until `commitBy`, revealed until `revealBy`
/// (or from the last commit on), spares claimed until `drawBy`, then `spareCommitBy` and `spareRevealBy`. A seat shows
/// nothing before it reveals: its commitment is salted and bound to chain, market, job and provider.
///
/// Ends of a seat: with the majority, its price; against it or without a reveal, nothing, and min(price, bond) is lost
/// to the reserve; without a majority even by the escalation, the base fee for who revealed; in a round that was not
/// filled, nothing.
interface IReplication {
    /// @notice Where a group stands.
    enum Phase {
        None, // no such group
        First, // its seats are claimed, committed and revealed
        Escalated, // no majority: drawn seats decide for both rounds
        Closed // every seat is concluded
    }

    /// @notice One group, unpacked.
    struct GroupView {
        Phase phase;
        ReplicationTerms terms;
        uint256 claimBy;
        uint256 posted; // of seats + spares; claims are refused until all are
        uint256 claimed; // in this phase, as the next two
        uint256 committed;
        uint256 revealed;
        uint256 targetBlock; // whose hash draws the spares; zero before the first commit
        bytes32 seed; // that hash; zero until captured
    }

    /// @notice One seat, unpacked.
    struct SeatView {
        bytes32 groupId;
        uint256 index;
        address provider; // zero until claimed
        bytes32 commitment; // zero until committed
        bytes32 vote; // the result commitment revealed; zero before
    }

    /// @notice `seats` are odd, and `spares` odd or none, both within these bounds.
    /// @param field Which of them.
    error ReplicationWrongSize(bytes32 field, uint256 size, uint256 min, uint256 max);
    error ReplicationUnknownSeat(address market, bytes32 jobId);
    error ReplicationUnknownGroup(bytes32 groupId);
    error ReplicationSeatTaken(bytes32 groupId, uint256 index);
    error ReplicationNotPosted(bytes32 groupId, uint256 posted, uint256 expected);
    error ReplicationPosted(bytes32 groupId, uint256 posted);
    error ReplicationNotRequester(bytes32 groupId, address caller, address requester);
    error ReplicationAlreadySeated(bytes32 groupId, address provider);
    error ReplicationNotDrawn(bytes32 groupId, address provider);
    error ReplicationWrongPhase(bytes32 groupId, Phase phase);
    error ReplicationNotFilled(bytes32 groupId, uint256 claimed, uint256 expected);
    error ReplicationTooEarly(bytes32 groupId, uint256 notBefore, uint256 time);
    error ReplicationDeadlinePassed(bytes32 groupId, uint256 deadline, uint256 time);
    error ReplicationNotProvider(bytes32 jobId, address caller, address provider);
    error ReplicationCommitted(bytes32 jobId);
    error ReplicationRevealed(bytes32 jobId);
    error ReplicationWrongReveal(bytes32 jobId, bytes32 commitment, bytes32 expected);

    event SeatPosted(address indexed market, bytes32 indexed groupId, bytes32 indexed jobId, uint256 index);
    event SeatClaimed(bytes32 indexed groupId, bytes32 indexed jobId, address indexed provider);
    event ResultCommitted(bytes32 indexed groupId, bytes32 indexed jobId, bytes32 commitment);
    event ResultRevealed(
        bytes32 indexed groupId,
        bytes32 indexed jobId,
        address indexed provider,
        bytes32 resultRoot,
        uint256 totalSteps
    );
    event SeedCaptured(bytes32 indexed groupId, uint256 targetBlock, bytes32 seed);
    event TargetMoved(bytes32 indexed groupId, uint256 targetBlock);
    event GroupEscalated(bytes32 indexed groupId);
    event GroupClosed(bytes32 indexed groupId, bytes32 resultCommitment);

    /// @notice A group.
    function groupOf(bytes32 groupId) external view returns (GroupView memory);

    /// @notice The seat that a job of `market` is.
    function seatOf(address market, bytes32 jobId) external view returns (SeatView memory);

    /// @notice The jobs of a group by index, zero where not posted yet: the seats, then the spares.
    function jobsOf(bytes32 groupId) external view returns (bytes32[] memory);

    /// @notice Whether `provider` may take a spare: it registered before the group's claims ended and its last seat
    /// committed, sits nowhere in the group and `keccak256(seed ‖ provider)` is below `2^(256 - drawBits)`.
    function isDrawn(bytes32 groupId, address provider) external view returns (bool);

    /// @notice What a seat commits to: `keccak256(chain, market, jobId, provider, resultRoot, totalSteps, salt)`, each
    /// a word.
    function commitmentOf(
        address market,
        bytes32 jobId,
        address provider,
        bytes32 resultRoot,
        uint128 totalSteps,
        bytes32 salt
    ) external view returns (bytes32);

    /// @notice Commits to a result, once. Only the seat's provider, until `commitBy`.
    /// @dev Emits {ResultCommitted}. Each commit of the first round moves the draw's target block, so that the last one
    /// fixes it.
    function commit(address market, bytes32 jobId, bytes32 commitment) external;

    /// @notice Reveals what was committed, once. Only the seat's provider, in a round that was filled, from the last
    /// commit or `commitBy` on, until `revealBy`.
    /// @dev Emits {ResultRevealed}.
    function reveal(address market, bytes32 jobId, bytes32 resultRoot, uint128 totalSteps, bytes32 salt) external;

    /// @notice Keeps the hash of the target block, which the chain forgets after 256 blocks; a missed one is replaced
    /// once. Callable by anyone; a reveal does it too. Does nothing while a seat may still commit.
    /// @dev Emits {SeedCaptured} or {TargetMoved}.
    function captureSeed(bytes32 groupId) external;

    /// @notice Takes back what was posted of a group that is not complete, and closes it: no more of it can be posted.
    /// Only its requester. Nobody can have claimed a seat: claims wait for the whole group.
    /// @dev Emits {GroupClosed}.
    function cancelGroup(bytes32 groupId) external;

    /// @notice Ends the phase that is over: closes the group, or escalates it. Callable by anyone.
    /// @dev Emits {GroupClosed} or {GroupEscalated}.
    /// Requirements:
    /// - The group was not filled by the end of claiming, everyone who committed has revealed and nobody may commit any
    ///   more, or the end of revealing has passed.
    function resolve(bytes32 groupId) external;
}
