// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A token whose transfers and approvals return nothing and which, without saying why, lets an allowance change
/// from and to zero only, as the oldest stablecoin does. It has no permit.
contract NoReturnTokenMock {
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    constructor(address holder, uint256 supply) {
        balanceOf[holder] = supply;
    }

    function decimals() external pure returns (uint8) {
        return 6;
    }

    function approve(address spender, uint256 value) external {
        if (value != 0 && allowance[msg.sender][spender] != 0) {
            assembly ("memory-safe") {
                revert(0, 0)
            }
        }
        allowance[msg.sender][spender] = value;
    }

    function transfer(address to, uint256 value) external {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
    }

    function transferFrom(address from, address to, uint256 value) external {
        allowance[from][msg.sender] -= value;
        balanceOf[from] -= value;
        balanceOf[to] += value;
    }
}
