// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { IReplication } from "../interfaces/IReplication.sol";
import { ReplicationGroups } from "./ReplicationGroups.sol";

/// @title ReplicationDraw
/// @notice Who may take a spare: the hash of a block behind the last commitment draws lots.
abstract contract ReplicationDraw is ReplicationGroups {
    uint256 private constant DRAW_DELAY = 4;
    // how many blocks back the chain knows hashes
    uint256 private constant HASH_MEMORY = 256;

    /// @inheritdoc IReplication
    function captureSeed(bytes32 groupId) external {
        _captureSeed(groupId, _requireGroup(groupId));
    }

    /// @inheritdoc IReplication
    function isDrawn(bytes32 groupId, address provider) external view returns (bool) {
        Group storage group = _groups[groupId];
        return group.phase == Phase.Escalated && !group.isSeated[provider] && _isDrawn(group, provider);
    }

    /// @dev The last commitment so far fixes the block and who may be drawn.
    function _retarget(Group storage group) internal {
        group.targetBlock = uint64(block.number + DRAW_DELAY);
        group.committedAt = uint64(block.timestamp);
    }

    /// @dev Whether the spares can still be drawn; a target block that was missed twice cannot.
    function _canEscalate(bytes32 groupId, Group storage group) internal returns (bool) {
        if (group.terms.spares() == 0 || group.targetBlock == 0) return false;
        (, , uint256 revealBy) = _times(group);
        if (block.timestamp > revealBy + group.terms.drawTime()) return false;
        _captureSeed(groupId, group);
        // It is captured later, by {captureSeed}, unless it was missed for good.
        return group.seed != 0 || block.number <= group.targetBlock + HASH_MEMORY;
    }

    function _captureSeed(bytes32 groupId, Group storage group) internal {
        uint256 target = group.targetBlock;
        if (group.seed != 0 || target == 0 || block.number <= target) return;
        if (group.phase == Phase.First && group.committed < group.terms.seats()) {
            (, uint256 commitBy, ) = _times(group);
            if (block.timestamp <= commitBy) return;
        }
        bytes32 seed = blockhash(target);
        if (seed != 0) {
            group.seed = seed;
            emit SeedCaptured(groupId, target, seed);
        } else if (!group.isRetargeted) {
            group.isRetargeted = true;
            group.targetBlock = uint64(block.number + DRAW_DELAY);
            emit TargetMoved(groupId, group.targetBlock);
        }
    }

    function _isDrawn(Group storage group, address provider) internal view returns (bool) {
        if (group.seed == 0) return false;
        uint256 registeredAt = IJobMarket(group.market).registeredAt(provider);
        if (registeredAt == 0 || registeredAt > group.claimBy || registeredAt > group.committedAt) return false;
        uint256 lot = uint256(keccak256(abi.encodePacked(group.seed, provider)));
        return lot >> (256 - group.terms.drawBits()) == 0;
    }
}
