// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title AssayToken
/// @notice An ERC-20 with permit and 6 decimals for local chains; a production market uses a stablecoin.
contract AssayToken is ERC20, ERC20Permit {
    constructor(address holder, uint256 supply) ERC20("Assay Token", "ASSAY") ERC20Permit("Assay Token") {
        _mint(holder, supply);
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
