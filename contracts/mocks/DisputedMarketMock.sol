// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IDisputeGame } from "../interfaces/IDisputeGame.sol";

/// @notice A market that opens games about jobs it does not have, says whatever it likes about them, and calls back
/// where it is called.
contract DisputedMarketMock {
    address public provider;
    bytes32 public commitment;
    uint256 public open;
    uint256 public slash;
    uint256 public transferred;
    uint256 public reentered;
    uint256 public refused;

    IDisputeGame private immutable _game;
    bytes[] private _calls;

    constructor(IDisputeGame game) {
        _game = game;
    }

    function say(address provider_, bytes32 commitment_, uint256 open_, uint256 slash_) external {
        (provider, commitment, open, slash) = (provider_, commitment_, open_, slash_);
    }

    /// @notice Makes that call of the game wherever the game calls this contract.
    function callBack(bytes calldata data) external {
        _calls.push(data);
    }

    function tell(address challenger, uint256 bond, bytes calldata data) external {
        _game.ledgerTransferReceived(challenger, bond, data);
    }

    function challengeOpened(bytes32) external returns (address, bytes32, uint256) {
        _reenter();
        ++open;
        return (provider, commitment, open - 1);
    }

    function challengeClosed(bytes32) external {
        _reenter();
    }

    function reject(bytes32, uint256) external returns (uint256, uint256) {
        _reenter();
        return (slash, open);
    }

    function transfer(address, uint256 amount, bytes calldata) external {
        transferred += amount;
        _reenter();
    }

    function _reenter() private {
        for (uint256 i = 0; i < _calls.length; ++i) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool success, ) = address(_game).call(_calls[i]);
            if (success) ++reentered;
            else ++refused;
        }
    }
}
