// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IDisputeGame } from "../interfaces/IDisputeGame.sol";
import { InputsTree } from "../libraries/InputsTree.sol";
import { ResultNodes } from "../libraries/ResultNodes.sol";
import { ResultTree, TaskResult } from "../libraries/ResultTree.sol";
import { TraceTree } from "../libraries/TraceTree.sol";
import { ClaimTerms, Descent, Entry, NodePosting, Pick, Position } from "../types/Dispute.sol";
import { Place, PlaceLibrary } from "../types/Place.sol";
import { ProgramParts, States } from "./vm/States.sol";
import { DisputeOutcome } from "./DisputeOutcome.sol";

/// @title DisputeMoves
/// @notice The challenger's moves, down the result tree and into a trace, and the proof of one step.
abstract contract DisputeMoves is DisputeOutcome {
    /// @inheritdoc IDisputeGame
    function descend(Position calldata position, NodePosting calldata posting, Descent calldata to) external {
        Place memory place = PlaceLibrary.read(position);
        bytes32 gameId = _requireOwn(place);
        _requireChallengersTurn(gameId, place, posting);
        _descend(gameId, place, to);
    }

    /// @inheritdoc IDisputeGame
    function enter(Position calldata position, NodePosting calldata posting, Entry calldata entry) external {
        Place memory place = PlaceLibrary.read(position);
        bytes32 gameId = _requireOwn(place);
        _requireChallengersTurn(gameId, place, posting);
        _enter(gameId, place, entry);
    }

    /// @inheritdoc IDisputeGame
    function pick(Position calldata position, NodePosting calldata posting, Pick calldata to) external {
        Place memory place = PlaceLibrary.read(position);

        // Check
        bytes32 gameId = _requireOwn(place);
        require(place.isTrace, DisputeWrongNode(place.nodeId()));
        require(posting.postedAt != 0, DisputeNodeNotPosted(place.nodeId()));
        _requireChallengersTurn(gameId, place, posting);
        uint256 segments = TraceTree.segmentsOf(place.from, place.to);
        uint256 segment = to.segment;
        require(segment < segments, DisputeWrongSegment(segment, segments));
        (bytes32 start, bytes32 end) = (to.start, to.end);
        bytes32 root = TraceTree.climb(segment, start, end, to.proof);
        require(root == posting.root, DisputeWrongProof(root, posting.root));

        // Effect
        uint256 last = TraceTree.splitPoint(place.from, place.to, segment + 1);
        place.from = uint128(TraceTree.splitPoint(place.from, place.to, segment));
        place.to = uint128(last);
        place.start = start;
        place.end = end;
        _move(gameId, place, Move.Pick);
    }

    /// @inheritdoc IDisputeGame
    function prove(bytes32 gameId, Position calldata position, bytes calldata witness) external {
        Place memory place = PlaceLibrary.read(position);
        _requireAt(gameId, place);
        require(place.isStep(), DisputeWrongNode(place.nodeId()));
        // never tried and caught: a call that fails proves nothing
        bytes32 next = vm.step(place.start, witness);
        if (next == place.end) return _lose(gameId, place, Reason.RightStep);
        uint256 deadline = _challengersEnd(place, 0);
        require(block.timestamp <= deadline, DisputeChallengerLate(gameId, deadline, block.timestamp));
        _decide(gameId, place, Reason.WrongStep);
    }

    /// @return isOver Whether the move has won the game.
    function _descend(bytes32 gameId, Place memory place, Descent calldata to) internal returns (bool isOver) {
        (uint8 level, uint32 index, uint256 tasks) = (to.level, to.index, place.tasks);

        // Check
        require(!place.isTrace && place.level != 0, DisputeWrongNode(place.nodeId()));
        uint256 below = ResultNodes.levelBelow(place.level);
        require(level <= below, DisputeWrongLevel(level, below));
        uint256 height = place.level - level;
        uint256 size = height * ResultTree.NODE_SIZE;
        require(to.proof.length == size, DisputeWrongProofSize(to.proof.length, size));
        (bytes32 hash, uint256 sum) = ResultNodes.climb(to.hash, to.sum, index, to.proof);
        require(hash == place.end && index >> height == place.index, DisputeWrongProof(hash, place.end));
        if (sum != place.to) return _decide(gameId, place, Reason.WrongSum);
        if (level == 0 && index >= tasks) {
            require(to.hash != 0 || to.sum != 0, DisputeNoTask(index, tasks));
            return _decide(gameId, place, Reason.WrongPadding);
        }

        // Effect
        place.level = level;
        place.index = index;
        place.to = to.sum;
        place.end = to.hash;
        _move(gameId, place, Move.Descend);
    }

    function _enter(bytes32 gameId, Place memory place, Entry calldata entry) internal {
        ClaimTerms calldata terms = entry.terms;
        uint32 task = place.index;

        // Check
        require(!place.isTrace && place.level == 0, DisputeWrongNode(place.nodeId()));
        bytes32 termsHash = keccak256(abi.encode(terms));
        require(termsHash == place.termsHash, DisputeWrongTerms(termsHash, place.termsHash));
        bytes32 leaf = ResultTree.hashLeaf(entry.leafIndex, entry.row);
        require(leaf == place.end, DisputeWrongProof(leaf, place.end));
        if (entry.leafIndex != task) {
            _decide(gameId, place, Reason.WrongTask);
            return;
        }
        if (!_isPossible(ResultTree.decode(entry.row), place.to, terms)) {
            _decide(gameId, place, Reason.WrongRow);
            return;
        }
        ProgramParts memory program = entry.program;
        bytes32 programId = States.programId(program);
        require(programId == terms.programId, DisputeWrongProgram(programId, terms.programId));
        (bytes32 root, uint64 length) = (entry.inputRoot, entry.inputLength);
        require(
            InputsTree.verify(terms.inputsRoot, place.tasks, task, root, length, entry.inputProof),
            DisputeWrongInput(task)
        );

        // Effect
        bytes32 taskInput = States.contentHash(root, length);
        place.start = States.firstState(program, taskInput, terms.sharedInput, terms.stepLimit, terms.maxOutput);
        place.end = States.endState(entry.row);
        place.steps = uint64(place.to);
        place.isTrace = true;
        _move(gameId, place, Move.Enter);
    }

    /// @dev Comes to the node that `place` now has.
    function _move(bytes32 gameId, Place memory place, Move move) private {
        _count(place);
        place.arrivedAt = uint32(block.timestamp);
        _games[gameId].positionHash = place.hash();
        place.emitMoved(gameId, move);
    }

    /// @dev Ends the game by the challenger's move.
    function _decide(bytes32 gameId, Place memory place, Reason reason) private returns (bool isOver) {
        _count(place);
        _win(gameId, place, reason);
        return true;
    }

    function _count(Place memory place) private {
        ++place.moves;
        ++_claims[place.claimId()].moves;
    }

    /// @dev The caller's game of that claim stands there.
    function _requireOwn(Place memory place) private view returns (bytes32 gameId) {
        gameId = gameIdOf(place.market, place.jobId, msg.sender);
        _requireAt(gameId, place);
    }

    /// @dev Whether some task under these terms can have that result.
    function _isPossible(
        TaskResult memory result,
        uint256 steps,
        ClaimTerms calldata terms
    ) private pure returns (bool) {
        if (!ResultTree.isWellFormed(result) || result.steps != steps || steps > terms.stepLimit) return false;
        if (result.status == ResultTree.OUT_OF_STEPS && steps != terms.stepLimit) return false;
        return result.outputLength <= terms.maxOutput;
    }
}
