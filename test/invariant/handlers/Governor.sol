// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Parameters } from "../../../contracts/types/Parameters.sol";
import { Dice } from "./Dice.sol";
import { Handler } from "./Handler.sol";
import { Stage } from "./Stage.sol";

/// @notice The timelock and the guardian, and whoever would like to be one of them: the crew.
contract Governor is Handler {
    constructor(Stage stage_, address[] memory crew_) Handler(stage_, crew_) {}

    function moves() public pure override returns (string[] memory) {
        return _list("addRules pause appoint usurp");
    }

    function addRules(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _act(address(stage.timelock()), abi.encodeCall(market.addParameters, (_rules(d), stage.levels())));
    }

    /// @notice Stops posting, and mostly resumes it.
    function pause(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        address guardian = market.guardian();
        address by = guardian == address(0) || d.oneIn(2) ? address(stage.timelock()) : guardian;
        if (!_act(by, abi.encodeCall(market.pausePosting, ()))) return;
        if (!d.oneIn(8)) _act(by, abi.encodeCall(market.resumePosting, ()));
    }

    function appoint(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes memory data =
            d.oneIn(2)
                ? abi.encodeCall(market.setGuardian, (_member(d)))
                : abi.encodeCall(market.setFeeRecipient, (_member(d)));
        _act(address(stage.timelock()), data);
    }

    /// @notice Somebody governs who may not; that the market refuses it is the success.
    function usurp(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        address by = _member(d);
        uint256 what = d.below(by == market.guardian() ? 3 : 5);
        bytes memory data = abi.encodeCall(market.setFeeRecipient, (by));
        if (what == 1) data = abi.encodeCall(market.setGuardian, (by));
        if (what == 2) data = abi.encodeCall(market.addParameters, (_rules(d), stage.levels()));
        if (what == 3) data = abi.encodeCall(market.pausePosting, ());
        if (what == 4) data = abi.encodeCall(market.resumePosting, ());
        _conclude(!_act(by, data));
    }

    /// @dev Any rules within the bounds that leave the crowd something to do.
    function _rules(Dice memory d) private view returns (Parameters memory p) {
        p = stage.firstRules();
        p.feeBps = uint16(d.below(1_001));
        p.bondBps = uint16(d.between(2_000, 20_000));
        p.surchargeBps = uint16(d.below(10_001));
        p.latenessBps = uint16(d.below(2_001));
        p.minBond = uint80(d.between(30_000, 2e6));
        p.baseExposure = uint80(d.between(1e9, 4e9));
        p.minRun = uint24(d.between(1, 60));
        p.minWindow = uint24(d.between(1, 60));
        p.keyTime = uint24(d.between(60, 1_200));
    }
}
