// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Where a job stands. `Open`, `Expired`, `Keyless`, `Overdue`, `Disputed` and `Settleable` are derived from
/// the stored words and the time, never stored.
enum JobStatus {
    None, // no such job
    Open, // posted, may be claimed until `claimBy`
    AwaitingKey, // claimed, the requester delivers the key of its private data until `keyBy`
    Claimed, // a provider works on it until `runBy`
    Seated, // claimed under a mediated level: its hook decides when and how it ends
    Submitted, // a result stands, its challenge window runs
    Settled, // final: provider paid
    Released, // final: given back, requester refunded (but for the base fee of a seat)
    Failed, // final: the provider was late, requester refunded
    Rejected, // final: the result was proven wrong or outvoted, requester refunded
    Cancelled, // final: never claimed, requester refunded
    Expired, // unclaimed after `claimBy`: anyone may cancel it
    Keyless, // claimed and without a key after `keyBy`: anyone may release it
    Overdue, // claimed and nothing submitted after `runBy`: anyone may fail it
    Disputed, // submitted with at least one open challenge
    Settleable // the result stands for good: anyone may settle it
}
