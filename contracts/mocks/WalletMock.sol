// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";

/// @notice A contract wallet of one owner, who signs in its name (ERC-1271) and makes it call. It takes every call, so
/// that it may stand for a mediating hook that leaves everything to its owner.
contract WalletMock is IERC1271 {
    using Address for address;

    error WalletMockNotOwner(address caller);

    address public immutable owner;

    constructor(address owner_) {
        owner = owner_;
    }

    receive() external payable {}

    fallback() external payable {}

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return ECDSA.recoverCalldata(hash, signature) == owner ? IERC1271.isValidSignature.selector : bytes4(0);
    }

    function forward(address target, bytes calldata data) external returns (bytes memory) {
        require(msg.sender == owner, WalletMockNotOwner(msg.sender));
        return target.functionCall(data);
    }
}
