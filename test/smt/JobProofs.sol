// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { JobClaim, JobClaimLibrary, JobOrigin, JobOriginLibrary } from "../../contracts/types/Job.sol";
import { JobStatus } from "../../contracts/types/JobStatus.sol";
import { UFloat20 } from "../../contracts/types/UFloat20.sol";

/// @notice The words of a job: their fields are the whole word, and what changes one of them leaves the rest.
contract JobProofs {
    uint256 private constant MARK = 2 ** 160;
    uint256 private constant STATUS = 2 ** 216;
    uint256 private constant BOND = 2 ** 220;
    uint256 private constant CHALLENGE = 2 ** 240;
    uint256 private constant METERED = 2 ** 254;
    uint256 private constant SIGNED = 2 ** 255;

    struct Fields {
        address provider;
        uint32 mark;
        uint24 share;
        JobStatus status;
        uint256 bond;
    }

    function anOriginsFieldsAreTheWholeWord(JobOrigin origin) external pure {
        unchecked {
            uint256 times = origin.postedAt() * 2 ** 160 + origin.claimBy() * 2 ** 192;
            assert(uint160(origin.requester()) + times + origin.tasks() * 2 ** 224 == JobOrigin.unwrap(origin));
        }
    }

    function anOriginHoldsWhatWasPacked(address by, uint32 time, uint32 until, uint32 n) external pure {
        JobOrigin origin = JobOriginLibrary.pack(by, time, until, n);
        assert(origin.requester() == by);
        assert(origin.postedAt() == time);
        assert(origin.claimBy() == until);
        assert(origin.tasks() == n);
    }

    function aClaimsFieldsAreTheWholeWord(JobClaim claim) external pure {
        unchecked {
            uint256 low = uint160(claim.provider()) + claim.mark() * MARK + claim.share() * 2 ** 192;
            uint256 middle =
                uint256(claim.status()) * STATUS + _bond(claim) * BOND + claim.openChallenges() * CHALLENGE;
            uint256 flags = (claim.isMetered() ? METERED : 0) + (claim.isSigned() ? SIGNED : 0);
            assert(low + middle + flags == JobClaim.unwrap(claim));
        }
    }

    function aClaimHoldsWhatWasPacked(Fields calldata f) external pure {
        require(f.bond < 2 ** 20);
        JobClaim claim = JobClaimLibrary.pack(f.provider, f.mark, f.share, f.status, UFloat20.wrap(f.bond));
        assert(claim.provider() == f.provider);
        assert(claim.mark() == f.mark);
        assert(claim.share() == f.share);
        assert(claim.status() == f.status);
        assert(_bond(claim) == f.bond);
        assert(claim.openChallenges() == 0);
        assert(!claim.isMetered() && !claim.isSigned());
    }

    function aStatusIsChangedAlone(JobClaim claim, JobStatus to) external pure {
        unchecked {
            JobClaim next = claim.withStatus(to);
            assert(next.status() == to);
            assert(_without(next, uint256(to), STATUS) == _without(claim, uint256(claim.status()), STATUS));
        }
    }

    function aMarkIsChangedAlone(JobClaim claim, uint32 time) external pure {
        unchecked {
            JobClaim next = claim.withMark(time);
            assert(next.mark() == time);
            assert(_without(next, time, MARK) == _without(claim, claim.mark(), MARK));
        }
    }

    function aBondIsChangedAlone(JobClaim claim, uint256 bond) external pure {
        unchecked {
            require(bond < 2 ** 20);
            JobClaim next = claim.withBond(UFloat20.wrap(bond));
            assert(_bond(next) == bond);
            assert(_without(next, bond, BOND) == _without(claim, _bond(claim), BOND));
        }
    }

    function flagsAreSetAlone(JobClaim claim) external pure {
        unchecked {
            uint256 metered = claim.isMetered() ? 0 : METERED;
            uint256 signed = claim.isSigned() ? 0 : SIGNED;
            assert(JobClaim.unwrap(claim.withMetered()) == JobClaim.unwrap(claim) + metered);
            assert(JobClaim.unwrap(claim.withSigned()) == JobClaim.unwrap(claim) + signed);
        }
    }

    function anOpenedChallengeIsCountedAlone(JobClaim claim) external pure {
        unchecked {
            require(claim.openChallenges() < JobClaimLibrary.MAX_OPEN_CHALLENGES);
            JobClaim next = claim.withOneMoreChallenge();
            assert(next.openChallenges() == claim.openChallenges() + 1);
            assert(JobClaim.unwrap(next) == JobClaim.unwrap(claim) + CHALLENGE);
        }
    }

    function aClosedChallengeIsCountedAlone(JobClaim claim) external pure {
        unchecked {
            require(claim.openChallenges() > 0);
            JobClaim next = claim.withOneLessChallenge();
            assert(next.openChallenges() == claim.openChallenges() - 1);
            assert(JobClaim.unwrap(next) == JobClaim.unwrap(claim) - CHALLENGE);
        }
    }

    /// @dev The getter decodes it.
    function _bond(JobClaim claim) private pure returns (uint256 result) {
        unchecked {
            result = (JobClaim.unwrap(claim) / BOND) % 2 ** 20;
        }
    }

    /// @dev The word without the value of the field at that place.
    function _without(JobClaim claim, uint256 value, uint256 place) private pure returns (uint256 result) {
        unchecked {
            result = JobClaim.unwrap(claim) - value * place;
        }
    }
}
