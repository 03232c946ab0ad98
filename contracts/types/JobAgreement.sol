// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { JobRules, JobRulesLibrary } from "./JobTerms.sol";

/// @notice All that a job keeps of its terms when it is posted and claimed in one transaction. From the lowest bit:
/// requester 160, price 46 (mantissa 40, exponent 6), window 24, level 4, parametersId 12, feeBps 10. The run time
/// stands in the claim's word.
type JobAgreement is uint256;

/// @notice A signed job's price has more than 40 significant bits.
/// @param multiple What the price must be a multiple of.
error JobAgreementPriceTooFine(uint256 price, uint256 multiple);

using JobAgreementLibrary for JobAgreement global;

library JobAgreementLibrary {
    uint256 private constant MANTISSA_BITS = 40;

    /// @param rules With the snapshot; the price is their `maxPrice`, below 2^80.
    function pack(address by, JobRules rules) internal pure returns (JobAgreement) {
        uint256 price = rules.maxPrice();
        uint256 exponent = Math.saturatingSub(Math.log2(price) + 1, MANTISSA_BITS);
        uint256 mantissa = price >> exponent;
        require(mantissa << exponent == price, JobAgreementPriceTooFine(price, 1 << exponent));
        return
            JobAgreement.wrap(
                uint160(by) |
                    (mantissa << 160) |
                    (exponent << 200) |
                    (rules.window() << 206) |
                    (rules.level() << 230) |
                    (rules.parametersId() << 234) |
                    (rules.feeBps() << 246)
            );
    }

    /// @notice The rules that still bind, with the price as their `maxPrice`.
    function rulesWith(JobAgreement self, uint256 run) internal pure returns (JobRules) {
        uint256 word = JobAgreement.unwrap(self);
        uint256 price = uint256(uint40(word >> 160)) << ((word >> 200) & 0x3f);
        return
            JobRulesLibrary.packBinding(
                price,
                run,
                uint24(word >> 206),
                (word >> 230) & 0xf,
                (word >> 234) & 0xfff,
                word >> 246
            );
    }
}
