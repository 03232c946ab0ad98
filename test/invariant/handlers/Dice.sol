// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Random numbers that follow from a seed.
struct Dice {
    uint256 state;
}

using DiceLibrary for Dice global;

library DiceLibrary {
    /// @notice A number below `sides`.
    function below(Dice memory self, uint256 sides) internal pure returns (uint256) {
        self.state = uint256(keccak256(abi.encode(self.state)));
        return self.state % sides;
    }

    /// @notice A number from `least` to `most`.
    function between(Dice memory self, uint256 least, uint256 most) internal pure returns (uint256) {
        return least + below(self, most - least + 1);
    }

    /// @notice True one time in `n`.
    function oneIn(Dice memory self, uint256 n) internal pure returns (bool) {
        return below(self, n) == 0;
    }

    function oneOf(Dice memory self, address[] memory list) internal pure returns (address) {
        return list[below(self, list.length)];
    }
}
