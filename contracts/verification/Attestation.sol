// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { IAssurance } from "../interfaces/IAssurance.sol";
import { IAttestation } from "../interfaces/IAttestation.sol";
import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { JobStatus } from "../types/JobStatus.sol";
import { JobTerms } from "../types/JobTerms.sol";

/// @title Attestation
/// @notice Hook of the level Attested: Optimistic, with a window that the signature of a named attester ends early.
/// @dev Holds no money and calls nothing that changes the market.
contract Attestation is IAssurance, IAttestation, EIP712 {
    bytes32 private constant ATTESTATION_TYPEHASH = keccak256(
        "Attestation(address market,bytes32 jobId,bytes32 resultCommitment)"
    );

    mapping(address market => mapping(bytes32 jobId => bool)) public override isAttested;

    constructor() EIP712("Assay Attestation", "1") {}

    /// @inheritdoc IAssurance
    function isFinal(bytes32 jobId, uint256 windowEnd) external view returns (bool) {
        return block.timestamp > windowEnd || isAttested[msg.sender][jobId];
    }

    /// @inheritdoc IAttestation
    function attest(
        IJobMarket market,
        address requester,
        JobTerms calldata terms,
        address[] calldata attesters,
        uint256 index,
        bytes calldata signature
    ) external {
        // Check
        bytes32 jobId = market.jobIdOf(requester, terms);
        bytes32 list = attestersHash(attesters);
        require(list == terms.assurance, AttestationWrongList(jobId, list, terms.assurance));
        require(index < attesters.length, AttestationUnknownAttester(jobId, index, attesters.length));
        address attester = attesters[index];
        IJobMarket.JobView memory job = market.getJob(jobId);
        require(
            job.resultCommitment != 0 && (job.status == JobStatus.Submitted || job.status == JobStatus.Disputed),
            AttestationNoResult(jobId, job.status)
        );
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(ATTESTATION_TYPEHASH, address(market), jobId, job.resultCommitment))
        );
        require(
            SignatureChecker.isValidSignatureNowCalldata(attester, digest, signature),
            AttestationWrongSignature(jobId, attester, digest)
        );

        // Effect
        isAttested[address(market)][jobId] = true;
        emit ResultAttested(address(market), jobId, attester, job.resultCommitment);
    }

    /// @inheritdoc IAttestation
    function attestersHash(address[] calldata attesters) public pure returns (bytes32) {
        return keccak256(abi.encode(attesters));
    }
}
