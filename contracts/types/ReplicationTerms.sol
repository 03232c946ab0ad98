// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The `assurance` of a seat, one job of a group of siblings that differ only in it (and the spares in their
/// `claimBy`). From the lowest bit: index 8, seats 8, spares 8, drawBits 8, baseBps 16, commitTime 24, revealTime 24,
/// drawTime 24, the rest free to tell groups apart. Seats have the indices 0 to `seats - 1`, the spares of the
/// escalation those from `seats` on.
type ReplicationTerms is bytes32;

using ReplicationTermsLibrary for ReplicationTerms global;

library ReplicationTermsLibrary {
    function index(ReplicationTerms self) internal pure returns (uint256) {
        return uint8(uint256(ReplicationTerms.unwrap(self)));
    }

    /// @notice How many seats vote first, an odd number; a majority is more than half of them, whoever reveals.
    function seats(ReplicationTerms self) internal pure returns (uint256) {
        return uint8(uint256(ReplicationTerms.unwrap(self)) >> 8);
    }

    /// @notice How many drawn seats decide where the first found no majority, an odd number; zero for no escalation.
    function spares(ReplicationTerms self) internal pure returns (uint256) {
        return uint8(uint256(ReplicationTerms.unwrap(self)) >> 16);
    }

    /// @notice One provider in `2^drawBits` may take a spare.
    function drawBits(ReplicationTerms self) internal pure returns (uint256) {
        return uint8(uint256(ReplicationTerms.unwrap(self)) >> 24);
    }

    /// @notice The base fee of a seat whose work decided nothing, in basis points of its price.
    function baseBps(ReplicationTerms self) internal pure returns (uint256) {
        return uint16(uint256(ReplicationTerms.unwrap(self)) >> 32);
    }

    /// @notice Seconds from the end of claiming to that of committing.
    function commitTime(ReplicationTerms self) internal pure returns (uint256) {
        return uint24(uint256(ReplicationTerms.unwrap(self)) >> 48);
    }

    /// @notice Seconds from the end of committing to that of revealing.
    function revealTime(ReplicationTerms self) internal pure returns (uint256) {
        return uint24(uint256(ReplicationTerms.unwrap(self)) >> 72);
    }

    /// @notice Seconds from the end of revealing to that of claiming spares.
    function drawTime(ReplicationTerms self) internal pure returns (uint256) {
        return uint24(uint256(ReplicationTerms.unwrap(self)) >> 96);
    }

    /// @notice The terms that all seats of a group share: with index zero.
    function shared(ReplicationTerms self) internal pure returns (bytes32) {
        return ReplicationTerms.unwrap(self) & ~bytes32(uint256(0xff));
    }
}
