// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IDisputeGame } from "../interfaces/IDisputeGame.sol";
import { ResultNodes } from "../libraries/ResultNodes.sol";
import { TraceTree } from "../libraries/TraceTree.sol";
import { Answer, Node, Position } from "../types/Dispute.sol";
import { DisputeGames } from "./DisputeGames.sol";

/// @title DisputePostings
/// @notice The provider's moves: what is below a node of the result tree, and states inside a stretch of a trace.
abstract contract DisputePostings is DisputeGames {
    /// @inheritdoc IDisputeGame
    function post(bytes32 gameId, Position calldata given, bytes calldata data) external {
        // Check
        Position memory position = _requireAt(gameId, given);
        _requireProvider(gameId, position.claim.provider);
        uint256 deadline = _providersEnd(position);
        require(block.timestamp <= deadline, DisputeProviderLate(gameId, deadline, block.timestamp));
        bytes32 nodeId = _nodeId(position);
        require(_postings[nodeId] == 0, DisputeNodePosted(nodeId));

        _post(gameId, position, nodeId, data);
    }

    /// @inheritdoc IDisputeGame
    function postMany(Answer[] calldata answers) external returns (uint256 posted) {
        for (uint256 i = 0; i < answers.length; ++i) {
            Answer calldata answer = answers[i];
            bytes32 gameId = answer.gameId;
            Position memory position = _here(answer.position);
            _requireProvider(gameId, position.claim.provider);
            // what others did meanwhile must not keep the rest from being posted
            if (_games[gameId].positionHash != _hash(position) || block.timestamp > _providersEnd(position)) continue;
            if (_claims[_claimId(position.claim.market, position.claim.jobId)].isRejected) continue;
            bytes32 nodeId = _nodeId(position);
            if (_postings[nodeId] != 0) continue;

            _post(gameId, position, nodeId, answer.data);
            ++posted;
        }
    }

    function _post(bytes32 gameId, Position memory position, bytes32 nodeId, bytes calldata data) private {
        Node memory node = position.node;

        // Check
        require(!_isStep(node), DisputeWrongNode(nodeId));
        bytes32 root;
        if (node.isTrace) {
            _requireSize(nodeId, data.length, TraceTree.sizeInside(node.from, node.to));
            root = TraceTree.root(node.start, data, node.end);
        } else {
            uint256 size = ResultNodes.sizeBelow(node.level, node.index, position.claim.tasks);
            _requireSize(nodeId, data.length, size);
            (bytes32 hash, uint256 sum) = ResultNodes.fold(node.level, node.index, data);
            require(hash == node.end && sum == node.to, DisputeWrongData(nodeId, hash, sum));
        }

        // Effect
        _postings[nodeId] = _hash(root, block.timestamp);
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
