// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IJobMarket } from "../../../contracts/interfaces/IJobMarket.sol";
import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { Campaign } from "./Campaign.sol";
import { Transitions } from "./Transitions.sol";
import { Witness } from "./Witness.sol";

/// @notice The sums that several campaigns check: what the market's views say against the witness's books.
abstract contract Sums is Campaign {
    uint256 private constant CLAIMS =
        (1 << uint256(JobStatus.AwaitingKey)) |
            (1 << uint256(JobStatus.Keyless)) |
            (1 << uint256(JobStatus.Claimed)) |
            (1 << uint256(JobStatus.Overdue)) |
            (1 << uint256(JobStatus.Seated)) |
            (1 << uint256(JobStatus.Submitted)) |
            (1 << uint256(JobStatus.Disputed)) |
            (1 << uint256(JobStatus.Settleable));

    function _solvency() internal view {
        Witness.Totals memory t = witness.totals();
        uint256 held = t.deposits - t.withdrawals;
        _require(_owned() == held, "M1", "what is owned is not what was deposited and not withdrawn");
    }

    function _backing() internal view {
        uint256 tokens = stage.token().balanceOf(address(market));
        _require(_owned() * market.unit() <= tokens, "M2", "the market owes more than it has");
    }

    function _locks() internal view {
        address[] memory everyone = stage.everyone();
        for (uint256 i = 0; i < everyone.length; ++i) {
            (, uint256 staked, uint256 locked, ) = market.accountOf(everyone[i]);
            _require(locked <= staked, "M3", "more is locked than staked");
        }
    }

    function _bonds() internal view {
        address[] memory everyone = stage.everyone();
        uint256[] memory bonds = new uint256[](everyone.length);
        uint256[] memory claims = new uint256[](everyone.length);
        bytes32[] memory live = witness.liveJobs();
        for (uint256 k = 0; k < live.length; ++k) {
            IJobMarket.JobView memory v = market.getJob(live[k]);
            if (!_isClaim(v.status)) continue;
            for (uint256 i = 0; i < everyone.length; ++i) {
                if (everyone[i] != v.provider) continue;
                bonds[i] += v.bond;
                ++claims[i];
            }
        }
        for (uint256 i = 0; i < everyone.length; ++i) {
            (, , uint256 locked, uint256 active) = market.accountOf(everyone[i]);
            _require(locked == bonds[i], "M4", "what is locked is not the sum of the bonds");
            _require(active == claims[i], "M4", "claims are not counted");
        }
    }

    function _tokens() internal view {
        Witness.Totals memory t = witness.totals();
        uint256 expected = (t.deposits - t.withdrawals) * market.unit() + witness.gifts();
        uint256 tokens = stage.token().balanceOf(address(market));
        _require(tokens == expected, "M5", "tokens came or went by themselves");
    }

    function _reserve() internal view {
        _require(
            market.reserve() == witness.totals().kept,
            "M8",
            "the reserve is not what debits and transfers left to it"
        );
    }

    function _parties() internal view {
        _requireUnbroken("I2");
        address[] memory everyone = stage.everyone();
        for (uint256 i = 0; i < everyone.length; ++i) {
            Witness.Purse memory p = witness.purseOf(everyone[i]);
            (uint256 balance, uint256 staked, uint256 locked, uint256 active) = market.accountOf(everyone[i]);
            _require(int256(balance) == p.balance, "I2", "a balance is not what the events say");
            _require(int256(staked) == p.stake, "I2", "a stake is not what the events say");
            _require(int256(locked) == p.locked, "I2", "what is locked is not what the events say");
            _require(int256(active) == p.active, "I2", "claims are not as many as the events say");
        }
    }

    /// @dev Units that belong to somebody, or to the reserve.
    function _owned() internal view virtual returns (uint256 sum) {
        sum = market.reserve();
        address[] memory everyone = stage.everyone();
        for (uint256 i = 0; i < everyone.length; ++i) {
            (uint256 balance, uint256 staked, , ) = market.accountOf(everyone[i]);
            (, , , , uint256 owed, , ) = market.providerOf(everyone[i]);
            sum += balance + staked + owed;
        }
        bytes32[] memory live = witness.liveJobs();
        for (uint256 i = 0; i < live.length; ++i) {
            IJobMarket.JobView memory v = market.getJob(live[i]);
            if (v.status == JobStatus.Open || v.status == JobStatus.Expired) sum += v.maxPrice;
            else if (_isClaim(v.status)) sum += v.price;
        }
    }

    /// @dev Whether a provider's bond stands behind the job.
    function _isClaim(JobStatus status) internal pure returns (bool) {
        return (CLAIMS & Transitions.bit(status)) != 0;
    }
}
