// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IDisputeGame } from "../interfaces/IDisputeGame.sol";
import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { NodePosting, Position } from "../types/Dispute.sol";
import { Place, PlaceLibrary } from "../types/Place.sol";
import { DisputeGames } from "./DisputeGames.sol";

/// @title DisputeOutcome
/// @notice How games end, and who gets what.
/// @dev What a market answers counts for its own jobs only.
abstract contract DisputeOutcome is DisputeGames {
    /// @inheritdoc IDisputeGame
    function timeOut(bytes32 gameId, Position calldata position, NodePosting calldata posting) external {
        Place memory place = PlaceLibrary.read(position);
        _requireAt(gameId, place);
        uint256 postedAt;
        if (!place.isStep()) {
            postedAt = _requirePosting(place, posting);
            uint256 providersEnd = _providersEnd(place);
            if (postedAt == 0 || postedAt > providersEnd) {
                _requirePast(gameId, providersEnd);
                return _win(gameId, place, Reason.ProviderLate);
            }
        }
        _requirePast(gameId, _challengersEnd(place, postedAt));
        _lose(gameId, place, Reason.ChallengerLate);
    }

    /// @inheritdoc IDisputeGame
    function collect(bytes32 gameId, Position calldata position) external {
        Place memory place = PlaceLibrary.read(position);

        // Check
        _requirePosition(gameId, place);
        ClaimState storage claim = _claims[place.claimId()];
        require(claim.isRejected, DisputeClaimNotRejected(place.jobId));

        // Effect: the last one takes what is left, so that nothing is.
        (address challenger, uint256 bond, ) = _remove(gameId);
        (uint256 moves, uint256 left) = (claim.moves, claim.reward);
        uint256 reward = (left * place.moves) / moves;
        claim.moves = uint32(moves - place.moves);
        claim.reward = uint80(left - reward);
        emit GameCollected(gameId, place.jobId, bond, reward);

        // Interaction
        place.market.transfer(challenger, bond + reward, "");
    }

    /// @dev The claim is wrong. The deciding game's moves are paid in full; what is left of the slash is shared by the
    /// moves of all games that were not lost.
    function _win(bytes32 gameId, Place memory place, Reason reason) internal {
        ClaimState storage claim = _claims[place.claimId()];
        uint256 moves = place.moves;

        // Effect
        (address challenger, uint256 bond, ) = _remove(gameId);
        claim.isRejected = true;

        // Interaction: only the market knows how many games are open, and what it paid.
        (uint256 slash, uint256 open) = place.market.reject(place.jobId, moves * moveFee);
        // the others' moves, and their openings
        uint256 others = claim.moves - (moves - 1) + (open - 1);
        uint256 reward = Math.max(Math.min(slash, moves * moveFee), (slash * moves) / (moves + others));
        claim.moves = uint32(others);
        claim.reward = uint80(slash - reward);
        emit GameWon(gameId, place.jobId, reason, bond + reward);
        place.market.transfer(challenger, bond + reward, "");
    }

    /// @dev The challenger is wrong. What was posted for it is paid from its bond, the rest is halved.
    function _lose(bytes32 gameId, Place memory place, Reason reason) internal {
        (IJobMarket market, bytes32 jobId) = (place.market, place.jobId);

        // Effect
        (, uint256 bond, uint256 posts) = _remove(gameId);
        _claims[place.claimId()].moves -= place.moves - 1;
        uint256 toReserve = Math.ceilDiv(bond - Math.min(bond, posts * moveFee), 2);
        uint256 toProvider = bond - toReserve;
        emit GameLost(gameId, jobId, reason, toProvider, toReserve);

        // Interaction
        market.challengeClosed(jobId);
        if (toProvider != 0) market.transfer(place.provider, toProvider, "");
        if (toReserve != 0) market.transfer(address(market), toReserve, "");
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
