// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { Dice } from "./Dice.sol";
import { IMarket, Stage } from "./Stage.sol";
import { Transitions } from "./Transitions.sol";
import { Witness } from "./Witness.sol";

/// @notice An actor: some people, and the moves they make. Each move takes one number, and draws all that it needs from
/// it; it never reverts, whatever the market answers.
abstract contract Handler {
    /// @notice How a move came out. Idle: there was nothing to do.
    enum Outcome {
        Idle,
        Refused,
        Succeeded
    }

    /// @dev One in so many calls is made by somebody who may not, or for a job that does not stand there.
    uint256 private constant IMPOSTORS = 16;
    uint256 private constant MISTAKES = 10;

    Stage internal immutable stage;
    IMarket internal immutable market;
    Witness internal immutable witness;
    address[] internal crew;

    Outcome private _outcome;
    mapping(bytes4 move => mapping(Outcome => uint256)) private _counts;

    modifier counted() {
        _outcome = Outcome.Idle;
        _;
        ++_counts[msg.sig][_outcome];
    }

    constructor(Stage stage_, address[] memory crew_) {
        stage = stage_;
        market = stage_.market();
        witness = stage_.witness();
        crew = crew_;
    }

    /// @notice The names of its moves, each a function of a `uint256`.
    function moves() public pure virtual returns (string[] memory);

    function selectorOf(string memory move) public pure returns (bytes4) {
        return bytes4(keccak256(abi.encodePacked(move, "(uint256)")));
    }

    function selectors() external pure returns (bytes4[] memory list) {
        string[] memory names = moves();
        list = new bytes4[](names.length);
        for (uint256 i = 0; i < list.length; ++i) list[i] = selectorOf(names[i]);
    }

    /// @notice How often a move came out how.
    function countOf(bytes4 move) external view returns (uint256 idle, uint256 refused, uint256 succeeded) {
        mapping(Outcome => uint256) storage counts = _counts[move];
        return (counts[Outcome.Idle], counts[Outcome.Refused], counts[Outcome.Succeeded]);
    }

    function _dice(uint256 seed) internal view returns (Dice memory) {
        return Dice(uint256(keccak256(abi.encode(seed, stage.salt(), msg.sig))));
    }

    function _member(Dice memory d) internal view returns (address) {
        return d.oneOf(crew);
    }

    function _act(address from, bytes memory data) internal returns (bool succeeded) {
        return _actOn(from, address(market), data);
    }

    function _actOn(address from, address target, bytes memory data) internal returns (bool succeeded) {
        (succeeded, ) = witness.act(from, target, data);
        _conclude(succeeded);
    }

    function _conclude(bool succeeded) internal {
        _outcome = succeeded ? Outcome.Succeeded : Outcome.Refused;
    }

    /// @dev What the dispute game hands on, as tokens or inside the market.
    function _payout(Dice memory d, address to, uint256 amount) internal view returns (bytes memory) {
        return
            d.oneIn(2)
                ? abi.encodeCall(market.withdraw, (to, amount))
                : abi.encodeCall(market.transfer, (to, amount, ""));
    }

    /// @dev A live job that stands as wanted, zero where there is none; now and then any job at all.
    function _anyJob(Dice memory d, uint256 statuses) internal view returns (bytes32) {
        return _job(d, statuses, false, false);
    }

    /// @dev Likewise, of a requester of this crew.
    function _jobAsRequester(Dice memory d, uint256 statuses) internal view returns (bytes32) {
        return _job(d, statuses, true, false);
    }

    /// @dev Likewise, of a provider of this crew.
    function _jobAsProvider(Dice memory d, uint256 statuses) internal view returns (bytes32) {
        return _job(d, statuses, false, true);
    }

    /// @dev The job's own requester; now and then somebody else.
    function _requesterOf(Dice memory d, bytes32 jobId) internal view returns (address requester) {
        if (d.oneIn(IMPOSTORS)) return _member(d);
        (, requester, ) = witness.standingOf(jobId);
    }

    /// @dev The job's own provider; now and then, and where there is none, somebody else.
    function _providerOf(Dice memory d, bytes32 jobId) internal view returns (address provider) {
        (, , provider) = witness.standingOf(jobId);
        if (provider == address(0) || d.oneIn(IMPOSTORS)) return _member(d);
    }

    function _bit(JobStatus status) internal pure returns (uint256) {
        return Transitions.bit(status);
    }

    function _list(string memory names) internal pure returns (string[] memory list) {
        bytes memory text = bytes(names);
        uint256 count = 1;
        for (uint256 i = 0; i < text.length; ++i) if (text[i] == " ") ++count;
        list = new string[](count);
        uint256 from;
        uint256 n;
        for (uint256 i = 0; i <= text.length; ++i) {
            if (i < text.length && text[i] != " ") continue;
            bytes memory word = new bytes(i - from);
            for (uint256 k = 0; k < word.length; ++k) word[k] = text[from + k];
            list[n] = string(word);
            ++n;
            from = i + 1;
        }
    }

    function _job(Dice memory d, uint256 statuses, bool asRequester, bool asProvider) private view returns (bytes32) {
        if (d.oneIn(MISTAKES)) {
            bytes32[] memory all = d.oneIn(2) ? witness.allJobs() : witness.liveJobs();
            return all.length == 0 ? bytes32(0) : all[d.below(all.length)];
        }
        bytes32[] memory live = witness.liveJobs();
        if (live.length == 0) return 0;
        uint256 start = d.below(live.length);
        for (uint256 i = 0; i < live.length; ++i) {
            bytes32 jobId = live[(start + i) % live.length];
            (JobStatus status, address requester, address provider) = witness.standingOf(jobId);
            if ((statuses >> uint256(status)) & 1 == 0) continue;
            if (asRequester && !_isMember(requester)) continue;
            if (asProvider && !_isMember(provider)) continue;
            return jobId;
        }
        return 0;
    }

    function _isMember(address person) private view returns (bool) {
        for (uint256 i = 0; i < crew.length; ++i) if (crew[i] == person) return true;
        return false;
    }
}
