// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Where a job stands. `Open`, `Expired`, `Overdue`, `Disputed` and `Settleable` are derived from the stored
/// words and the time, never stored.
enum JobStatus {
    None, // no such job
    Open, // posted, may be claimed until `claimBy`
    Claimed, // a provider works on it until `runBy`
    Submitted, // a result stands, its challenge window runs
    Settled, // final: provider paid
    Released, // final: given back by the provider, requester refunded
    Failed, // final: the provider was late, requester refunded
    Rejected, // final: the result was proven wrong, requester refunded
    Cancelled, // final: never claimed, requester refunded
    Expired, // unclaimed after `claimBy`: anyone may cancel it
    Overdue, // claimed and nothing submitted after `runBy`: anyone may fail it
    Disputed, // submitted with at least one open challenge
    Settleable // the window passed without an open challenge: anyone may settle it
}
