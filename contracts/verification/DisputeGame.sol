// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Multicall } from "@openzeppelin/contracts/utils/Multicall.sol";
import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { ILedgerReceiver } from "../interfaces/ILedgerReceiver.sol";
import { IDisputeGame } from "../interfaces/IDisputeGame.sol";
import { IOneStepVM } from "../interfaces/IOneStepVM.sol";
import { BinaryTree } from "../libraries/BinaryTree.sol";
import { JobIds } from "../libraries/JobIds.sol";
import { ResultTree } from "../libraries/ResultTree.sol";
import { ClaimTerms, Opening } from "../types/Dispute.sol";
import { Place } from "../types/Place.sol";
import { JobLimits, JobTerms } from "../types/JobTerms.sol";
import { DisputeGames } from "./DisputeGames.sol";
import { DisputeMoves } from "./DisputeMoves.sol";
import { DisputePostings } from "./DisputePostings.sol";

/// @title DisputeGame
/// @notice Hook of the level Optimistic, and of every other that is not mediated.
/// @dev How a game opens; {DisputePostings} and {DisputeMoves} are the two sides' moves, {DisputeOutcome} ends games,
/// {DisputeGames} keeps them. Serves any market, each in a space of its own, by the address that calls.
contract DisputeGame is DisputePostings, DisputeMoves, Multicall {
    uint256 private constant MAX_STRETCH = 32;

    /// @param vm_ Judges single steps.
    /// @param moveFee_ The price of one move, in units.
    /// @param turnFloor_ Seconds of the shortest turn.
    /// @param stepsPerSecond_ Steps that a turn grows by a second for.
    constructor(
        IOneStepVM vm_,
        uint80 moveFee_,
        uint32 turnFloor_,
        uint64 stepsPerSecond_
    ) DisputeGames(vm_, moveFee_, turnFloor_, stepsPerSecond_) {}

    /// @inheritdoc IDisputeGame
    function ledgerTransferReceived(address from, uint256 amount, bytes calldata data) external returns (bytes4) {
        Opening calldata opening;
        assembly ("memory-safe") {
            // read where it stands: whoever encoded it wrongly finds other terms in it, or no more calldata
            opening := add(data.offset, calldataload(data.offset))
        }
        Place memory place;
        bytes32 gameId = _open(from, amount, opening, place);
        bool isOver;
        if (opening.descents.length != 0) isOver = _descend(gameId, place, opening.descents[0]);
        if (!isOver && opening.entries.length != 0) _enter(gameId, place, opening.entries[0]);
        return ILedgerReceiver.ledgerTransferReceived.selector;
    }

    function _open(
        address challenger,
        uint256 bond,
        Opening calldata opening,
        Place memory place
    ) private returns (bytes32 gameId) {
        IJobMarket market = IJobMarket(msg.sender);
        JobTerms calldata terms = opening.terms;
        JobLimits limits = terms.limits;

        // Check
        bytes32 jobId = JobIds.jobIdOf(address(market), opening.requester, terms, terms.dataUri);
        gameId = gameIdOf(market, jobId, challenger);
        require(_games[gameId].challenger == address(0), DisputeGameExists(gameId));
        // Interaction: the market takes the challenge or refuses it.
        (address provider, bytes32 submitted, uint256 open) = market.challengeOpened(jobId);
        bytes32 result = ResultTree.commitment(opening.resultRoot, opening.totalSteps);
        require(result == submitted, DisputeWrongResult(jobId, result, submitted));
        uint256 needed = bondFor(limits.tasks(), limits.stepLimit(), open);
        require(bond >= needed, DisputeBondTooSmall(jobId, bond, needed));

        // Effect
        place.market = market;
        place.jobId = jobId;
        place.provider = provider;
        place.tasks = uint32(limits.tasks());
        place.termsHash = _termsHash(terms, limits);
        place.level = uint8(BinaryTree.depthOf(limits.tasks()));
        place.to = opening.totalSteps;
        place.end = opening.resultRoot;
        place.arrivedAt = uint32(block.timestamp);
        place.stretch = uint8(Math.min(MAX_STRETCH, 1 + open));
        place.moves = 1;
        // a market's amounts fit 80 bits; what another contract says counts for its own jobs only
        _games[gameId] = Game(challenger, uint80(bond), place.hash(), 0);
        place.emitOpened(gameId, challenger, bond);
    }

    function _termsHash(JobTerms calldata terms, JobLimits limits) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    ClaimTerms({
                        programId: terms.programId,
                        inputsRoot: terms.inputsRoot,
                        sharedInput: terms.sharedInput,
                        stepLimit: uint64(limits.stepLimit()),
                        maxOutput: uint32(limits.maxOutput()),
                        maxPages: uint32(limits.maxPages())
                    })
                )
            );
    }
}
