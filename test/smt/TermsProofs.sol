// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { JobLimits, JobRules, JobRulesLibrary } from "../../contracts/types/JobTerms.sol";
import { ReplicationTerms } from "../../contracts/types/ReplicationTerms.sol";
import { Resources } from "../../contracts/types/Resources.sol";
import { UFloat20 } from "../../contracts/types/UFloat20.sol";

/// @notice The words of a job's terms: no bit is read twice, and none but those said to be free is left out.
contract TermsProofs {
    struct Binding {
        uint80 price;
        uint24 run;
        uint24 window;
        uint8 level;
        uint16 id;
        uint16 fee;
    }

    function theLowFieldsOfRulesAreTheLowerPartOfTheWord(JobRules r) external pure {
        uint256 price = r.maxPrice() + r.minBps() * 2 ** 80;
        uint256 flags = (r.isPrivate() ? 2 ** 94 : 0) + (r.isMetered() ? 2 ** 95 : 0);
        assert(price + flags + r.ramp() * 2 ** 96 == JobRules.unwrap(r) % 2 ** 120);
    }

    function theHighFieldsOfRulesAreTheRestOfTheWord(JobRules r) external pure {
        uint256 times = r.run() + r.window() * 2 ** 24;
        uint256 least = UFloat20.unwrap(r.minReputation()) * 2 ** 48 + uint256(Resources.unwrap(r.floor())) * 2 ** 68;
        assert(times + least + r.level() * 2 ** 100 + r.snapshot() * 2 ** 108 == JobRules.unwrap(r) >> 120);
    }

    function aSnapshotIsASetAndItsFee(JobRules r) external pure {
        assert(r.snapshot() == r.parametersId() + r.feeBps() * 2 ** 12);
    }

    function theFieldsOfLimitsAreTheWholeWord(JobLimits limits) external pure {
        uint256 size = limits.tasks() + limits.claimBy() * 2 ** 32 + limits.stepLimit() * 2 ** 64;
        uint256 bounds = limits.maxOutput() * 2 ** 128 + limits.maxPages() * 2 ** 160;
        assert(size + bounds + limits.meteredBps() * 2 ** 176 + limits.nonce() * 2 ** 192 == JobLimits.unwrap(limits));
    }

    function theFieldsOfASeatAreTheWholeWord(ReplicationTerms t) external pure {
        uint256 group = t.index() + t.seats() * 2 ** 8 + t.spares() * 2 ** 16 + t.drawBits() * 2 ** 24;
        uint256 times = t.commitTime() * 2 ** 48 + t.revealTime() * 2 ** 72 + t.drawTime() * 2 ** 96;
        uint256 free = (uint256(ReplicationTerms.unwrap(t)) / 2 ** 120) * 2 ** 120;
        assert(group + t.baseBps() * 2 ** 32 + times + free == uint256(ReplicationTerms.unwrap(t)));
        assert(uint256(t.shared()) + t.index() == uint256(ReplicationTerms.unwrap(t)));
    }

    function theFieldsOfResourcesAreTheWholeWord(Resources r) external pure {
        unchecked {
            assert(r.cores() + r.memoryUnits() * 2 ** 8 + r.disk() * 2 ** 20 == Resources.unwrap(r));
        }
    }

    function aSnapshotIsTakenAlone(JobRules r, uint32 taken) external pure {
        require(taken < 2 ** 28);
        require(r.snapshot() == 0 || r.snapshot() == taken);
        assert(r.withSnapshot(taken).snapshot() == taken);
        assert(JobRules.unwrap(r.withSnapshot(taken)) % 2 ** 228 == JobRules.unwrap(r) % 2 ** 228);
    }

    function aMeterIsNotedAlone(JobRules r) external pure {
        unchecked {
            assert(JobRules.unwrap(r.withMetered()) == JobRules.unwrap(r) + (r.isMetered() ? 0 : 2 ** 95));
        }
    }

    function whatBindsIsHeld(Binding calldata b) external pure {
        require(b.id < 2 ** 12);
        JobRules r = JobRulesLibrary.packBinding(b.price, b.run, b.window, b.level, b.id, b.fee);
        assert(r.maxPrice() == b.price);
        assert(r.run() == b.run);
        assert(r.window() == b.window);
        assert(r.level() == b.level);
        assert(r.parametersId() == b.id);
        assert(r.feeBps() == b.fee);
        assert(r.minBps() == 0 && r.ramp() == 0 && Resources.unwrap(r.floor()) == 0);
        assert(UFloat20.unwrap(r.minReputation()) == 0 && !r.isPrivate() && !r.isMetered());
    }
}
