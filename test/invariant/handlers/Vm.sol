// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What the test runner lets a Solidity test do to the chain: the part of it that these tests use.
interface IVm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    /// @notice Sets the time of the block.
    function warp(uint256 time) external;

    /// @notice Sets the number of the block.
    function roll(uint256 number) external;

    /// @notice Makes the next call come from `sender`.
    function prank(address sender) external;

    /// @notice Forgets the events recorded so far, and records from now on.
    function recordLogs() external;

    /// @notice The events recorded since.
    function getRecordedLogs() external returns (Log[] memory);

    /// @notice The address of a private key.
    function addr(uint256 key) external pure returns (address);

    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);

    /// @notice The creation code of a compiled contract, its libraries linked.
    function getCode(string calldata artifact) external view returns (bytes memory);
}

IVm constant VM = IVm(address(uint160(uint256(keccak256("hevm cheat code")))));
