// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IDisputeGame } from "../interfaces/IDisputeGame.sol";
import { ResultNodes } from "../libraries/ResultNodes.sol";
import { TraceTree } from "../libraries/TraceTree.sol";
import { Answer, Position } from "../types/Dispute.sol";
import { Place, PlaceLibrary } from "../types/Place.sol";
import { DisputeGames } from "./DisputeGames.sol";

/// @title DisputePostings
/// @notice The provider's moves: what is below a node of the result tree, and states inside a stretch of a trace.
abstract contract DisputePostings is DisputeGames {
    /// @inheritdoc IDisputeGame
    function post(bytes32 gameId, Position calldata position, bytes calldata data) external {
        Place memory place = PlaceLibrary.read(position);

        // Check
        _requireAt(gameId, place);
        _requireProvider(gameId, place.provider);
        uint256 deadline = _providersEnd(place);
        require(block.timestamp <= deadline, DisputeProviderLate(gameId, deadline, block.timestamp));
        bytes32 nodeId = place.nodeId();
        require(_postings[nodeId] == 0, DisputeNodePosted(nodeId));

        _post(gameId, place, nodeId, data);
    }

    /// @inheritdoc IDisputeGame
    function postMany(Answer[] calldata answers) external returns (uint256 posted) {
        for (uint256 i = 0; i < answers.length; ++i) {
            Answer calldata answer = answers[i];
            bytes32 gameId = answer.gameId;
            Place memory place = PlaceLibrary.read(answer.position);
            _requireProvider(gameId, place.provider);
            // what others did meanwhile must not keep the rest from being posted
            if (_games[gameId].positionHash != place.hash() || block.timestamp > _providersEnd(place)) continue;
            if (_claims[place.claimId()].isRejected) continue;
            bytes32 nodeId = place.nodeId();
            if (_postings[nodeId] != 0) continue;

            _post(gameId, place, nodeId, answer.data);
            ++posted;
        }
    }

    function _post(bytes32 gameId, Place memory place, bytes32 nodeId, bytes calldata data) private {
        // Check
        require(!place.isStep(), DisputeWrongNode(nodeId));
        bytes32 root;
        if (place.isTrace) {
            _requireSize(nodeId, data.length, TraceTree.sizeInside(place.from, place.to));
            root = TraceTree.root(place.start, data, place.end);
        } else {
            (uint256 level, uint256 index) = (place.level, place.index);
            _requireSize(nodeId, data.length, ResultNodes.sizeBelow(level, index, place.tasks));
            (bytes32 hash, uint256 sum) = ResultNodes.fold(level, index, data);
            require(hash == place.end && sum == place.to, DisputeWrongData(nodeId, hash, sum));
        }

        // Effect
        _postings[nodeId] = _hashPosting(root, block.timestamp);
        ++_games[gameId].posts;
        emit NodePosted(nodeId, gameId, block.timestamp, data);
    }

    function _requireProvider(bytes32 gameId, address provider) private view {
        require(msg.sender == provider, DisputeNotProvider(gameId, msg.sender, provider));
    }

    function _requireSize(bytes32 nodeId, uint256 size, uint256 expected) private pure {
        require(size == expected, DisputeWrongDataSize(nodeId, size, expected));
    }
}
