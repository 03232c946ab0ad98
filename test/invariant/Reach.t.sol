// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/* solhint-disable func-name-mixedcase, no-console */

import { console } from "hardhat/console.sol";
import { JobStatus } from "../../contracts/types/JobStatus.sol";
import { Campaign } from "./handlers/Campaign.sol";
import { DisputeCampaign } from "./handlers/DisputeCampaign.sol";
import { Dice } from "./handlers/Dice.sol";
import { HostileCampaign } from "./handlers/HostileCampaign.sol";
import { Transitions } from "./handlers/Transitions.sol";

/// @notice That the handlers reach what they are for, in one long sequence that is always the same.
abstract contract Reaching is Campaign {
    error NeverSucceeded(string move);

    function _requireMoves() internal view {
        for (uint256 i = 0; i < moves.length; ++i) {
            (, , uint256 succeeded) = moves[i].handler.countOf(moves[i].selector);
            require(succeeded != 0, NeverSucceeded(moves[i].name));
        }
    }

    /// @dev A line for each handler: its moves, and how often they succeeded, were refused and found nothing to do.
    function _summary() internal view {
        string memory line = "      moves (succeeded/refused/idle):";
        for (uint256 i = 0; i < moves.length; ++i) {
            if (i == 0 || address(moves[i].handler) != address(moves[i - 1].handler)) {
                console.log(line);
                line = string.concat("      ", moves[i].title, ":");
            }
            (uint256 idle, uint256 refused, uint256 succeeded) = moves[i].handler.countOf(moves[i].selector);
            line = string.concat(line, " ", moves[i].name, _counts(succeeded, refused, idle));
        }
        console.log(line);
        (uint256 idles, uint256 refusals, uint256 successes) = _total();
        console.log(string.concat("      all", _counts(successes, refusals, idles), " jobs"), witness.allJobs().length);
    }

    function _counts(uint256 succeeded, uint256 refused, uint256 idle) private pure returns (string memory) {
        return string.concat(" ", _text(succeeded), "/", _text(refused), "/", _text(idle));
    }

    function _text(uint256 number) private pure returns (string memory) {
        bytes memory digit = new bytes(1);
        digit[0] = bytes1(uint8(48 + (number % 10)));
        return number < 10 ? string(digit) : string.concat(_text(number / 10), string(digit));
    }
}

contract Reach is Reaching {
    error NeverTaken(JobStatus from, JobStatus to);

    function test_everyMoveSucceedsAndEveryTransitionIsTaken() external {
        _play(Dice(0), 4_000);
        _summary();
        _requireMoves();
        for (uint256 from = 0; from < 16; ++from) {
            uint256 next = Transitions.byCall(JobStatus(from)) | Transitions.byTime(JobStatus(from));
            for (uint256 to = 0; to < 16; ++to) {
                bool isTaken = witness.taken(JobStatus(from), JobStatus(to)) != 0;
                require(isTaken || (next >> to) & 1 == 0, NeverTaken(JobStatus(from), JobStatus(to)));
            }
        }
    }

    function _salt() internal pure override returns (uint256) {
        return 0;
    }
}

contract HostileReach is Reaching, HostileCampaign {
    function setUp() public override(Campaign, HostileCampaign) {
        HostileCampaign.setUp();
    }

    function test_everyMoveSucceedsWithAHostileToken() external {
        _play(Dice(0), 4_000);
        _summary();
        _requireMoves();
    }

    function _salt() internal pure override returns (uint256) {
        return 0;
    }
}

contract DisputeReach is Reaching, DisputeCampaign {
    function setUp() public override(Campaign, DisputeCampaign) {
        DisputeCampaign.setUp();
    }

    function _cast() internal override(Campaign, DisputeCampaign) {
        DisputeCampaign._cast();
    }

    function test_everyMoveOfDisputesSucceeds() external {
        _play(Dice(0), 3_000);
        _summary();
        for (uint256 i = 0; i < moves.length; ++i) {
            if (address(moves[i].handler) != address(disputants)) continue;
            (, , uint256 succeeded) = moves[i].handler.countOf(moves[i].selector);
            require(succeeded != 0, NeverSucceeded(moves[i].name));
        }
    }

    function _salt() internal pure override returns (uint256) {
        return 0;
    }
}
