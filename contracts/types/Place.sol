// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IDisputeGame } from "../interfaces/IDisputeGame.sol";
import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { Position } from "./Dispute.sol";

/// @notice A {Position} without structs inside: sixteen words of memory in a row, which are its encoding as well, so
/// that it is read, hashed and emitted without being encoded.
struct Place {
    IJobMarket market;
    bytes32 jobId;
    address provider;
    uint32 tasks;
    bytes32 termsHash;
    bool isTrace;
    uint8 level;
    uint32 index;
    uint64 steps;
    uint128 from;
    uint128 to;
    bytes32 start;
    bytes32 end;
    uint32 arrivedAt;
    uint8 stretch;
    uint8 moves;
}

using PlaceLibrary for Place global;

library PlaceLibrary {
    /// @notice Copies a position of calldata; zero for its time means now.
    /// @dev What does not fit its type is not looked for: no game stands at a position whose encoding has it.
    function read(Position calldata position) internal view returns (Place memory place) {
        assembly ("memory-safe") {
            calldatacopy(place, position, 0x200)
        }
        if (place.arrivedAt == 0) place.arrivedAt = uint32(block.timestamp);
    }

    /// @notice What a game keeps of its position: the first 31 bytes of `keccak256(abi.encode(Position))`.
    function hash(Place memory self) internal pure returns (bytes31 start) {
        assembly ("memory-safe") {
            start := and(keccak256(self, 0x200), not(0xff))
        }
    }

    /// @notice Emits {IDisputeGame.GameOpened}.
    function emitOpened(Place memory self, bytes32 gameId, address challenger, uint256 bond) internal {
        bytes32 topic = IDisputeGame.GameOpened.selector;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mcopy(buffer, self, 0x200)
            mstore(add(buffer, 0x200), bond)
            // the second word of a position is the job's id
            log4(buffer, 0x220, topic, gameId, mload(add(self, 0x20)), challenger)
        }
    }

    /// @notice Emits {IDisputeGame.GameMoved}.
    function emitMoved(Place memory self, bytes32 gameId, IDisputeGame.Move move) internal {
        bytes32 topic = IDisputeGame.GameMoved.selector;
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, move)
            mcopy(add(buffer, 0x20), self, 0x200)
            log2(buffer, 0x220, topic, gameId)
        }
    }

    /// @notice `keccak256(abi.encode(market, jobId, node))`.
    function nodeId(Place memory self) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mcopy(buffer, self, 0x40)
            mcopy(add(buffer, 0x40), add(self, 0xa0), 0x100)
            word := keccak256(buffer, 0x140)
        }
    }

    /// @notice `keccak256(abi.encode(market, jobId))`.
    function claimId(Place memory self) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := keccak256(self, 0x40)
        }
    }

    /// @notice Whether there is nothing left to divide.
    function isStep(Place memory self) internal pure returns (bool) {
        return self.isTrace && self.to - self.from == 1;
    }
}
