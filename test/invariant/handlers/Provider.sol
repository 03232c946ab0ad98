// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobTerms } from "../../../contracts/types/JobTerms.sol";
import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { Resources } from "../../../contracts/types/Resources.sol";
import { Dice } from "./Dice.sol";
import { Handler } from "./Handler.sol";
import { Stage } from "./Stage.sol";
import { Trader } from "./Trader.sol";

/// @notice Claims jobs with a bond, and submits results.
abstract contract Providing is Trader {
    function stake(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _act(_member(d), abi.encodeCall(market.stake, (d.between(1, 1e9))));
    }

    function unstake(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        address person = _member(d);
        (, uint256 staked, uint256 locked, ) = market.accountOf(person);
        // a part of what is free; now and then all of it, or some of what is locked, too
        uint256 free = staked - locked;
        uint256 amount = d.oneIn(4) ? d.between(free, staked + 1) : d.below(free / 4 + 1);
        _act(person, abi.encodeCall(market.unstake, (amount)));
    }

    function declare(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        Resources offered = Resources.wrap(uint32(d.between(1, 255) | (d.below(4_096) << 8)));
        uint16 concurrency = uint16(d.between(8, 200));
        _act(_member(d), abi.encodeCall(market.updateProvider, (offered, concurrency, "http://198.51.100.9", 0)));
    }

    function claim(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _anyJob(d, _bit(JobStatus.Open));
        if (jobId != 0) _act(_member(d), abi.encodeCall(market.claim, (jobId)));
    }

    function claimSigned(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _claimSigned(d, d.oneOf(stage.requesters()), _member(d));
    }

    function release(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _jobAsProvider(d, _bit(JobStatus.Claimed));
        if (jobId != 0) _act(_providerOf(d, jobId), abi.encodeCall(market.release, (jobId)));
    }

    /// @notice Results of a few jobs: there are many ways to claim, and this is the only one to submit.
    function submit(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 jobId = _jobAsProvider(d, _bit(JobStatus.Claimed));
            if (jobId == 0) return;
            // up to more steps than the budget of any job
            uint128 steps = uint128(d.below(10_000));
            _act(_providerOf(d, jobId), abi.encodeCall(market.submit, (jobId, bytes32(d.below(8) + 1), steps)));
        }
    }

    function _claimSigned(Dice memory d, address requester, address provider) internal {
        JobTerms memory terms = _terms(d, true);
        bool isOpen = d.oneIn(2);
        bytes memory signature = _request(requester, isOpen ? address(0) : provider, terms);
        _act(provider, abi.encodeCall(market.claimSigned, (requester, isOpen, terms, signature)));
    }
}

contract Provider is Providing {
    constructor(Stage stage_, address[] memory crew_) Handler(stage_, crew_) {}

    function moves() public pure override returns (string[] memory) {
        return _list("deposit withdraw transfer stake unstake declare claim claimSigned release submit");
    }
}
