// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A value lies outside its bounds.
/// @param field The name of the value, as in the interface, padded with zero bytes.
error ValueOutOfRange(bytes32 field, uint256 value, uint256 min, uint256 max);

/// @dev Reverts unless `min ≤ value ≤ max`. The caller guarantees `min ≤ max`.
function requireRange(bytes32 field, uint256 value, uint256 min, uint256 max) pure {
    unchecked {
        // one comparison for both bounds: below `min` the difference wraps around, far above `max - min`
        require(value - min <= max - min, ValueOutOfRange(field, value, min, max));
    }
}
