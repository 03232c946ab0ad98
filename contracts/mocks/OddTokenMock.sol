// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice A token of any number of decimals that can be told to misbehave.
contract OddTokenMock is ERC20, ERC20Permit {
    enum Manner {
        Honest,
        TakesFee, // the recipient gets one base unit less
        AddsBonus, // the recipient gets one base unit more
        TakesFromRecipient, // the recipient pays instead
        AnswersFalse // nothing moves, the answer is false
    }

    uint8 private immutable _decimals;
    Manner public manner;

    constructor(uint8 decimals_, address holder, uint256 supply) ERC20("Odd", "ODD") ERC20Permit("Odd") {
        _decimals = decimals_;
        _mint(holder, supply);
    }

    function setManner(Manner manner_) external {
        manner = manner_;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return manner != Manner.AnswersFalse && super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return manner != Manner.AnswersFalse && super.transferFrom(from, to, value);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (manner == Manner.TakesFromRecipient) (from, to) = (to, from);
        super._update(from, to, value);
        if (manner == Manner.TakesFee) super._update(to, address(0), 1);
        if (manner == Manner.AddsBonus) super._update(address(0), to, 1);
    }
}
