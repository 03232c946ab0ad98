// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { Posting } from "../../contracts/types/Posting.sol";

/// @notice What governs posting: the fields are the whole word, and each is changed alone.
contract PostingProofs {
    uint256 private constant PAUSED = 2 ** 76;
    uint256 private constant GUARDIAN = 2 ** 77;

    struct Set {
        uint16 id;
        uint16 feeBps;
        uint24 minRun;
        uint24 minWindow;
    }

    function theFieldsAreTheWholeWord(Posting p) external pure {
        unchecked {
            require(Posting.unwrap(p) < 2 ** 237);
            uint256 set = p.snapshot() + p.minRun() * 2 ** 28 + p.minWindow() * 2 ** 52;
            uint256 paused = p.isPaused() ? PAUSED : 0;
            assert(set + paused + uint160(p.guardian()) * GUARDIAN == Posting.unwrap(p));
        }
    }

    function aSetIsTakenAlone(Posting p, Set calldata s) external pure {
        require(s.id < 2 ** 12);
        Posting next = p.withSet(s.id, s.feeBps, s.minRun, s.minWindow);
        assert(next.parametersId() == s.id);
        assert(next.snapshot() == uint256(s.id) + uint256(s.feeBps) * 2 ** 12);
        assert(next.minRun() == s.minRun);
        assert(next.minWindow() == s.minWindow);
        assert(Posting.unwrap(next) / PAUSED == Posting.unwrap(p) / PAUSED);
    }

    function aPauseIsNotedAlone(Posting p, bool paused) external pure {
        Posting next = p.withPaused(paused);
        assert(next.isPaused() == paused);
        assert(Posting.unwrap(next) % PAUSED == Posting.unwrap(p) % PAUSED);
        assert(next.guardian() == p.guardian());
    }

    function aGuardianIsChangedAlone(Posting p, address by) external pure {
        Posting next = p.withGuardian(by);
        assert(next.guardian() == by);
        assert(Posting.unwrap(next) % GUARDIAN == Posting.unwrap(p) % GUARDIAN);
    }
}
