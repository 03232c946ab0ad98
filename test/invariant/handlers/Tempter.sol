// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { Dice } from "./Dice.sol";
import { Handler } from "./Handler.sol";
import { HostileToken } from "./HostileToken.sol";
import { Stage } from "./Stage.sol";
import { Trader } from "./Trader.sol";

/// @notice Tells the hostile token how to misbehave in a deposit or a withdrawal of somebody of the crew. A move
/// succeeds if the market takes it as it should.
contract Tempter is Trader {
    constructor(Stage stage_, address[] memory crew_) Handler(stage_, crew_) {}

    function moves() public pure override returns (string[] memory) {
        return _list("takeFee addBonus answerFalse reenter");
    }

    /// @notice What arrives short is refused; what arrives short at a withdrawer is between it and the token.
    function takeFee(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bool isDeposit = d.oneIn(2);
        _conclude(_transfer(d, HostileToken.Manner.TakesFee, isDeposit, "") != isDeposit);
    }

    function addBonus(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bool isDeposit = d.oneIn(2);
        _conclude(_transfer(d, HostileToken.Manner.AddsBonus, isDeposit, "") != isDeposit);
    }

    function answerFalse(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _conclude(!_transfer(d, HostileToken.Manner.AnswersFalse, d.oneIn(2), ""));
    }

    /// @notice In the middle of a transfer, the accomplice makes a call of its own. The move succeeds if both go
    /// through.
    function reenter(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes memory data = _strike(d);
        uint256 before = _token().strikes();
        _transfer(d, HostileToken.Manner.Reenters, d.oneIn(2), data);
        _conclude(_token().strikes() > before);
    }

    function _transfer(
        Dice memory d,
        HostileToken.Manner manner,
        bool isDeposit,
        bytes memory data
    ) private returns (bool succeeded) {
        HostileToken token = _token();
        token.tempt(manner, stage.accomplice(), address(market), data);
        address person = d.oneIn(4) ? address(stage.accomplice()) : _member(d);
        uint256 amount = d.between(1, 1e9);
        bytes memory call =
            isDeposit ? abi.encodeCall(market.deposit, (amount)) : abi.encodeCall(market.withdraw, (person, amount));
        succeeded = _act(person, call);
        token.tempt(HostileToken.Manner.Honest, stage.accomplice(), address(market), "");
    }

    function _strike(Dice memory d) private returns (bytes memory) {
        uint256 what = d.below(9);
        if (what == 0) return abi.encodeCall(market.deposit, (d.between(1, 1e9)));
        if (what == 1) return abi.encodeCall(market.withdraw, (address(stage.accomplice()), d.between(1, 1e9)));
        if (what == 2) return abi.encodeCall(market.stake, (d.between(1, 1e6)));
        if (what == 3) return abi.encodeCall(market.unstake, (d.between(1, 1e6)));
        if (what == 4) return abi.encodeCall(market.post, (_terms(d, false)));
        if (what == 5) return abi.encodeCall(market.claim, (_anyJob(d, _bit(JobStatus.Open))));
        if (what == 6) return abi.encodeCall(market.settle, (_anyJob(d, _bit(JobStatus.Settleable))));
        if (what == 7) return abi.encodeCall(market.transfer, (_member(d), d.between(1, 1e6), ""));
        return abi.encodeCall(market.fail, (_anyJob(d, _bit(JobStatus.Overdue))));
    }

    function _token() private view returns (HostileToken) {
        return HostileToken(address(stage.token()));
    }
}
