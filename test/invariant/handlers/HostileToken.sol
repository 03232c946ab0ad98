// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { CallbackAccountMock } from "../../../contracts/mocks/CallbackTokenMock.sol";

/// @notice A token of 18 decimals that misbehaves in its next transfer as it was told to.
contract HostileToken is ERC20 {
    enum Manner {
        Honest,
        TakesFee, // the recipient gets less
        AddsBonus, // the recipient gets more
        AnswersFalse, // nothing moves
        Reenters // before anything moves
    }

    Manner private _manner;
    CallbackAccountMock private _accomplice;
    address private _market;
    bytes private _data;

    /// @notice How often a call from within a transfer succeeded.
    uint256 public strikes;

    constructor(address holder, uint256 supply) ERC20("Hostile", "HOST") {
        _mint(holder, supply);
    }

    /// @param data What the accomplice calls on the market if the manner is to reenter.
    function tempt(Manner manner, CallbackAccountMock accomplice, address market, bytes calldata data) external {
        _manner = manner;
        _accomplice = accomplice;
        _market = market;
        _data = data;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        return _manner != Manner.AnswersFalse && super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        return _manner != Manner.AnswersFalse && super.transferFrom(from, to, value);
    }

    function _update(address from, address to, uint256 value) internal override {
        Manner manner = _manner;
        // not in the transfers that it causes itself
        _manner = Manner.Honest;
        if (manner == Manner.Reenters) {
            try _accomplice.execute(_market, _data) {
                ++strikes;
            } catch {}
        }
        super._update(from, to, value);
        if (manner == Manner.TakesFee) super._update(to, address(0), value / 100 + 1);
        if (manner == Manner.AddsBonus) super._update(address(0), to, value / 100 + 1);
    }
}
