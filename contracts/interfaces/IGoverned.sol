// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Who governs
/// @notice A TimelockController of OpenZeppelin's, for ever: whoever may propose to it announces a change its delay
/// ahead. The guardian may only stop new jobs.
interface IGoverned {
    error GovernedNotTimelock(address caller, address timelock);
    error GovernedNotGuardian(address caller, address guardian);

    event GuardianChanged(address indexed guardian);

    /// @notice The TimelockController that adds parameter sets and names the fee recipient and the guardian.
    function timelock() external view returns (address);

    /// @notice Who may pause posting; zero for nobody.
    function guardian() external view returns (address);

    /// @notice Names the guardian. Only the timelock.
    /// @dev Emits {GuardianChanged}.
    function setGuardian(address guardian) external;
}
