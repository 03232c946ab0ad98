// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Resources } from "../types/Resources.sol";

/// @title Providers: what they offer, their stake and their reputation
interface IProviders {
    error ProvidersReputationTooLow(address provider, uint256 reputation, uint256 required);
    error ProvidersResourcesTooLow(address provider, Resources offered, Resources required);
    error ProvidersConcurrencyReached(address provider, uint256 active, uint256 concurrency);
    error ProvidersExposureExceeded(address provider, uint256 locked, uint256 bond, uint256 limit);
    error ProvidersEndpointTooLong(uint256 length, uint256 max);

    event ProviderUpdated(
        address indexed provider,
        Resources resources,
        uint256 concurrency,
        string endpoint,
        bytes32 encryptionKey
    );
    event Staked(address indexed provider, uint256 amount);
    event Unstaked(address indexed provider, uint256 amount);

    /// @notice What `provider` declares, and its reputation (units, decayed until now), faults and fees owed (units).
    /// A provider that never registered has zero `concurrency`.
    function providerOf(
        address provider
    )
        external
        view
        returns (
            Resources resources,
            uint256 concurrency,
            uint256 faults,
            uint256 reputation,
            uint256 feeOwed,
            string memory endpoint,
            bytes32 encryptionKey
        );

    /// @notice When `provider` first registered; zero where it never did.
    function registeredAt(address provider) external view returns (uint256);

    /// @notice Registers the caller as a provider, or replaces everything it declared.
    /// @param resources What its machine offers to each job.
    /// @param concurrency How many jobs it holds at once at the most; zero to take no more.
    /// @param endpoint Base URL where it serves results, at most 256 bytes, all of them ASCII.
    /// @param encryptionKey X25519 public key for private inputs, zero for none.
    /// @dev Emits {ProviderUpdated}.
    function updateProvider(
        Resources resources,
        uint16 concurrency,
        string calldata endpoint,
        bytes32 encryptionKey
    ) external;

    /// @notice Moves units of the caller's balance to its stake.
    /// @dev Emits {Staked}.
    function stake(uint256 amount) external;

    /// @notice Moves units of the caller's stake that no claim has locked back to its balance, at once.
    /// @dev Emits {Unstaked}.
    /// Notes:
    /// - No thawing is needed: a bond stays locked until its job is final.
    function unstake(uint256 amount) external;
}
