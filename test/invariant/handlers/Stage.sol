// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IAgreements } from "../../../contracts/interfaces/IAgreements.sol";
import { IAttestation } from "../../../contracts/interfaces/IAttestation.sol";
import { IJobMarket } from "../../../contracts/interfaces/IJobMarket.sol";
import { CallbackAccountMock } from "../../../contracts/mocks/CallbackTokenMock.sol";
import { MediatorMock } from "../../../contracts/mocks/MediatorMock.sol";
import { ScriptedHook } from "../../../contracts/mocks/ScriptedHook.sol";
import { Level, Parameters } from "../../../contracts/types/Parameters.sol";
import { Resources } from "../../../contracts/types/Resources.sol";
import { VM } from "./Vm.sol";
import { Witness } from "./Witness.sol";

interface IMarket is IJobMarket, IAgreements {}

/// @notice A market, and everybody who acts on it. Nobody else has anything in it.
contract Stage {
    error StageNotDeployed();

    uint256 public constant ATTESTED = 1;
    uint256 public constant MEDIATED = 2;

    /// @notice What everybody has at the start, in units, and how much of it as balance and as stake.
    uint256 public constant WEALTH = 1e12;
    uint256 public constant BALANCE = 1e10;
    uint256 public constant STAKE = 1e9;

    IMarket public immutable market;
    IERC20 public immutable token;
    TimelockController public immutable timelock;
    Witness public immutable witness;

    /// @notice The dispute game: it makes any call a handler tells it to.
    ScriptedHook public immutable game = new ScriptedHook();
    IAttestation public immutable attestation;
    MediatorMock public immutable mediator = new MediatorMock();
    /// @notice An account that a hostile token calls in the middle of a transfer.
    CallbackAccountMock public immutable accomplice = new CallbackAccountMock();

    /// @notice Tells campaigns apart that get the same random numbers.
    uint256 public immutable salt;

    address public immutable guardian;
    address public immutable attester;
    address public immutable treasury;
    address public immutable stranger;

    mapping(address person => uint256) public keyOf;
    address[] private _requesters;
    address[] private _providers;
    address[] private _pair;
    address[] private _keepers;
    address[] private _everyone;
    uint256 private _nonce;

    constructor(IERC20 token_, uint256 salt_) {
        VM.warp(1_760_000_000);
        VM.roll(1_000);
        token = token_;
        salt = salt_;
        guardian = _person();
        attester = _person();
        treasury = _person();
        stranger = _person();
        for (uint256 i = 0; i < 2; ++i) {
            _requesters.push(_person());
            _pair.push(_person());
            _keepers.push(_person());
        }
        for (uint256 i = 0; i < 3; ++i) _providers.push(_person());
        for (uint256 i = 0; i < 3; ++i) _everyone.push([address(game), address(mediator), address(accomplice)][i]);

        address[] memory nobody = new address[](0);
        timelock = new TimelockController(1 days, nobody, nobody, address(0));
        attestation = IAttestation(_deploy("contracts/verification/Attestation.sol:Attestation", ""));
        bytes memory arguments = abi.encode(token_, timelock, guardian, treasury, firstRules(), levels());
        market = IMarket(_deploy("contracts/JobMarket.sol:JobMarket", arguments));
        witness = new Witness(market, _everyone, _pair, address(game), address(accomplice));
    }

    /// @notice Gives everybody tokens, a balance and, who provides, a stake.
    function open() external {
        uint256 unit = market.unit();
        for (uint256 i = 0; i < _everyone.length; ++i) {
            address person = _everyone[i];
            token.transfer(person, WEALTH * unit);
            VM.prank(person);
            token.approve(address(market), type(uint256).max);
            _act(person, abi.encodeCall(market.deposit, (BALANCE)));
        }
        for (uint256 i = 0; i < _providers.length; ++i) _enlist(_providers[i]);
        for (uint256 i = 0; i < _pair.length; ++i) _enlist(_pair[i]);
        _enlist(address(accomplice));
        witness.begin();
    }

    function requesters() external view returns (address[] memory) {
        return _requesters;
    }

    function providers() external view returns (address[] memory) {
        return _providers;
    }

    /// @notice Two that act together.
    function pair() external view returns (address[] memory) {
        return _pair;
    }

    function keepers() external view returns (address[] memory) {
        return _keepers;
    }

    function everyone() external view returns (address[] memory) {
        return _everyone;
    }

    /// @notice A number that no terms had before.
    function nextNonce() external returns (uint256) {
        return ++_nonce;
    }

    function firstRules() public pure returns (Parameters memory) {
        return
            Parameters({
                feeBps: 100,
                bondBps: 10_000,
                surchargeBps: 10_000,
                latenessBps: 2_000,
                minBond: 1e6,
                baseExposure: 4e9,
                minRun: 2,
                minWindow: 2,
                lateRequesterGas: 20_000,
                lateKeeperGas: 10_000,
                keyTime: 600
            });
    }

    function levels() public view returns (Level[] memory list) {
        list = new Level[](3);
        list[0].hook = address(game);
        list[ATTESTED].hook = address(attestation);
        list[MEDIATED] = Level(address(mediator), true);
    }

    function _person() private returns (address person) {
        uint256 key = 0xa55a7 + _everyone.length;
        person = VM.addr(key);
        keyOf[person] = key;
        _everyone.push(person);
    }

    /// @dev A contract as the project compiles it.
    function _deploy(string memory artifact, bytes memory arguments) private returns (address deployed) {
        bytes memory code = abi.encodePacked(VM.getCode(artifact), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        require(deployed != address(0), StageNotDeployed());
    }

    function _enlist(address provider) private {
        Resources offered = Resources.wrap(8 | (32 << 8) | (10 << 20));
        _act(provider, abi.encodeCall(market.updateProvider, (offered, 100, "http://198.51.100.8", 0)));
        _act(provider, abi.encodeCall(market.stake, (STAKE)));
    }

    function _act(address from, bytes memory data) private {
        (bool succeeded, ) = witness.act(from, address(market), data);
        require(succeeded, StageNotDeployed());
    }
}
