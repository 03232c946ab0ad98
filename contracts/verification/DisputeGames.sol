// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IDisputeGame } from "../interfaces/IDisputeGame.sol";
import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { IOneStepVM } from "../interfaces/IOneStepVM.sol";
import { BinaryTree } from "../libraries/BinaryTree.sol";
import { ResultNodes } from "../libraries/ResultNodes.sol";
import { TraceTree } from "../libraries/TraceTree.sol";
import { Node, NodePosting } from "../types/Dispute.sol";
import { Place } from "../types/Place.sol";
import { requireRange } from "../types/Range.sol";

/// @title DisputeGames
/// @notice The games and the claims they are about, where a game stands and whose turn it is.
abstract contract DisputeGames is IDisputeGame {
    uint256 private constant FIXED_MOVES = 4;
    uint256 private constant OPEN_PER_BOND = 16;

    struct Game {
        // slot 0
        address challenger;
        uint80 bond;
        // slot 1: what moves and postings change
        bytes31 positionHash;
        uint8 posts;
    }

    struct ClaimState {
        // slot 0: as in ClaimView
        uint32 moves;
        uint80 reward;
        bool isRejected;
    }

    /// @inheritdoc IDisputeGame
    IOneStepVM public immutable vm;
    /// @inheritdoc IDisputeGame
    uint256 public immutable moveFee;
    /// @inheritdoc IDisputeGame
    uint256 public immutable turnFloor;
    /// @inheritdoc IDisputeGame
    uint256 public immutable stepsPerSecond;

    mapping(bytes32 gameId => Game) internal _games;
    mapping(bytes32 claimId => ClaimState) internal _claims;
    mapping(bytes32 nodeId => bytes32) internal _postings;

    constructor(IOneStepVM vm_, uint80 moveFee_, uint32 turnFloor_, uint64 stepsPerSecond_) {
        requireRange("moveFee", moveFee_, 1, type(uint80).max);
        requireRange("turnFloor", turnFloor_, 1, type(uint32).max);
        requireRange("stepsPerSecond", stepsPerSecond_, 1, type(uint64).max);
        vm = vm_;
        moveFee = moveFee_;
        turnFloor = turnFloor_;
        stepsPerSecond = stepsPerSecond_;
    }

    /// @inheritdoc IDisputeGame
    function turnOf(uint256 steps) public view returns (uint256) {
        return turnFloor + steps / stepsPerSecond;
    }

    /// @inheritdoc IDisputeGame
    function bondFor(uint256 tasks, uint256 stepLimit, uint256 open) public view returns (uint256) {
        uint256 rounds = ResultNodes.roundsOf(BinaryTree.depthOf(tasks)) + TraceTree.roundsOf(stepLimit);
        return Math.ceilDiv(moveFee * (rounds + FIXED_MOVES) * (OPEN_PER_BOND + open), OPEN_PER_BOND);
    }

    /// @inheritdoc IDisputeGame
    function gameIdOf(IJobMarket market, bytes32 jobId, address challenger) public pure returns (bytes32) {
        return keccak256(abi.encode(market, jobId, challenger));
    }

    /// @inheritdoc IDisputeGame
    function nodeIdOf(IJobMarket market, bytes32 jobId, Node calldata node) external pure returns (bytes32) {
        return keccak256(abi.encode(market, jobId, node));
    }

    /// @inheritdoc IDisputeGame
    function gameOf(bytes32 gameId) external view returns (GameView memory) {
        Game storage game = _games[gameId];
        return GameView(game.challenger, game.bond, game.posts, game.positionHash);
    }

    /// @inheritdoc IDisputeGame
    function claimOf(IJobMarket market, bytes32 jobId) external view returns (ClaimView memory) {
        ClaimState storage claim = _claims[keccak256(abi.encode(market, jobId))];
        return ClaimView(claim.isRejected, claim.moves, claim.reward);
    }

    /// @inheritdoc IDisputeGame
    function postingOf(bytes32 nodeId) external view returns (bytes32) {
        return _postings[nodeId];
    }

    /// @dev The game stands there, and its claim is not rejected.
    function _requireAt(bytes32 gameId, Place memory place) internal view {
        _requirePosition(gameId, place);
        require(!_claims[place.claimId()].isRejected, DisputeClaimRejected(place.jobId));
    }

    function _requirePosition(bytes32 gameId, Place memory place) internal view {
        bytes31 hash = place.hash();
        bytes31 actual = _games[gameId].positionHash;
        require(hash == actual, DisputeWrongPosition(gameId, hash, actual));
    }

    /// @dev When the node was posted, zero if it was not.
    function _requirePosting(
        Place memory place,
        NodePosting calldata posting
    ) internal view returns (uint256 postedAt) {
        bytes32 nodeId = place.nodeId();
        postedAt = posting.postedAt;
        bytes32 hash = postedAt == 0 ? bytes32(0) : _hashPosting(posting.root, postedAt);
        bytes32 actual = _postings[nodeId];
        require(hash == actual, DisputeWrongPosting(nodeId, hash, actual));
    }

    /// @dev The challenger may move: the provider was not late, nor is it.
    function _requireChallengersTurn(bytes32 gameId, Place memory place, NodePosting calldata posting) internal view {
        uint256 postedAt = _requirePosting(place, posting);
        uint256 deadline = _providersEnd(place);
        uint256 time = postedAt == 0 ? block.timestamp : postedAt;
        require(time <= deadline, DisputeProviderLate(gameId, deadline, time));
        if (postedAt == 0) return;
        deadline = _challengersEnd(place, postedAt);
        require(block.timestamp <= deadline, DisputeChallengerLate(gameId, deadline, block.timestamp));
    }

    /// @dev The last second in which the provider may post.
    function _providersEnd(Place memory place) internal view returns (uint256) {
        return place.arrivedAt + turnOf(place.steps) * place.stretch;
    }

    /// @dev The last second in which the challenger may move.
    /// @param postedAt Zero where the provider has nothing to say.
    function _challengersEnd(Place memory place, uint256 postedAt) internal view returns (uint256) {
        return Math.max(place.arrivedAt, postedAt) + turnOf(place.steps);
    }

    function _hashPosting(bytes32 root, uint256 postedAt) internal pure returns (bytes32 hash) {
        return BinaryTree.hashPair(root, bytes32(postedAt));
    }
}
