// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Parameters } from "../types/Parameters.sol";
import { UFloat20, UFloat20Library } from "../types/UFloat20.sol";

/// @notice How large a bond is, how much may be locked at once, and who gets what of a bond that is debited.
/// Every amount is in units; the parts of each split add up to the debit exactly.
library Bonding {
    uint256 private constant BPS = 10_000;
    uint256 private constant EXPOSURE_PER_REPUTATION = 10;

    /// @notice Parts of a bond debited for a lost dispute.
    struct FraudSlash {
        uint256 toRequester;
        uint256 toHook;
        uint256 toReserve;
    }

    /// @notice Parts of a bond debited for lateness; `total` is their sum.
    struct LatenessSlash {
        uint256 total;
        uint256 toRequester;
        uint256 toKeeper;
        uint256 toReserve;
    }

    /// @notice The most a provider may have locked: `baseExposure + 10 * reputation`.
    function exposureLimit(Parameters storage p, uint256 reputation) internal view returns (uint256) {
        return p.baseExposure + EXPOSURE_PER_REPUTATION * reputation;
    }

    /// @notice `max(bondBps * price, minBond)` with a surcharge that falls from `surchargeBps` as the exposure limit
    /// grows: `surchargeBps * baseExposure / exposureLimit`. Rounded up to a UFloat20.
    function bondFor(Parameters storage p, uint256 price, uint256 reputation) internal view returns (UFloat20 bond) {
        uint256 base = Math.max(Math.ceilDiv(price * p.bondBps, BPS), p.minBond);
        uint256 limit = exposureLimit(p, reputation);
        uint256 surchargeBps = limit == 0 ? p.surchargeBps : (uint256(p.surchargeBps) * p.baseExposure) / limit;
        return UFloat20Library.encodeUp(base + Math.ceilDiv(base * surchargeBps, BPS));
    }

    /// @notice Fraud: the whole bond. At least half goes to the reserve, 20 % to those who proved it, up to
    /// min(price, 30 %) to the requester; what the deciding `moves` cost beyond the 20 % comes out of the requester's
    /// part.
    function splitFraud(uint256 bond, uint256 price, uint256 moves) internal pure returns (FraudSlash memory s) {
        s.toRequester = Math.min(price, (bond * 3) / 10);
        s.toHook = bond / 5;
        if (moves > s.toHook) {
            uint256 extra = Math.min(moves - s.toHook, s.toRequester);
            s.toRequester -= extra;
            s.toHook += extra;
        }
        s.toReserve = bond - s.toRequester - s.toHook;
    }

    /// @notice Lateness: `latenessBps` of the bond; a fixed gas schedule to the requester, then to the keeper, the
    /// rest to the reserve.
    function splitLateness(Parameters storage p, uint256 bond) internal view returns (LatenessSlash memory s) {
        s.total = (bond * p.latenessBps) / BPS;
        s.toRequester = Math.min(p.lateRequesterGas, s.total);
        s.toKeeper = Math.min(p.lateKeeperGas, s.total - s.toRequester);
        s.toReserve = s.total - s.toRequester - s.toKeeper;
    }

    /// @notice Giving a claim back: 2 % of the price, never more than the bond.
    function releasePenalty(uint256 price, uint256 bond) internal pure returns (uint256) {
        return Math.min((price * 2) / 100, bond);
    }
}
