// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A value lies outside its bounds.
/// @param field The name of the value, as in the interface, padded with zero bytes.
error ValueOutOfRange(bytes32 field, uint256 value, uint256 min, uint256 max);

/// @dev Reverts unless `min ≤ value ≤ max`.
function requireRange(bytes32 field, uint256 value, uint256 min, uint256 max) pure {
    require(value >= min && value <= max, ValueOutOfRange(field, value, min, max));
}
