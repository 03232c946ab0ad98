// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobTerms } from "../../../contracts/types/JobTerms.sol";
import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { Dice } from "./Dice.sol";
import { Handler } from "./Handler.sol";
import { Keeping } from "./Keeper.sol";
import { Providing } from "./Provider.sol";
import { Requesting } from "./Requester.sol";
import { Stage } from "./Stage.sol";

/// @notice Two who act together, each in whatever part serves them: requester, provider, challenger or keeper. The
/// witness keeps the books of what they have, and of what others paid them.
contract CollusivePair is Requesting, Providing, Keeping {
    constructor(Stage stage_, address[] memory crew_) Handler(stage_, crew_) {}

    function moves() public pure override returns (string[] memory) {
        return
            _list(
                "deposit withdraw transfer post claim submit accept release deliverKey fail settle dealByHand "
                "dealByRequest dealByOffer beLate confess"
            );
    }

    /// @notice One posts and the other, or the same one, claims at once.
    function dealByHand(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        JobTerms memory terms = _terms(d, false);
        address requester = _member(d);
        if (!_act(requester, abi.encodeCall(market.post, (terms)))) return;
        _act(_member(d), abi.encodeCall(market.claim, (market.jobIdOf(requester, terms))));
    }

    function dealByRequest(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _claimSigned(d, _member(d), _member(d));
    }

    function dealByOffer(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _acceptOffer(d, _member(d), _member(d));
    }

    /// @notice Fails its own claim in the first second in which that is possible, for the keeper's part.
    function beLate(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _jobAsProvider(d, _bit(JobStatus.Overdue));
        if (jobId != 0) _act(_member(d), abi.encodeCall(market.fail, (jobId)));
    }

    /// @notice Challenges its own result and loses, for the challenger's and the requester's parts.
    function confess(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _jobAsProvider(d, _bit(JobStatus.Submitted));
        if (jobId == 0) return;
        if (!_play(abi.encodeCall(market.challengeOpened, (jobId)))) return;
        (uint256 before, , , ) = market.accountOf(address(stage.game()));
        if (!_play(abi.encodeCall(market.reject, (jobId, d.below(100e6))))) return;
        (uint256 spoils, , , ) = market.accountOf(address(stage.game()));
        if (spoils > before) _play(_payout(d, _member(d), spoils - before));
    }

    /// @dev A call of the dispute game.
    function _play(bytes memory data) private returns (bool) {
        bytes memory call = abi.encodeCall(stage.game().forward, (address(market), data));
        return _actOn(crew[0], address(stage.game()), call);
    }
}
