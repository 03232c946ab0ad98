// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice What a {CallbackTokenMock} calls on the sender before, and on the recipient after a transfer.
interface ITokenCallbacks {
    function tokensToSend(address from, address to, uint256 value) external;

    function tokensReceived(address from, address to, uint256 value) external;
}

/// @notice A token that calls registered senders and recipients, as ERC-777 does.
contract CallbackTokenMock is ERC20 {
    mapping(address account => bool) private _registered;

    constructor(address holder, uint256 supply) ERC20("Callback", "CALL") {
        _mint(holder, supply);
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function register() external {
        _registered[msg.sender] = true;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (_registered[from]) ITokenCallbacks(from).tokensToSend(from, to, value);
        super._update(from, to, value);
        if (_registered[to]) ITokenCallbacks(to).tokensReceived(from, to, value);
    }
}

/* solhint-disable avoid-low-level-calls */

/// @notice An account that makes any call it is told to, at once or during its next token callback.
contract CallbackAccountMock is ITokenCallbacks {
    address private _target;
    bytes private _data;
    bool private _insists;

    /// @notice How the call during the callback ended.
    bool public called;
    bool public succeeded;
    bytes public answer;

    function execute(address target, bytes calldata data) external returns (bytes memory) {
        (bool success, bytes memory returned) = target.call(data);
        if (!success) _bubble(returned);
        return returned;
    }

    /// @notice Makes several calls in one transaction.
    function executeAll(address target, bytes[] calldata data) external {
        for (uint256 i = 0; i < data.length; ++i) this.execute(target, data[i]);
    }

    /// @notice Sets the call to make during the next callback, and whether its failure is to fail the callback.
    function arm(address target, bytes calldata data, bool insists) external {
        _target = target;
        _data = data;
        _insists = insists;
        called = false;
    }

    function tokensToSend(address, address, uint256) external {
        _strike();
    }

    function tokensReceived(address, address, uint256) external {
        _strike();
    }

    function _strike() private {
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        called = true;
        (succeeded, answer) = target.call(_data);
        if (_insists && !succeeded) _bubble(answer);
    }

    function _bubble(bytes memory reason) private pure {
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
