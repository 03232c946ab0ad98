// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobTerms } from "../types/JobTerms.sol";

/// @notice What a job is called: the hash of all that its requester offered, where.
library JobIds {
    /// @param dataUri That of `terms`: finding it in the calldata costs more than passing it on.
    function jobIdOf(
        address market,
        address requester,
        JobTerms calldata terms,
        string calldata dataUri
    ) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    block.chainid,
                    market,
                    requester,
                    terms.programId,
                    terms.inputsRoot,
                    terms.sharedInput,
                    terms.rules,
                    terms.limits,
                    terms.assurance,
                    keccak256(bytes(dataUri))
                )
            );
    }
}
