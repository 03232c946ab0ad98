// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobLimits, JobTerms } from "../../../contracts/types/JobTerms.sol";
import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { Dice } from "./Dice.sol";
import { Handler } from "./Handler.sol";
import { Stage } from "./Stage.sol";
import { Trader } from "./Trader.sol";

/// @notice Pays for jobs.
abstract contract Requesting is Trader {
    function post(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _act(_member(d), abi.encodeCall(market.post, (_terms(d, false))));
    }

    /// @notice One in two batches has an entry that is refused.
    function postMany(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        JobTerms[] memory terms = new JobTerms[](d.between(1, 3));
        for (uint256 i = 0; i < terms.length; ++i) terms[i] = _terms(d, false);
        if (d.oneIn(2)) terms[d.below(terms.length)].limits = JobLimits.wrap(0);
        _act(_member(d), abi.encodeCall(market.postMany, (terms)));
    }

    function acceptOffer(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _acceptOffer(d, _member(d), d.oneOf(stage.providers()));
    }

    function cancel(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _jobAsRequester(d, _bit(JobStatus.Open) | _bit(JobStatus.Expired));
        if (jobId != 0) _act(_requesterOf(d, jobId), abi.encodeCall(market.cancel, (jobId)));
    }

    function deliverKey(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _jobAsRequester(d, _bit(JobStatus.AwaitingKey));
        if (jobId != 0) _act(_requesterOf(d, jobId), abi.encodeCall(market.deliverKey, (jobId, "key")));
    }

    function accept(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        uint256 fit = _bit(JobStatus.Submitted) | _bit(JobStatus.Settleable);
        // now and then during a challenge
        bytes32 jobId = _jobAsRequester(d, d.oneIn(6) ? _bit(JobStatus.Disputed) : fit);
        if (jobId != 0) _act(_requesterOf(d, jobId), abi.encodeCall(market.accept, (jobId)));
    }

    function cancelNonces(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        // never those that are drawn next
        _act(_member(d), abi.encodeCall(market.cancelNonces, (1_000, d.below(type(uint256).max))));
    }

    /// @notice Gives the market tokens that nobody may have.
    function give(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        witness.give(_member(d), d.between(1, 1e6));
        _conclude(true);
    }

    function _acceptOffer(Dice memory d, address requester, address provider) internal {
        JobTerms memory terms = _terms(d, true);
        bool isOpen = d.oneIn(2);
        bytes memory signature = _offer(isOpen ? address(0) : requester, provider, terms);
        _act(requester, abi.encodeCall(market.acceptOffer, (provider, isOpen, terms, signature)));
    }
}

contract Requester is Requesting {
    constructor(Stage stage_, address[] memory crew_) Handler(stage_, crew_) {}

    function moves() public pure override returns (string[] memory) {
        return _list("deposit withdraw transfer post postMany acceptOffer cancel deliverKey accept cancelNonces give");
    }
}
