// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice A wallet contract: what its owner signed counts as signed by it (ERC-1271), and it makes any call its owner
/// tells it to.
contract WalletMock is IERC1271 {
    using Address for address;

    /// @notice How it answers when asked for a signature.
    enum Manner {
        Honest,
        Silent, // answers nothing
        Wrong, // answers another word
        Reverting
    }

    error WalletMockRefuses();

    address public immutable owner;
    Manner public manner;

    constructor(address owner_) {
        owner = owner_;
    }

    /// @dev Takes every call: it may stand for a mediating hook that leaves everything to its owner.
    // solhint-disable-next-line payable-fallback
    fallback() external {}

    function setManner(Manner manner_) external {
        manner = manner_;
    }

    function execute(address target, bytes calldata data) external {
        require(msg.sender == owner, WalletMockRefuses());
        target.functionCall(data);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        require(manner != Manner.Reverting, WalletMockRefuses());
        if (manner == Manner.Silent) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        (address recovered, , ) = ECDSA.tryRecoverCalldata(hash, signature);
        return recovered == owner && manner == Manner.Honest ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}
