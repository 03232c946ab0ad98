// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IJobMarket } from "../interfaces/IJobMarket.sol";
import { ProgramParts } from "../verification/vm/States.sol";
import { JobTerms } from "./JobTerms.sol";

/// @notice What a game is about: the submitted result of a job.
struct Claim {
    IJobMarket market;
    bytes32 jobId;
    address provider;
    // of the job
    uint32 tasks;
    // keccak256(abi.encode(ClaimTerms))
    bytes32 termsHash;
}

/// @notice What the execution of a task depends on besides its input, from the job's terms.
struct ClaimTerms {
    bytes32 programId;
    bytes32 inputsRoot;
    bytes32 sharedInput;
    uint64 stepLimit;
    uint32 maxOutput;
    uint32 maxPages;
}

/// @notice The part of a claim that is in dispute: a node of the result tree, or a stretch of a task's trace.
struct Node {
    bool isTrace;
    // result: height above the leaves; trace: 0
    uint8 level;
    // result: place on that level; trace: the task
    uint32 index;
    // result: 0; trace: the steps that the task is said to have taken
    uint64 steps;
    // result: 0; trace: the step at which the stretch begins
    uint128 from;
    // result: the steps said to be under the node; trace: the step at which the stretch ends
    uint128 to;
    // result: 0; trace: hash of the state after `from` steps
    bytes32 start;
    // result: the node's hash; trace: hash of the state after `to` steps
    bytes32 end;
}

/// @notice Where a game stands. Kept as its hash, passed by every call.
struct Position {
    Claim claim;
    Node node;
    // time of the move that came here; zero in a call means "in this block"
    uint32 arrivedAt;
    // by how much the provider's turns are longer, 1 to 32
    uint8 stretch;
    // of the challenger in this game, the opening included
    uint8 moves;
}

/// @notice What the provider posted about a node, in short.
struct NodePosting {
    // of a stretch: Merkle root over its segments; else zero
    bytes32 root;
    // zero where nothing was posted
    uint32 postedAt;
}

/// @notice What a challenger sends along with its bond.
struct Opening {
    address requester;
    JobTerms terms;
    bytes32 resultRoot;
    uint128 totalSteps;
    // none, or one with which to begin
    Descent[] descents;
    // none, or one with which to go on from a leaf
    Entry[] entries;
}

/// @notice A node below another one in the result tree.
struct Descent {
    uint8 level;
    uint32 index;
    bytes32 hash;
    // steps under it
    uint128 sum;
    // hash ‖ steps of the node beside the path, 48 bytes for each level from the node up
    bytes proof;
}

/// @notice What leads from a leaf of the result tree into a task's trace.
struct Entry {
    // 53 bytes of the leaves file
    bytes row;
    // the task whose index was hashed into the leaf
    uint32 leafIndex;
    ClaimTerms terms;
    ProgramParts program;
    // content root and length of the task's input, and the nodes beside its path in the inputs tree
    bytes32 inputRoot;
    uint64 inputLength;
    bytes32[] inputProof;
}

/// @notice One segment of a posted stretch.
struct Pick {
    // its number, from 0
    uint8 segment;
    // hashes of the states at which it begins and ends
    bytes32 start;
    bytes32 end;
    // nodes beside its path, from the leaf up
    bytes32[5] proof;
}

/// @notice One of several postings.
struct Answer {
    bytes32 gameId;
    Position position;
    bytes data;
}
