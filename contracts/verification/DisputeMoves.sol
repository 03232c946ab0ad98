// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IDisputeGame } from "../interfaces/IDisputeGame.sol";
import { InputsTree } from "../libraries/InputsTree.sol";
import { ResultNodes } from "../libraries/ResultNodes.sol";
import { ResultTree, TaskResult } from "../libraries/ResultTree.sol";
import { TraceTree } from "../libraries/TraceTree.sol";
import { Claim, ClaimTerms, Descent, Entry, Node, NodePosting, Pick, Position } from "../types/Dispute.sol";
import { ProgramParts, States } from "./vm/States.sol";
import { DisputeOutcome } from "./DisputeOutcome.sol";

/// @title DisputeMoves
/// @notice The challenger's moves, down the result tree and into a trace, and the proof of one step.
abstract contract DisputeMoves is DisputeOutcome {
    /// @inheritdoc IDisputeGame
    function descend(Position calldata given, NodePosting calldata posting, Descent calldata to) external {
        (bytes32 gameId, Position memory position) = _requireOwn(given);
        _requireChallengersTurn(gameId, position, posting);
        _descend(gameId, position, to);
    }

    /// @inheritdoc IDisputeGame
    function enter(Position calldata given, NodePosting calldata posting, Entry calldata entry) external {
        (bytes32 gameId, Position memory position) = _requireOwn(given);
        _requireChallengersTurn(gameId, position, posting);
        _enter(gameId, position, entry);
    }

    /// @inheritdoc IDisputeGame
    function pick(Position calldata given, NodePosting calldata posting, Pick calldata to) external {
        // Check
        (bytes32 gameId, Position memory position) = _requireOwn(given);
        Node memory node = position.node;
        require(node.isTrace, DisputeWrongNode(_nodeId(position)));
        require(posting.postedAt != 0, DisputeNodeNotPosted(_nodeId(position)));
        _requireChallengersTurn(gameId, position, posting);
        uint256 segments = TraceTree.segmentsOf(node.from, node.to);
        require(to.segment < segments, DisputeWrongSegment(to.segment, segments));
        bytes32 root = TraceTree.climb(to.segment, to.start, to.end, to.proof);
        require(root == posting.root, DisputeWrongProof(root, posting.root));

        // Effect
        uint256 from = TraceTree.splitPoint(node.from, node.to, to.segment);
        uint256 end = TraceTree.splitPoint(node.from, node.to, to.segment + 1);
        (node.from, node.to, node.start, node.end) = (uint128(from), uint128(end), to.start, to.end);
        _move(gameId, position, Move.Pick);
    }

    /// @inheritdoc IDisputeGame
    function prove(bytes32 gameId, Position calldata given, bytes calldata witness) external {
        Position memory position = _requireAt(gameId, given);
        Node memory node = position.node;
        require(_isStep(node), DisputeWrongNode(_nodeId(position)));
        // never tried and caught: a call that fails proves nothing
        bytes32 next = vm.step(node.start, witness);
        if (next == node.end) return _lose(gameId, position, Reason.RightStep);
        uint256 deadline = _challengersEnd(position, 0);
        require(block.timestamp <= deadline, DisputeChallengerLate(gameId, deadline, block.timestamp));
        _decide(gameId, position, Reason.WrongStep);
    }

    /// @return isOver Whether the move has won the game.
    function _descend(bytes32 gameId, Position memory position, Descent calldata to) internal returns (bool isOver) {
        Node memory node = position.node;
        (uint8 level, uint32 index, uint256 tasks) = (to.level, to.index, position.claim.tasks);

        // Check
        require(!node.isTrace && node.level != 0, DisputeWrongNode(_nodeId(position)));
        uint256 below = ResultNodes.levelBelow(node.level);
        require(level <= below, DisputeWrongLevel(level, below));
        uint256 height = node.level - level;
        uint256 size = height * ResultTree.NODE_SIZE;
        require(to.proof.length == size, DisputeWrongProofSize(to.proof.length, size));
        (bytes32 hash, uint256 sum) = ResultNodes.climb(to.hash, to.sum, index, to.proof);
        require(hash == node.end && index >> height == node.index, DisputeWrongProof(hash, node.end));
        if (sum != node.to) return _decide(gameId, position, Reason.WrongSum);
        if (level == 0 && index >= tasks) {
            require(to.hash != 0 || to.sum != 0, DisputeNoTask(index, tasks));
            return _decide(gameId, position, Reason.WrongPadding);
        }

        // Effect
        (node.level, node.index, node.to, node.end) = (level, index, to.sum, to.hash);
        _move(gameId, position, Move.Descend);
    }

    function _enter(bytes32 gameId, Position memory position, Entry calldata entry) internal {
        Claim memory claim = position.claim;
        Node memory node = position.node;
        ClaimTerms calldata terms = entry.terms;
        uint32 task = node.index;

        // Check
        require(!node.isTrace && node.level == 0, DisputeWrongNode(_nodeId(position)));
        bytes32 termsHash = keccak256(abi.encode(terms));
        require(termsHash == claim.termsHash, DisputeWrongTerms(termsHash, claim.termsHash));
        bytes32 leaf = ResultTree.hashLeaf(entry.leafIndex, entry.row);
        require(leaf == node.end, DisputeWrongProof(leaf, node.end));
        if (entry.leafIndex != task) {
            _decide(gameId, position, Reason.WrongTask);
            return;
        }
        if (!_isPossible(ResultTree.decode(entry.row), node.to, terms)) {
            _decide(gameId, position, Reason.WrongRow);
            return;
        }
        ProgramParts memory program = entry.program;
        bytes32 programId = States.programId(program);
        require(programId == terms.programId, DisputeWrongProgram(programId, terms.programId));
        require(program.maxPages <= terms.maxPages, DisputeTooManyPages(program.maxPages, terms.maxPages));
        (bytes32 root, uint64 length) = (entry.inputRoot, entry.inputLength);
        require(
            InputsTree.verify(terms.inputsRoot, claim.tasks, task, root, length, entry.inputProof),
            DisputeWrongInput(task)
        );

        // Effect
        bytes32 taskInput = States.contentHash(root, length);
        node.start = States.firstState(program, taskInput, terms.sharedInput, terms.stepLimit, terms.maxOutput);
        node.end = States.endState(entry.row);
        (node.isTrace, node.steps) = (true, uint64(node.to));
        _move(gameId, position, Move.Enter);
    }

    /// @dev Comes to the node that `position` now has.
    function _move(bytes32 gameId, Position memory position, Move move) private {
        _count(position);
        position.arrivedAt = uint32(block.timestamp);
        _games[gameId].positionHash = _hash(position);
        emit GameMoved(gameId, move, position);
    }

    /// @dev Ends the game by the challenger's move.
    function _decide(bytes32 gameId, Position memory position, Reason reason) private returns (bool isOver) {
        _count(position);
        _win(gameId, position, reason);
        return true;
    }

    function _count(Position memory position) private {
        ++position.moves;
        ++_claims[_claimId(position.claim.market, position.claim.jobId)].moves;
    }

    /// @dev The caller's game of that claim stands there.
    function _requireOwn(Position calldata given) private view returns (bytes32 gameId, Position memory position) {
        gameId = gameIdOf(given.claim.market, given.claim.jobId, msg.sender);
        position = _requireAt(gameId, given);
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
