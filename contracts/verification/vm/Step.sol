// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Instruction } from "./Instruction.sol";
import { Machine } from "./Machine.sol";
import { Proof } from "./Multiproof.sol";
import { Transfer } from "./Transfer.sol";

/// @notice All that a witness tells of one step.
struct Step {
    Machine machine;
    Instruction instruction;
    // operands A, B, C
    uint256 a;
    uint256 b;
    uint256 c;
    // whether the step traps; numeric instructions may still find that they do
    bool isTrap;
    // repeating instructions
    Transfer transfer;
    // loads and stores
    uint256 position;
    uint256 width;
    // input_size, input_read: whether the stream is one that there is, its name and length
    bool hasStream;
    bytes32 stream;
    uint256 streamLength;
    // calls
    uint256 weight;
    uint256 target;
    // return: whether there is a caller, and what its link tells
    bool hasCaller;
    bytes32 callerSuspended;
    bytes32 callerFrame;
    uint256 returnPc;
    uint256 callerStack;
    uint256 resultSlot;
    // leaves of what the step touches
    Proof args;
    Proof frame;
    Proof globals;
    Proof input;
    Proof data;
    Proof output;
    Proof caller;
}
