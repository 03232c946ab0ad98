// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobStatus } from "../../contracts/types/JobStatus.sol";
import { Sums } from "./handlers/Sums.sol";
import { VM } from "./handlers/Vm.sol";

/* solhint-disable func-name-mixedcase */

/// @notice L1 and L2 of README.md, and the last words of R1: now and then everybody stops, and a stranger without any
/// stake winds the market up. The runner undoes what an invariant does.
contract LivenessInvariants is Sums {
    /// @dev One in so many moves.
    uint256 private constant EVERY = 25;

    function invariant_L1_L2_R1() external {
        if (witness.calls() % EVERY != 0) return;
        _windUp();
        _L1_everyJobEnds();
        _L2_everyoneCanLeaveWithAllTheyHave();
        _R1_reputationsEndAtZero();
    }

    function _L1_everyJobEnds() private view {
        _require(witness.liveJobs().length == 0, "L1", "a job never ends");
        address[] memory everyone = stage.everyone();
        for (uint256 i = 0; i < everyone.length; ++i) {
            (, , uint256 locked, uint256 active) = market.accountOf(everyone[i]);
            _require(locked == 0 && active == 0, "L1", "a bond stays locked");
        }
    }

    function _L2_everyoneCanLeaveWithAllTheyHave() private {
        address[] memory everyone = stage.everyone();
        _try(abi.encodeCall(market.collectFees, (everyone)));
        for (uint256 i = 0; i < everyone.length; ++i) _leave(everyone[i]);
        uint256 left = stage.token().balanceOf(address(market));
        uint256 rest = market.reserve() * market.unit() + witness.gifts();
        _require(left == rest, "L2", "more is left than the reserve and gifts");
    }

    function _R1_reputationsEndAtZero() private {
        VM.warp(block.timestamp + 10 * 365 days);
        address[] memory everyone = stage.everyone();
        for (uint256 i = 0; i < everyone.length; ++i) {
            (, , , uint256 reputation, , , ) = market.providerOf(everyone[i]);
            _require(reputation == 0, "R1", "a reputation outlives its provider");
        }
    }

    /// @dev The hooks decide, time passes, a stranger calls; nobody else does anything, and nobody may post.
    function _windUp() private {
        address timelock = address(stage.timelock());
        witness.act(timelock, address(market), abi.encodeCall(market.pausePosting, ()));
        bytes32[] memory live = witness.liveJobs();
        for (uint256 i = 0; i < live.length; ++i) _decide(live[i]);
        VM.warp(block.timestamp + 31 days);
        witness.tick();
        for (uint256 i = 0; i < live.length; ++i) {
            JobStatus status = market.statusOf(live[i]);
            if (status == JobStatus.Expired) _try(abi.encodeCall(market.cancel, (live[i])));
            if (status == JobStatus.Keyless) _try(abi.encodeCall(market.release, (live[i])));
        }
        _try(abi.encodeCall(market.failMany, (live)));
        _try(abi.encodeCall(market.settleMany, (live)));
    }

    /// @dev As a hook must: a challenge ends, a seat is concluded.
    function _decide(bytes32 jobId) private {
        bytes memory close = abi.encodeCall(market.challengeClosed, (jobId));
        for (uint256 open = witness.recordOf(jobId).challenges; open > 0; --open) {
            witness.act(
                stage.stranger(),
                address(stage.game()),
                abi.encodeCall(stage.game().forward, (address(market), close))
            );
        }
        if (market.statusOf(jobId) != JobStatus.Seated) return;
        bytes memory end = abi.encodeCall(market.conclude, (jobId, 0, 1_000, false));
        witness.act(
            stage.stranger(),
            address(stage.mediator()),
            abi.encodeCall(stage.mediator().forward, (address(market), end))
        );
    }

    function _leave(address person) private {
        (, uint256 staked, , ) = market.accountOf(person);
        if (staked != 0) witness.act(person, address(market), abi.encodeCall(market.unstake, (staked)));
        (uint256 balance, , , ) = market.accountOf(person);
        if (balance == 0) return;
        (bool succeeded, ) = witness.act(person, address(market), abi.encodeCall(market.withdraw, (person, balance)));
        _require(succeeded, "L2", "somebody cannot leave");
    }

    function _try(bytes memory data) private {
        witness.act(stage.stranger(), address(market), data);
    }

    function _salt() internal pure override returns (uint256) {
        return 4;
    }
}
