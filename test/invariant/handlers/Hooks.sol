// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobTerms } from "../../../contracts/types/JobTerms.sol";
import { JobStatus } from "../../../contracts/types/JobStatus.sol";
import { Dice } from "./Dice.sol";
import { Handler } from "./Handler.sol";
import { Stage } from "./Stage.sol";
import { Transitions } from "./Transitions.sol";
import { VM } from "./Vm.sol";

/// @notice The contracts that decide: the dispute game with whoever plays it, an attester, and a mediator that rules as
/// it pleases.
contract Hooks is Handler {
    /// @dev The crew are those who challenge.
    constructor(Stage stage_, address[] memory crew_) Handler(stage_, crew_) {}

    function moves() public pure override returns (string[] memory) {
        return _list("challenge challengeWithBond giveUp payBond prove attest rule freeze takeBack decideAgain usurp");
    }

    function challenge(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        uint256 fit = _bit(JobStatus.Submitted) | _bit(JobStatus.Disputed) | _bit(JobStatus.Settleable);
        bytes32 jobId = _anyJob(d, fit);
        if (jobId != 0) _play(d, abi.encodeCall(market.challengeOpened, (jobId)));
    }

    /// @notice A bond comes with the challenge, in one call.
    function challengeWithBond(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        uint256 fit = _bit(JobStatus.Submitted) | _bit(JobStatus.Disputed) | _bit(JobStatus.Settleable);
        bytes32 jobId = _anyJob(d, fit);
        bytes memory data = abi.encode(jobId);
        uint256 bond = d.between(1, 1e6);
        if (jobId != 0) _act(_member(d), abi.encodeCall(market.transfer, (address(stage.game()), bond, data)));
    }

    /// @notice The game gives a part of what it keeps to a provider, and as much to the reserve.
    function payBond(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        (uint256 kept, , , ) = market.accountOf(address(stage.game()));
        if (kept < 2) return;
        uint256 half = d.between(1, kept / 2);
        if (!_play(d, abi.encodeCall(market.transfer, (d.oneOf(stage.providers()), half, "")))) return;
        _play(d, abi.encodeCall(market.transfer, (address(market), half, "")));
    }

    function giveUp(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _anyJob(d, _bit(JobStatus.Disputed));
        if (jobId != 0) _play(d, abi.encodeCall(market.challengeClosed, (jobId)));
    }

    /// @notice Wins a challenge. The game hands on what it got to the challenger.
    function prove(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _anyJob(d, _bit(JobStatus.Disputed));
        if (jobId == 0) return;
        (uint256 before, , , ) = market.accountOf(address(stage.game()));
        if (!_play(d, abi.encodeCall(market.reject, (jobId, d.below(100e6))))) return;
        (uint256 spoils, , , ) = market.accountOf(address(stage.game()));
        if (spoils > before) _play(d, _payout(d, _member(d), spoils - before));
    }

    function attest(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        uint256 fit = _bit(JobStatus.Submitted) | _bit(JobStatus.Disputed);
        bytes32[] memory live = witness.liveJobs();
        for (uint256 i = 0; i < live.length; ++i) {
            (JobStatus status, address requester, ) = witness.standingOf(live[i]);
            if ((fit >> uint256(status)) & 1 == 0) continue;
            JobTerms memory terms = abi.decode(witness.termsOf(live[i]), (JobTerms));
            if (terms.assurance != 0 && terms.rules.level() == stage.ATTESTED()) {
                return _attest(_member(d), live[i], requester, terms);
            }
        }
    }

    /// @notice Ends a seat, anyhow.
    function rule(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _anyJob(d, _bit(JobStatus.Seated));
        if (jobId == 0) return;
        bytes32 result = d.oneIn(2) ? bytes32(d.between(1, 8)) : bytes32(0);
        uint256 payBps = d.oneIn(12) ? 10_001 : d.below(10_001);
        _mediate(d, abi.encodeCall(market.conclude, (jobId, result, payBps, d.oneIn(3))));
    }

    function freeze(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _anyJob(d, _bit(JobStatus.Seated));
        if (jobId != 0) _mediate(d, abi.encodeCall(market.freezeBond, (jobId)));
    }

    /// @notice The mediator takes back a job that nobody has claimed.
    function takeBack(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32[] memory live = witness.liveJobs();
        for (uint256 i = 0; i < live.length; ++i) {
            (JobStatus status, , ) = witness.standingOf(live[i]);
            if (status != JobStatus.Open || market.getJob(live[i]).level != stage.MEDIATED()) continue;
            _mediate(d, abi.encodeCall(market.cancel, (live[i])));
            return;
        }
    }

    /// @notice A hook decides what was decided, above all where a challenge was won; that the market refuses it is the
    /// success.
    function decideAgain(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32[] memory all = witness.allJobs();
        bool wasChallenged = d.oneIn(2);
        uint256 start = all.length == 0 ? 0 : d.below(all.length);
        for (uint256 i = 0; i < all.length; ++i) {
            bytes32 jobId = all[(start + i) % all.length];
            (JobStatus status, , ) = witness.standingOf(jobId);
            if (!Transitions.isFinal(status)) continue;
            if (wasChallenged && witness.recordOf(jobId).challenges == 0) continue;
            bytes memory data = _decision(d, jobId);
            _conclude(!(!wasChallenged && d.oneIn(2) ? _mediate(d, data) : _play(d, data)));
            return;
        }
    }

    /// @notice Somebody who is no hook decides; that the market refuses it is the success.
    function usurp(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        bytes32 jobId = _anyJob(d, type(uint256).max);
        if (jobId == 0) return;
        _conclude(!_act(_member(d), _decision(d, jobId)));
    }

    /// @dev Anything that only a hook may do.
    function _decision(Dice memory d, bytes32 jobId) private view returns (bytes memory) {
        uint256 what = d.below(5);
        if (what == 0) return abi.encodeCall(market.challengeClosed, (jobId));
        if (what == 1) return abi.encodeCall(market.reject, (jobId, 0));
        if (what == 2) return abi.encodeCall(market.conclude, (jobId, 0, 10_000, false));
        if (what == 3) return abi.encodeCall(market.freezeBond, (jobId));
        return abi.encodeCall(market.challengeOpened, (jobId));
    }

    function _attest(address by, bytes32 jobId, address requester, JobTerms memory terms) private {
        address[] memory attesters = new address[](1);
        attesters[0] = stage.attester();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Assay Attestation"),
                keccak256("1"),
                block.chainid,
                address(stage.attestation())
            )
        );
        bytes32 statement = keccak256(
            abi.encode(
                keccak256("Attestation(address market,bytes32 jobId,bytes32 resultCommitment)"),
                address(market),
                jobId,
                market.getJob(jobId).resultCommitment
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(
            stage.keyOf(attesters[0]),
            keccak256(abi.encodePacked("\x19\x01", domain, statement))
        );
        bytes memory signature = abi.encodePacked(r, s, v);
        bytes memory data = abi.encodeCall(
            stage.attestation().attest,
            (market, requester, terms, attesters, 0, signature)
        );
        _actOn(by, address(stage.attestation()), data);
    }

    /// @dev A call of the dispute game.
    function _play(Dice memory d, bytes memory data) private returns (bool) {
        bytes memory call = abi.encodeCall(stage.game().forward, (address(market), data));
        return _actOn(_member(d), address(stage.game()), call);
    }

    /// @dev A call of the mediator.
    function _mediate(Dice memory d, bytes memory data) private returns (bool) {
        bytes memory call = abi.encodeCall(stage.mediator().forward, (address(market), data));
        return _actOn(_member(d), address(stage.mediator()), call);
    }
}
