// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Sums } from "./Sums.sol";
import { HostileToken } from "./HostileToken.sol";
import { Tempter } from "./Tempter.sol";

/// @notice A market whose token misbehaves when it is told to.
abstract contract HostileCampaign is Sums {
    function setUp() public virtual override {
        _raise(new HostileToken(address(this), 1e30));
        _add("Tempter", new Tempter(stage, _crowd()));
        // twice: the others make many more moves
        _add("Tempter", new Tempter(stage, stage.providers()));
    }
}
