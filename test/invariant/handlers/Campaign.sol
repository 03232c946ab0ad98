// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { AssayToken } from "../../../contracts/token/AssayToken.sol";
import { Clock } from "./Clock.sol";
import { CollusivePair } from "./CollusivePair.sol";
import { Dice } from "./Dice.sol";
import { Governor } from "./Governor.sol";
import { Handler } from "./Handler.sol";
import { Hooks } from "./Hooks.sol";
import { Keeper } from "./Keeper.sol";
import { Provider } from "./Provider.sol";
import { Requester } from "./Requester.sol";
import { IMarket, Stage } from "./Stage.sol";
import { Witness } from "./Witness.sol";

/// @notice A market with one handler for each actor, as the test runner wants it: it calls their moves in random
/// sequences, and after each of them the function whose name begins with `invariant`. There is one in each campaign: a
/// second one would see the same sequences again.
abstract contract Campaign {
    /// @dev The form that the test runner expects.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    struct Move {
        string title;
        string name;
        Handler handler;
        bytes4 selector;
    }

    error InvariantBroken(string id, string how);
    error MoveReverted(string move, uint256 seed, bytes reason);
    error TooFewSucceeded(uint256 succeeded, uint256 refused, uint256 idle);

    /// @dev Shorter runs than this say nothing about how many calls succeed.
    uint256 private constant ENOUGH = 100;

    Stage internal stage;
    IMarket internal market;
    Witness internal witness;
    Handler[] internal handlers;
    /// @dev Every move of every handler.
    Move[] internal moves;

    function setUp() public virtual {
        _raise(new AssayToken(address(this), 1e18));
    }

    function targetContracts() external view returns (address[] memory list) {
        list = new address[](handlers.length);
        for (uint256 i = 0; i < list.length; ++i) list[i] = address(handlers[i]);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory list) {
        list = new FuzzSelector[](handlers.length);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i].addr = address(handlers[i]);
            list[i].selectors = handlers[i].selectors();
        }
    }

    /// @notice After each sequence: one in which most calls were refused, or hardly a move found anything to do, would
    /// have proven nothing. It is mostly eight in ten, and six.
    function afterInvariant() external view {
        (uint256 idle, uint256 refused, uint256 succeeded) = _total();
        uint256 all = idle + refused + succeeded;
        bool isFit = succeeded >= refused && succeeded >= all / 4;
        require(all < ENOUGH || isFit, TooFewSucceeded(succeeded, refused, idle));
    }

    /// @dev What makes the sequences of this campaign different from those of others.
    function _salt() internal pure virtual returns (uint256);

    /// @param token All of it belongs to this contract.
    function _raise(IERC20 token) internal {
        stage = new Stage(token, _salt());
        market = stage.market();
        witness = stage.witness();
        _cast();
        token.transfer(address(stage), token.balanceOf(address(this)));
        stage.open();
    }

    /// @dev Who acts.
    function _cast() internal virtual {
        _add("Requester", new Requester(stage, stage.requesters()));
        _add("Provider", new Provider(stage, stage.providers()));
        _add("CollusivePair", new CollusivePair(stage, stage.pair()));
        _add("Keeper", new Keeper(stage, stage.keepers()));
        _add("Hooks", new Hooks(stage, _crowd()));
        _add("Governor", new Governor(stage, _crowd()));
        _add("Clock", new Clock(stage));
    }

    function _add(string memory title, Handler handler) internal {
        handlers.push(handler);
        string[] memory names = handler.moves();
        for (uint256 i = 0; i < names.length; ++i) {
            moves.push(Move(title, names[i], handler, handler.selectorOf(names[i])));
        }
    }

    /// @dev A few of every kind.
    function _crowd() internal view returns (address[] memory crowd) {
        crowd = new address[](5);
        crowd[0] = stage.requesters()[0];
        crowd[1] = stage.providers()[0];
        crowd[2] = stage.pair()[1];
        crowd[3] = stage.keepers()[0];
        crowd[4] = stage.treasury();
    }

    /// @dev Moves drawn as the test runner draws them: each of each handler is as likely as any other.
    function _play(Dice memory d, uint256 count) internal {
        for (uint256 i = 0; i < count; ++i) {
            Move storage move = moves[d.below(moves.length)];
            uint256 seed = d.below(type(uint256).max);
            // solhint-disable-next-line avoid-low-level-calls
            (bool success, bytes memory reason) = address(move.handler).call(
                abi.encodeWithSelector(move.selector, seed)
            );
            require(success, MoveReverted(move.name, seed, reason));
        }
    }

    function _total() internal view returns (uint256 idle, uint256 refused, uint256 succeeded) {
        for (uint256 i = 0; i < moves.length; ++i) {
            (uint256 a, uint256 b, uint256 c) = moves[i].handler.countOf(moves[i].selector);
            idle += a;
            refused += b;
            succeeded += c;
        }
    }

    function _require(bool holds, string memory id, string memory otherwise) internal pure {
        require(holds, InvariantBroken(id, otherwise));
    }

    /// @dev That the witness saw nothing break it.
    function _requireUnbroken(string memory id) internal view {
        string memory breach = witness.breachOf(id);
        require(bytes(breach).length == 0, InvariantBroken(id, breach));
    }
}
