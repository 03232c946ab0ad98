// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IDisputeGame } from "../../../contracts/interfaces/IDisputeGame.sol";
import { AssayToken } from "../../../contracts/token/AssayToken.sol";
import { Level } from "../../../contracts/types/Parameters.sol";
import { Clock } from "./Clock.sol";
import { Disputants } from "./Disputants.sol";
import { Keeper } from "./Keeper.sol";
import { Provider } from "./Provider.sol";
import { Requester } from "./Requester.sol";
import { Sums } from "./Sums.sol";
import { VM } from "./Vm.sol";

/// @notice A market with the real dispute game behind level 0, which nobody else plays.
abstract contract DisputeCampaign is Sums {
    error DisputesGameNotDeployed();

    uint256 private constant MOVE_FEE = 700;
    uint256 private constant TURN_FLOOR = 600;

    Disputants internal disputants;
    IDisputeGame internal game;

    function setUp() public virtual override {
        bytes memory arguments = abi.encode(address(0), MOVE_FEE, TURN_FLOOR, 1 << 21);
        bytes memory code = VM.getCode("contracts/verification/DisputeGame.sol:DisputeGame");
        game = IDisputeGame(_deploy(abi.encodePacked(code, arguments)));
        _raise(new AssayToken(address(this), 1e18));
        Level[] memory levels = stage.levels();
        levels[0].hook = address(game);
        witness.act(
            address(stage.timelock()),
            address(market),
            abi.encodeCall(market.addParameters, (stage.firstRules(), levels))
        );
    }

    /// @dev Nobody who adds other rules, or decides for another hook.
    function _cast() internal virtual override {
        _add("Requester", new Requester(stage, stage.requesters()));
        _add("Provider", new Provider(stage, stage.providers()));
        _add("Keeper", new Keeper(stage, stage.keepers()));
        _add("Clock", new Clock(stage));
        disputants = new Disputants(stage, _crowd(), game);
        _add("Disputants", disputants);
    }

    /// @dev Besides what people own: bonds, and rewards that were not collected.
    function _owned() internal view override returns (uint256 sum) {
        (uint256 balance, , , ) = market.accountOf(address(game));
        return super._owned() + balance;
    }

    function _deploy(bytes memory code) private returns (address deployed) {
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        require(deployed != address(0), DisputesGameNotDeployed());
    }
}
