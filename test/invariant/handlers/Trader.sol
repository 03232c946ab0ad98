// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { JobLimits, JobRules, JobTerms } from "../../../contracts/types/JobTerms.sol";
import { Dice } from "./Dice.sol";
import { Handler } from "./Handler.sol";
import { VM } from "./Vm.sol";

/// @notice Whoever has money in the market, and makes deals: what requesters and providers have in common.
abstract contract Trader is Handler {
    bytes32 private constant DOMAIN = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    string private constant FIELDS =
        "(address requester,address provider,bytes32 programId,bytes32 inputsRoot,bytes32 sharedInput,uint256 rules,"
        "uint256 limits,bytes32 assurance,string dataUri)";

    function deposit(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        _act(_member(d), abi.encodeCall(market.deposit, (d.between(1, 1e9))));
    }

    function withdraw(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        address person = _member(d);
        (uint256 balance, , , ) = market.accountOf(person);
        // now and then more than there is
        _act(person, abi.encodeCall(market.withdraw, (person, d.between(1, d.oneIn(8) ? 2 * balance + 2 : 1e9))));
    }

    /// @notice Gives units to anybody in the market, or to the reserve.
    function transfer(uint256 seed) external counted {
        Dice memory d = _dice(seed);
        address person = _member(d);
        address to = d.oneIn(8) ? address(market) : d.oneOf(stage.everyone());
        (uint256 balance, , , ) = market.accountOf(person);
        uint256 amount = d.oneIn(8) ? d.between(1, 2 * balance + 2) : d.between(1, 1e7);
        _act(person, abi.encodeCall(market.transfer, (to, amount, "")));
    }

    /// @dev Terms within their bounds. An agreement by signature has a fixed price and is not mediated.
    function _terms(Dice memory d, bool isSigned) internal returns (JobTerms memory terms) {
        uint256 kind = d.below(8);
        uint256 level =
            kind < 2
                ? stage.ATTESTED()
                : kind < 4 && !isSigned
                    ? stage.MEDIATED()
                    : 0;
        bool isMediated = level == stage.MEDIATED();
        uint256 rules = d.between(1, 50e6);
        rules |= (isSigned || d.oneIn(2) ? 10_000 : d.below(10_001)) << 80;
        if (!isMediated && d.oneIn(4)) rules |= 1 << 94;
        rules |= d.below(600) << 96;
        rules |= d.between(600, 14_400) << 120;
        rules |= d.between(300, 7_200) << 144;
        rules |= level << 220;
        uint256 limits = d.between(1, 8);
        limits |= (block.timestamp + d.between(60, 7_200)) << 32;
        limits |= 1_000 << 64;
        limits |= 1 << 160;
        if (!isMediated && d.oneIn(3)) limits |= d.between(1, 10_000) << 176;
        limits |= stage.nextNonce() << 192;
        terms.programId = bytes32(d.below(4));
        terms.rules = JobRules.wrap(rules);
        terms.limits = JobLimits.wrap(limits);
        if (level == stage.ATTESTED()) terms.assurance = keccak256(abi.encode(_attesters()));
    }

    function _attesters() internal view returns (address[] memory list) {
        list = new address[](1);
        list[0] = stage.attester();
    }

    function _request(
        address requester,
        address provider,
        JobTerms memory terms
    ) internal view returns (bytes memory signature) {
        return _sign(requester, "JobRequest", requester, provider, terms);
    }

    function _offer(
        address requester,
        address provider,
        JobTerms memory terms
    ) internal view returns (bytes memory signature) {
        return _sign(provider, "JobOffer", requester, provider, terms);
    }

    function _sign(
        address signer,
        string memory kind,
        address requester,
        address provider,
        JobTerms memory terms
    ) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN, keccak256("Assay"), keccak256("1"), block.chainid, address(market))
        );
        bytes memory data = abi.encode(
            keccak256(abi.encodePacked(kind, FIELDS)),
            requester,
            provider,
            terms.programId,
            terms.inputsRoot,
            terms.sharedInput,
            terms.rules,
            terms.limits,
            terms.assurance,
            keccak256(bytes(terms.dataUri))
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", domain, keccak256(data)));
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(stage.keyOf(signer), digest);
        return abi.encodePacked(r, s, v);
    }
}
