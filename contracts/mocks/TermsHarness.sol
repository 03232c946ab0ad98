// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Posting } from "../types/Posting.sol";
import { ReplicationTerms } from "../types/ReplicationTerms.sol";

/// @notice Opens the words that posting reads to tests, field by field.
contract TermsHarness {
    struct PostingView {
        uint256 parametersId;
        uint256 snapshot;
        uint256 minRun;
        uint256 minWindow;
        bool isPaused;
        address guardian;
    }

    struct ReplicationView {
        uint256 index;
        uint256 seats;
        uint256 spares;
        uint256 drawBits;
        uint256 baseBps;
        uint256 commitTime;
        uint256 revealTime;
        uint256 drawTime;
        bytes32 shared;
    }

    function readPosting(Posting word) external pure returns (PostingView memory) {
        return
            PostingView(
                word.parametersId(),
                word.snapshot(),
                word.minRun(),
                word.minWindow(),
                word.isPaused(),
                word.guardian()
            );
    }

    function withSet(
        Posting word,
        uint256 id,
        uint256 feeBps,
        uint256 minRun,
        uint256 minWindow
    ) external pure returns (Posting) {
        return word.withSet(id, feeBps, minRun, minWindow);
    }

    function withPaused(Posting word, bool paused) external pure returns (Posting) {
        return word.withPaused(paused);
    }

    function withGuardian(Posting word, address by) external pure returns (Posting) {
        return word.withGuardian(by);
    }

    function readReplication(ReplicationTerms word) external pure returns (ReplicationView memory) {
        return
            ReplicationView(
                word.index(),
                word.seats(),
                word.spares(),
                word.drawBits(),
                word.baseBps(),
                word.commitTime(),
                word.revealTime(),
                word.drawTime(),
                word.shared()
            );
    }
}
