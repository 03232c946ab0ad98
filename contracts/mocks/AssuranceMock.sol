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
        BurnAllGas,
        Two, // a word that is no bool
        Short, // less than a word
        Long, // a word that says yes, and more
        RevertYes // a revert whose reason is a word that says yes
    }

    error AssuranceMockSaysNothing();
    error AssuranceMockTurnNotOver(uint256 until, uint256 time);

    Answer public answer;
    mapping(bytes32 jobId => uint256) public turnEnd;

    function setAnswer(Answer answer_) external {
        answer = answer_;
    }

    /// @inheritdoc IAssurance
    function isFinal(bytes32, uint256 windowEnd) external view returns (bool) {
        if (block.timestamp <= windowEnd) return false;
        require(answer != Answer.Revert, AssuranceMockSaysNothing());
        if (answer == Answer.BurnAllGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (answer == Answer.RevertYes) {
            assembly ("memory-safe") {
                mstore(0, 1)
                revert(0, 32)
            }
        }
        if (answer == Answer.Two) _answer(2, 32);
        if (answer == Answer.Short) _answer(type(uint256).max, 31);
        if (answer == Answer.Long) _answer(1, 1 << 16);
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

    /// @dev Ends the call with that many bytes, the first word of them given.
    function _answer(uint256 word, uint256 size) private pure {
        assembly {
            mstore(0, word)
            return(0, size)
        }
    }
}
