// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { IMediator } from "../interfaces/IAssurance.sol";
import { JobTerms } from "../types/JobTerms.sol";

/// @notice The hook of a mediated level in a test's hand: hears or refuses, and makes any call it is told to.
contract MediatorMock is IMediator {
    using Address for address;

    /// @notice How it takes what the market tells it.
    enum Manner {
        Hears,
        Refuses, // with a reason
        Mute // reverts without one
    }

    error MediatorMockRefuses(bytes32 jobId);

    event Told(bytes32 indexed jobId, address indexed requester, bytes32 assurance);
    event ToldOfClaim(bytes32 indexed jobId, address indexed provider);

    Manner public manner;

    function setManner(Manner manner_) external {
        manner = manner_;
    }

    /// @inheritdoc IMediator
    function jobPosted(bytes32 jobId, address requester, JobTerms calldata terms) external {
        _hear(jobId);
        emit Told(jobId, requester, terms.assurance);
    }

    /// @inheritdoc IMediator
    function jobClaimed(bytes32 jobId, address provider) external {
        _hear(jobId);
        emit ToldOfClaim(jobId, provider);
    }

    function forward(address target, bytes calldata data) external {
        target.functionCall(data);
    }

    function _hear(bytes32 jobId) private view {
        require(manner != Manner.Refuses, MediatorMockRefuses(jobId));
        if (manner == Manner.Mute) {
            assembly ("memory-safe") {
                revert(0, 0)
            }
        }
    }
}
