// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { Level, Parameters } from "../types/Parameters.sol";
import { Resources } from "../types/Resources.sol";

/// @notice Reads much of a market in one call, through its public views only.
contract MarketLens {
    struct Whole {
        uint256 time;
        uint256 reserve;
        uint256 tokens; // of the market, in base units
        address feeRecipient;
        uint256 parametersId;
        bool paused;
    }

    struct Person {
        uint256 balance;
        uint256 stake;
        uint256 locked;
        uint256 active;
        Resources resources;
        uint256 concurrency;
        uint256 faults;
        uint256 reputation;
        uint256 feeOwed;
        string endpoint;
        bytes32 encryptionKey;
        uint256 tokens; // in base units
        uint256 allowance; // in base units
    }

    function look(
        IJobMarket market,
        address[] calldata accounts,
        bytes32[] calldata jobIds
    ) external view returns (Whole memory whole, Person[] memory people, IJobMarket.JobView[] memory jobs) {
        IERC20 token = market.token();
        whole.time = block.timestamp;
        whole.reserve = market.reserve();
        whole.tokens = token.balanceOf(address(market));
        whole.feeRecipient = market.feeRecipient();
        (whole.parametersId, whole.paused) = market.currentParameters();

        people = new Person[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            Person memory p = people[i];
            (p.balance, p.stake, p.locked, p.active) = market.accountOf(accounts[i]);
            (p.resources, p.concurrency, p.faults, p.reputation, p.feeOwed, p.endpoint, p.encryptionKey) = market
                .providerOf(accounts[i]);
            p.tokens = token.balanceOf(accounts[i]);
            p.allowance = token.allowance(accounts[i], address(market));
        }

        jobs = new IJobMarket.JobView[](jobIds.length);
        for (uint256 i = 0; i < jobIds.length; ++i) jobs[i] = market.getJob(jobIds[i]);
    }

    /// @notice The parameter sets from 0 to the current one, and their first `levels` levels.
    function rules(
        IJobMarket market,
        uint256 levels
    ) external view returns (Parameters[] memory sets, Level[][] memory deciders) {
        (uint256 current, ) = market.currentParameters();
        sets = new Parameters[](current + 1);
        deciders = new Level[][](current + 1);
        for (uint256 id = 0; id <= current; ++id) {
            sets[id] = market.parametersOf(id);
            deciders[id] = new Level[](levels);
            for (uint256 level = 0; level < levels; ++level) {
                (deciders[id][level].hook, deciders[id][level].isMediated) = market.levelOf(id, level);
            }
        }
    }
}
