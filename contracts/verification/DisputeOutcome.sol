// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IDisputeGame } from "../interfaces/IDisputeGame.sol";
import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { Claim, NodePosting, Position } from "../types/Dispute.sol";
import { DisputeGames } from "./DisputeGames.sol";

/// @title DisputeOutcome
/// @notice How games end, and who gets what.
/// @dev What a market answers counts for its own jobs only.
abstract contract DisputeOutcome is DisputeGames {
    /// @inheritdoc IDisputeGame
    function timeOut(bytes32 gameId, Position calldata given, NodePosting calldata posting) external {
        Position memory position = _requireAt(gameId, given);
        if (_isStep(position.node)) {
            _requirePast(gameId, _challengersEnd(position, 0));
            return _lose(gameId, position, Reason.ChallengerLate);
        }
        uint256 postedAt = _requirePosting(_nodeId(position), posting);
        uint256 providersEnd = _providersEnd(position);
        if (postedAt == 0 || postedAt > providersEnd) {
            _requirePast(gameId, providersEnd);
            return _win(gameId, position, Reason.ProviderLate);
        }
        _requirePast(gameId, _challengersEnd(position, postedAt));
        _lose(gameId, position, Reason.ChallengerLate);
    }

    /// @inheritdoc IDisputeGame
    function collect(bytes32 gameId, Position calldata given) external {
        // Check
        Position memory position = _requirePosition(gameId, given);
        (IJobMarket market, bytes32 jobId) = (position.claim.market, position.claim.jobId);
        ClaimState storage claim = _claims[_claimId(market, jobId)];
        require(claim.isRejected, DisputeClaimNotRejected(jobId));

        // Effect: the last one takes what is left, so that nothing is.
        (address challenger, uint256 bond, ) = _remove(gameId);
        (uint256 moves, uint256 left) = (claim.moves, claim.reward);
        uint256 reward = (left * position.moves) / moves;
        claim.moves = uint32(moves - position.moves);
        claim.reward = uint80(left - reward);
        emit GameCollected(gameId, jobId, bond, reward);

        // Interaction
        market.transfer(challenger, bond + reward, "");
    }

    /// @dev The claim is wrong. The deciding game's moves are paid in full; what is left of the slash is shared by the
    /// moves of all games that were not lost.
    function _win(bytes32 gameId, Position memory position, Reason reason) internal {
        (IJobMarket market, bytes32 jobId) = (position.claim.market, position.claim.jobId);
        ClaimState storage claim = _claims[_claimId(market, jobId)];

        // Effect
        (address challenger, uint256 bond, ) = _remove(gameId);
        claim.isRejected = true;

        // Interaction: only the market knows how many games are open, and what it paid.
        uint256 moves = position.moves;
        (uint256 slash, uint256 open) = market.reject(jobId, moves * moveFee);
        // the others' moves, and their openings
        uint256 others = claim.moves - (moves - 1) + (open - 1);
        uint256 reward = Math.max(Math.min(slash, moves * moveFee), (slash * moves) / (moves + others));
        claim.moves = uint32(others);
        claim.reward = uint80(slash - reward);
        emit GameWon(gameId, jobId, reason, bond + reward);
        market.transfer(challenger, bond + reward, "");
    }

    /// @dev The challenger is wrong. What was posted for it is paid from its bond, the rest is halved.
    function _lose(bytes32 gameId, Position memory position, Reason reason) internal {
        Claim memory claim = position.claim;

        // Effect
        (, uint256 bond, uint256 posts) = _remove(gameId);
        _claims[_claimId(claim.market, claim.jobId)].moves -= position.moves - 1;
        uint256 toReserve = Math.ceilDiv(bond - Math.min(bond, posts * moveFee), 2);
        uint256 toProvider = bond - toReserve;
        emit GameLost(gameId, claim.jobId, reason, toProvider, toReserve);

        // Interaction
        claim.market.challengeClosed(claim.jobId);
        if (toProvider != 0) claim.market.transfer(claim.provider, toProvider, "");
        if (toReserve != 0) claim.market.transfer(address(claim.market), toReserve, "");
    }

    function _remove(bytes32 gameId) private returns (address challenger, uint256 bond, uint256 posts) {
        Game storage game = _games[gameId];
        (challenger, bond, posts) = (game.challenger, game.bond, game.posts);
        delete _games[gameId];
    }

    function _requirePast(bytes32 gameId, uint256 deadline) private view {
        require(block.timestamp > deadline, DisputeTooEarly(gameId, deadline, block.timestamp));
    }
}
