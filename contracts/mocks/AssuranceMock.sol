// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAssurance } from "../interfaces/IAssurance.sol";
import { IJobMarket } from "../interfaces/IJobMarket.sol";

/// @notice An assurance hook whose answer tests decide. Its challenges are lost when their turn ends, as an absent
/// challenger's would be, so that a disputed job comes to an end by time and anyone's call.
contract AssuranceMock is IAssurance {
    uint256 public constant TURN = 1 hours;

    enum Answer {
        No,
        Yes,
        Revert,
        BurnAllGas
    }

    error AssuranceMockSaysNothing();
    error AssuranceMockTurnNotOver(uint256 until, uint256 time);

    Answer public answer;
    mapping(bytes32 jobId => uint256) public turnEnd;

    function setAnswer(Answer answer_) external {
        answer = answer_;
    }

    /// @inheritdoc IAssurance
    function isFinal(bytes32) external view returns (bool) {
        require(answer != Answer.Revert, AssuranceMockSaysNothing());
        while (answer == Answer.BurnAllGas) {}
        return answer == Answer.Yes;
    }

    function challenge(IJobMarket market, bytes32 jobId) external {
        turnEnd[jobId] = block.timestamp + TURN;
        market.challengeOpened(jobId);
    }

    /// @notice Callable by anyone.
    function timeOut(IJobMarket market, bytes32 jobId) external {
        require(block.timestamp > turnEnd[jobId], AssuranceMockTurnNotOver(turnEnd[jobId], block.timestamp));
        market.challengeClosed(jobId);
    }

    function prove(IJobMarket market, bytes32 jobId, uint256 moves) external {
        market.reject(jobId, moves);
    }
}
