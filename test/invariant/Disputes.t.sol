// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Dice } from "./handlers/Dice.sol";
import { DisputeCampaign } from "./handlers/DisputeCampaign.sol";
import { VM } from "./handlers/Vm.sol";

/* solhint-disable func-name-mixedcase */

/// @notice D1 to D3 of README.md, with the money and states of the market around.
contract DisputeInvariants is DisputeCampaign {
    function invariant_D1_D3_M1_to_M8_S1_S3_S4() external view {
        _D1_theGameHasBondsAndRewards();
        _solvency();
        _backing();
        _locks();
        _bonds();
        _tokens();
        _reserve();
        _requireUnbroken("M6");
        _requireUnbroken("M7");
        _requireUnbroken("S1");
        _requireUnbroken("S3");
        _requireUnbroken("S4");
        _requireUnbroken("I1");
    }

    function _D1_theGameHasBondsAndRewards() private view {
        (uint256 balance, , , ) = market.accountOf(address(game));
        _require(balance == disputants.owed(), "D1", "the game has other units than bonds and rewards");
    }

    function _salt() internal pure override returns (uint256) {
        return 6;
    }
}

/// @notice That time and a stranger end every game, and leave nothing in it.
contract DisputeLiveness is DisputeCampaign {
    error GameNeverEnds();

    function test_timeEndsEveryGame() external {
        for (uint256 round = 0; round < 4; ++round) {
            _play(Dice(round), 400);
            uint256 left = disputants.gamesLeft();
            VM.warp(block.timestamp + 40 days);
            witness.tick();
            for (; left > 0; --left) {
                disputants.endFirst(stage.stranger());
                require(disputants.gamesLeft() == left - 1, GameNeverEnds());
            }
            (uint256 balance, , , ) = market.accountOf(address(game));
            _require(balance == 0, "D1", "the game keeps something when all games are over");
            _solvency();
        }
    }

    function _salt() internal pure override returns (uint256) {
        return 7;
    }
}
