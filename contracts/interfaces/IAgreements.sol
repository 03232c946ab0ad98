// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Signed requests and offers
/// @notice EIP-712, domain `Assay` version `1` with chain and market. A request is signed by a requester and taken by
/// {IJobMarket.claimSigned}, an offer is signed by a provider and taken by {IJobMarket.acceptOffer}; both are
/// `(requester, provider, programId, inputsRoot, sharedInput, rules, limits, assurance, dataUri)` with the fields of
/// the job's terms, and a zero address for "whoever takes it". They end at the terms' `claimBy`. The terms' nonce is
/// spent with the first of a signer's agreements that names it, so signing again with the same nonce replaces, never
/// adds.
interface IAgreements {
    error AgreementWrongSignature(address signer, bytes32 digest);
    error AgreementNonceSpent(address signer, uint256 nonce);

    event NoncesCancelled(address indexed signer, uint256 index, uint256 nonces);

    /// @notice The nonces `256 * index` to `256 * index + 255` of `signer` that were used or cancelled, a bit each.
    function spentNonces(address signer, uint256 index) external view returns (uint256);

    /// @notice Makes what the caller signed with any of these nonces worthless.
    /// @param nonces A bit for each of the nonces `256 * index` to `256 * index + 255`.
    /// @dev Emits {NoncesCancelled}.
    function cancelNonces(uint256 index, uint256 nonces) external;
}
