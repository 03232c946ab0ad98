// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { IAgreements } from "./interfaces/IAgreements.sol";
import { JobTerms } from "./types/JobTerms.sol";

/// @title Agreements
/// @notice What one side signed so that the other can make a job of it, each at most once.
abstract contract Agreements is IAgreements, EIP712 {
    bytes32 private constant REQUEST_TYPEHASH = keccak256(
        "JobRequest"
        "(address requester,address provider,bytes32 programId,bytes32 inputsRoot,bytes32 sharedInput,"
        "uint256 rules,uint256 limits,bytes32 assurance,string dataUri)"
    );
    bytes32 private constant OFFER_TYPEHASH = keccak256(
        "JobOffer"
        "(address requester,address provider,bytes32 programId,bytes32 inputsRoot,bytes32 sharedInput,"
        "uint256 rules,uint256 limits,bytes32 assurance,string dataUri)"
    );

    mapping(address signer => mapping(uint256 index => uint256)) private _spentNonces;

    constructor() EIP712("Assay", "1") {}

    /// @inheritdoc IAgreements
    function spentNonces(address signer, uint256 index) external view returns (uint256) {
        return _spentNonces[signer][index];
    }

    /// @inheritdoc IAgreements
    function cancelNonces(uint256 index, uint256 nonces) external {
        _spentNonces[msg.sender][index] |= nonces;
        emit NoncesCancelled(msg.sender, index, nonces);
    }

    /// @dev Spends the nonce of a request that `requester` signed, for one `provider` or, zero, for any.
    function _spendRequest(
        address requester,
        address provider,
        JobTerms calldata terms,
        bytes calldata signature
    ) internal {
        _spend(requester, _hash(REQUEST_TYPEHASH, requester, provider, terms), terms, signature);
    }

    /// @dev Spends the nonce of an offer that `provider` signed, for one `requester` or, zero, for any.
    function _spendOffer(
        address requester,
        address provider,
        JobTerms calldata terms,
        bytes calldata signature
    ) internal {
        _spend(provider, _hash(OFFER_TYPEHASH, requester, provider, terms), terms, signature);
    }

    function _hash(
        bytes32 typehash,
        address requester,
        address provider,
        JobTerms calldata terms
    ) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    typehash,
                    requester,
                    provider,
                    terms.programId,
                    terms.inputsRoot,
                    terms.sharedInput,
                    terms.rules,
                    terms.limits,
                    terms.assurance,
                    keccak256(bytes(terms.dataUri))
                )
            );
    }

    function _spend(address signer, bytes32 structHash, JobTerms calldata terms, bytes calldata signature) private {
        // Check: an account's own signature first, so that only a contract's costs a call.
        uint256 nonce = terms.limits.nonce();
        bytes32 digest = _hashTypedDataV4(structHash);
        (address recovered, , ) = ECDSA.tryRecoverCalldata(digest, signature);
        require(
            signer != address(0) &&
                (recovered == signer || SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature)),
            AgreementWrongSignature(signer, digest)
        );
        uint256 spent = _spentNonces[signer][nonce >> 8];
        uint256 bit = 1 << (nonce & 0xff);
        require(spent & bit == 0, AgreementNonceSpent(signer, nonce));

        // Effect
        _spentNonces[signer][nonce >> 8] = spent | bit;
    }
}
