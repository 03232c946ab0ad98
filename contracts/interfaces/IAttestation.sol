// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobStatus } from "../types/JobStatus.sol";
import { JobTerms } from "../types/JobTerms.sol";
import { IJobMarket } from "./IJobMarket.sol";

/// @title The level Attested
/// @notice A job's `assurance` is the hash of the list of its attesters. Any one of them may end the challenge window
/// by signing the result; without a signature the job settles after the window, as an Optimistic one does. A challenge
/// that is open keeps it from settling either way.
interface IAttestation {
    error AttestationWrongList(bytes32 jobId, bytes32 actual, bytes32 expected);
    error AttestationUnknownAttester(bytes32 jobId, uint256 index, uint256 count);
    error AttestationNoResult(bytes32 jobId, JobStatus status);
    error AttestationWrongSignature(bytes32 jobId, address attester, bytes32 digest);

    event ResultAttested(
        address indexed market,
        bytes32 indexed jobId,
        address indexed attester,
        bytes32 resultCommitment
    );

    /// @notice Whether an attester signed the result of a job of `market`.
    function isAttested(address market, bytes32 jobId) external view returns (bool);

    /// @notice What the `assurance` of a job with these attesters is: `keccak256(abi.encode(attesters))`.
    function attestersHash(address[] calldata attesters) external pure returns (bytes32);

    /// @notice Hands in an attester's signature over a job's result. Callable by anyone.
    /// @param requester Whose job it is, with its `terms`: together they are the job's id.
    /// @param attesters The whole list, and at which `index` in it the signer stands.
    /// @param signature EIP-712 `Attestation(address market,bytes32 jobId,bytes32 resultCommitment)` in the domain
    /// `Assay Attestation` version `1` of this contract; of a contract by ERC-1271.
    /// @dev Emits {ResultAttested}.
    /// Requirements:
    /// - The job must have a result that is not final.
    function attest(
        IJobMarket market,
        address requester,
        JobTerms calldata terms,
        address[] calldata attesters,
        uint256 index,
        bytes calldata signature
    ) external;
}
