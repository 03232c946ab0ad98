// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { JobAgreement, JobAgreementLibrary } from "../../contracts/types/JobAgreement.sol";
import { JobRules } from "../../contracts/types/JobTerms.sol";

/// @notice A signed job keeps of its rules what binds, exactly or not at all.
contract AgreementProofs {
    function whatWasAgreedIsKept(address by, JobRules rules, uint24 run) external pure {
        require(rules.level() < 2 ** 4 && rules.feeBps() < 2 ** 10);
        JobAgreement agreement = JobAgreementLibrary.pack(by, rules);
        JobRules kept = agreement.rulesWith(run);
        assert(address(uint160(JobAgreement.unwrap(agreement))) == by);
        assert(kept.maxPrice() == rules.maxPrice());
        assert(kept.run() == run);
        assert(kept.window() == rules.window());
        assert(kept.level() == rules.level());
        assert(kept.snapshot() == rules.snapshot());
    }
}
