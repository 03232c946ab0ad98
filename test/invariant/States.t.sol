// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IJobMarket } from "../../contracts/interfaces/IJobMarket.sol";
import { JobStatus } from "../../contracts/types/JobStatus.sol";
import { Sums } from "./handlers/Sums.sol";
import { Transitions } from "./handlers/Transitions.sol";
import { Witness } from "./handlers/Witness.sol";

/* solhint-disable func-name-mixedcase */

/// @notice S1 to S6 of README.md.
contract StateInvariants is Sums {
    function invariant_S1_to_S6() external view {
        _S1_noIllegalTransition();
        _S2_finalJobsNeverChange();
        _S3_disputedMeansChallenged();
        _S4_jobsEndOnce();
        _S5_termsClaimAndResultStay();
        _S6_rulesNeverChange();
    }

    function _S1_noIllegalTransition() private view {
        _requireUnbroken("S1");
        bytes32[] memory all = witness.allJobs();
        for (uint256 i = 0; i < all.length; ++i) {
            (JobStatus seen, , ) = witness.standingOf(all[i]);
            _require(market.statusOf(all[i]) == seen, "S1", "a job went on although no call named it");
        }
    }

    function _S2_finalJobsNeverChange() private view {
        bytes32[] memory all = witness.allJobs();
        for (uint256 i = 0; i < all.length; ++i) {
            bytes32 whole = witness.recordOf(all[i]).whole;
            if (whole == 0) continue;
            _require(keccak256(abi.encode(market.getJob(all[i]))) == whole, "S2", "a final job changed");
        }
    }

    function _S3_disputedMeansChallenged() private view {
        _requireUnbroken("S3");
        bytes32[] memory live = witness.liveJobs();
        for (uint256 i = 0; i < live.length; ++i) {
            IJobMarket.JobView memory v = market.getJob(live[i]);
            uint256 challenges = witness.recordOf(live[i]).challenges;
            _require(v.openChallenges == challenges, "S3", "challenges are not as many as the events say");
            _require((v.status == JobStatus.Disputed) == (challenges != 0), "S3", "Disputed does not mean challenged");
        }
    }

    function _S4_jobsEndOnce() private view {
        _requireUnbroken("S4");
        bytes32[] memory all = witness.allJobs();
        for (uint256 i = 0; i < all.length; ++i) {
            uint256 ends = witness.recordOf(all[i]).ends;
            bool isFinal = Transitions.isFinal(market.statusOf(all[i]));
            _require(ends == (isFinal ? 1 : 0), "S4", "a job is final without an end, or ended without being final");
        }
    }

    function _S5_termsClaimAndResultStay() private view {
        _requireUnbroken("S5");
        bytes32[] memory all = witness.allJobs();
        for (uint256 i = 0; i < all.length; ++i) {
            IJobMarket.JobView memory v = market.getJob(all[i]);
            Witness.Record memory r = witness.recordOf(all[i]);
            _require(witness.termsHash(v) == r.terms, "S5", "terms or snapshot changed");
            _require(r.claim == 0 || witness.claimHash(v) == r.claim, "S5", "provider or price changed");
            _require(r.claim == 0 || v.price == r.price, "S5", "the price is not what the claim said");
            _require(v.bond == r.bond, "S5", "the bond changed");
            _require(r.result == 0 || witness.resultHash(v) == r.result, "S5", "the result changed");
        }
    }

    function _S6_rulesNeverChange() private view {
        _requireUnbroken("S6");
        (uint256 current, ) = market.currentParameters();
        for (uint256 id = 0; id <= current; ++id) {
            _require(witness.rulesHash(id) == witness.ruleHashes(id), "S6", "a set of rules changed");
        }
    }

    function _salt() internal pure override returns (uint256) {
        return 2;
    }
}
