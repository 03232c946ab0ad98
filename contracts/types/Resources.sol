// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a machine offers or a job needs, in 32 bits: cores 8 (low), memory 12 in units of 256 MiB, disk 12 in
/// GiB.
type Resources is uint32;

using ResourcesLibrary for Resources global;

library ResourcesLibrary {
    function cores(Resources self) internal pure returns (uint256) {
        return Resources.unwrap(self) & 0xff;
    }

    /// @dev In units of 256 MiB.
    function memoryUnits(Resources self) internal pure returns (uint256) {
        return (Resources.unwrap(self) >> 8) & 0xfff;
    }

    /// @dev In GiB.
    function disk(Resources self) internal pure returns (uint256) {
        return Resources.unwrap(self) >> 20;
    }

    /// @notice Whether every resource of `self` is at least that of `floor`.
    function covers(Resources self, Resources floor) internal pure returns (bool) {
        return cores(self) >= cores(floor) && memoryUnits(self) >= memoryUnits(floor) && disk(self) >= disk(floor);
    }
}
