// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice One immutable set of rules. A job keeps the number of the set that was current when it was posted.
/// Amounts are in units, shares in basis points, times in seconds.
struct Parameters {
    // slot 0: read by every claim
    // protocol fee, of the price paid
    uint16 feeBps;
    // bond, of the price
    uint16 bondBps;
    // what a provider without reputation adds to its bond
    uint16 surchargeBps;
    // most of a bond that lateness costs
    uint16 latenessBps;
    // least bond, before the surcharge
    uint80 minBond;
    // how much a provider without reputation may have locked at once
    uint80 baseExposure;
    // read at posting, as a copy
    uint24 minRun;
    // slot 1: read at posting, as a copy, and by slashes
    uint24 minWindow;
    // what a late provider pays towards the requester's transactions, and towards the keeper's
    uint80 lateRequesterGas;
    uint80 lateKeeperGas;
    // how long a requester may take to deliver the key of a private job
    uint24 keyTime;
}

/// @notice Who decides the jobs of an assurance level.
struct Level {
    // zero where the level is not offered
    address hook;
    // whether the hook opens and ends claims itself ({IMediator}), or is only asked what is final ({IAssurance})
    bool isMediated;
}
