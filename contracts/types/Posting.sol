// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice All that posting needs of the current parameter set, and who may stop it. From the lowest bit: parametersId
/// 12, feeBps 16, minRun 24, minWindow 24, isPaused 1, guardian 160.
type Posting is uint256;

using PostingLibrary for Posting global;

library PostingLibrary {
    uint256 private constant SET_MASK = (1 << 76) - 1;
    uint256 private constant PAUSED_FLAG = 1 << 76;
    uint256 private constant GUARDIAN_SHIFT = 77;

    function parametersId(Posting self) internal pure returns (uint256) {
        return Posting.unwrap(self) & 0xfff;
    }

    /// @notice What a job keeps of it: `parametersId | feeBps << 12`.
    function snapshot(Posting self) internal pure returns (uint256) {
        return Posting.unwrap(self) & 0xfffffff;
    }

    function minRun(Posting self) internal pure returns (uint256) {
        return uint24(Posting.unwrap(self) >> 28);
    }

    function minWindow(Posting self) internal pure returns (uint256) {
        return uint24(Posting.unwrap(self) >> 52);
    }

    function isPaused(Posting self) internal pure returns (bool) {
        return Posting.unwrap(self) & PAUSED_FLAG != 0;
    }

    function guardian(Posting self) internal pure returns (address) {
        return address(uint160(Posting.unwrap(self) >> GUARDIAN_SHIFT));
    }

    /// @dev `id` must fit 12 bits, `feeBps` 16, the times 24.
    function withSet(
        Posting self,
        uint256 id,
        uint256 feeBps,
        uint256 leastRun,
        uint256 leastWindow
    ) internal pure returns (Posting) {
        uint256 set = id | (feeBps << 12) | (leastRun << 28) | (leastWindow << 52);
        return Posting.wrap((Posting.unwrap(self) & ~SET_MASK) | set);
    }

    function withPaused(Posting self, bool paused) internal pure returns (Posting) {
        uint256 rest = Posting.unwrap(self) & ~PAUSED_FLAG;
        return Posting.wrap(paused ? rest | PAUSED_FLAG : rest);
    }

    function withGuardian(Posting self, address by) internal pure returns (Posting) {
        uint256 rest = Posting.unwrap(self) & ((1 << GUARDIAN_SHIFT) - 1);
        return Posting.wrap(rest | (uint256(uint160(by)) << GUARDIAN_SHIFT));
    }
}
