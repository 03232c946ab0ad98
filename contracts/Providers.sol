// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ledger } from "./Ledger.sol";
import { ParameterSets } from "./ParameterSets.sol";
import { IProviders } from "./interfaces/IProviders.sol";
import { Bonding } from "./libraries/Bonding.sol";
import { Reputation } from "./libraries/Reputation.sol";
import { Account } from "./types/Account.sol";
import { JobRules } from "./types/JobTerms.sol";
import { Parameters } from "./types/Parameters.sol";
import { Profile } from "./types/Profile.sol";
import { Resources } from "./types/Resources.sol";
import { requireAscii } from "./types/Text.sol";
import { UFloat20 } from "./types/UFloat20.sol";

/// @title Providers
/// @notice Registry, stake, bonds and reputation.
abstract contract Providers is Ledger, ParameterSets, IProviders {
    uint256 private constant MAX_ENDPOINT_LENGTH = 256;

    /// @dev What only readers off-chain need.
    struct Contact {
        bytes32 encryptionKey;
        string endpoint;
        uint64 registeredAt;
    }

    mapping(address provider => Contact) private _contacts;

    /// @inheritdoc IProviders
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
        )
    {
        Profile profile = _profiles[provider];
        Contact storage contact = _contacts[provider];
        return (
            profile.resources(),
            profile.concurrency(),
            profile.faults(),
            _reputationOf(profile),
            profile.feeOwed(),
            contact.endpoint,
            contact.encryptionKey
        );
    }

    /// @inheritdoc IProviders
    function registeredAt(address provider) external view returns (uint256) {
        return _contacts[provider].registeredAt;
    }

    /// @inheritdoc IProviders
    function updateProvider(
        Resources resources,
        uint16 concurrency,
        string calldata endpoint,
        bytes32 encryptionKey
    ) external {
        uint256 length = bytes(endpoint).length;
        require(length <= MAX_ENDPOINT_LENGTH, ProvidersEndpointTooLong(length, MAX_ENDPOINT_LENGTH));
        requireAscii("endpoint byte", endpoint);
        _profiles[msg.sender] = _profiles[msg.sender].withDeclared(resources, concurrency);
        Contact storage contact = _contacts[msg.sender];
        contact.encryptionKey = encryptionKey;
        contact.endpoint = endpoint;
        if (contact.registeredAt == 0) contact.registeredAt = uint64(block.timestamp);
        emit ProviderUpdated(msg.sender, resources, concurrency, endpoint, encryptionKey);
    }

    /// @inheritdoc IProviders
    function stake(uint256 amount) external {
        _accounts[msg.sender] = _accounts[msg.sender].debit(amount).addStake(amount);
        emit Staked(msg.sender, amount);
    }

    /// @inheritdoc IProviders
    function unstake(uint256 amount) external {
        _accounts[msg.sender] = _accounts[msg.sender].removeStake(amount).credit(amount);
        emit Unstaked(msg.sender, amount);
    }

    /// @dev The bond for a claim at `price`, once the provider was found eligible under the job's floors and its own
    /// limits.
    function _requireEligible(address provider, JobRules rules, uint256 price) internal view returns (UFloat20 bond) {
        Profile profile = _profiles[provider];
        Account account = _accounts[provider];
        Parameters storage p = _parametersOf(rules.parametersId());

        require(
            account.active() < profile.concurrency(),
            ProvidersConcurrencyReached(provider, account.active(), profile.concurrency())
        );
        Resources offered = profile.resources();
        require(offered.covers(rules.floor()), ProvidersResourcesTooLow(provider, offered, rules.floor()));

        uint256 reputation = _reputationOf(profile);
        uint256 minReputation = rules.minReputation().decode();
        require(reputation >= minReputation, ProvidersReputationTooLow(provider, reputation, minReputation));

        bond = Bonding.bondFor(p, price, reputation);
        uint256 limit = Bonding.exposureLimit(p, reputation);
        uint256 more = bond.decode();
        require(account.locked() + more <= limit, ProvidersExposureExceeded(provider, account.locked(), more, limit));
    }

    /// @dev Pays `pay` and ends the claim: the bond is free again but for `slash`, the fee is owed and counts as
    /// reputation.
    function _rewardProvider(address provider, uint256 bond, uint256 slash, uint256 pay, uint256 fee) internal {
        _accounts[provider] = _accounts[provider].unlock(bond, slash).credit(pay);
        Profile profile = _profiles[provider];
        uint256 reputation = Reputation.increased(_reputationOf(profile), fee);
        _profiles[provider] = profile.withFee(fee).withReputation(reputation, block.timestamp);
    }

    /// @dev Ends the claim and takes `slash` of its bond.
    function _debitBond(address provider, uint256 bond, uint256 slash) internal {
        _accounts[provider] = _accounts[provider].unlock(bond, slash);
    }

    /// @dev Records a fault that leaves `reputation`.
    function _recordFault(address provider, bool fraud) internal {
        Profile profile = _profiles[provider];
        uint256 reputation = _reputationOf(profile);
        reputation = fraud ? Reputation.afterFraud(reputation) : Reputation.afterLateness(reputation);
        _profiles[provider] = profile.withFault().withReputation(reputation, block.timestamp);
    }

    function _reputationOf(Profile profile) private view returns (uint256) {
        return Reputation.decayed(profile.reputation(), profile.reputationAt(), block.timestamp);
    }
}
