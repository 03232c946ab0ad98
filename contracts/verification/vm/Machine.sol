// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Isa } from "./Isa.sol";
import { States } from "./States.sol";
import { Witness } from "./Witness.sol";

using Machines for Machine global;

/// @notice A running machine, as the witness tells of it.
struct Machine {
    // the job and its program
    uint256 maxPages;
    uint256 version;
    bytes32 restHash;
    bytes32 taskInput;
    bytes32 sharedInput;
    uint256 stepLimit;
    uint256 maxOutput;
    bytes32 codeRoot;
    // the word `nums`
    uint256 steps;
    uint256 outputLength;
    uint256 pages;
    uint256 pc;
    uint256 stack;
    uint256 rep;
    uint256 reserved;
    // the roots
    bytes32 memoryRoot;
    bytes32 globalsRoot;
    bytes32 frameRoot;
    bytes32 argsRoot;
    bytes32 suspended;
    bytes32 outputRoot;
}

/// @notice The parts of a running state.
library Machines {
    uint256 private constant PAGE_BITS = 16;

    /// @notice Reads the head of a witness behind its first byte. The roots come later.
    function readHead(Witness memory w) internal pure returns (Machine memory m) {
        m.maxPages = w.take(4);
        m.version = w.take(2);
        m.restHash = w.takeRoot();
        m.taskInput = w.takeRoot();
        m.sharedInput = w.takeRoot();
        m.stepLimit = w.take(8);
        m.maxOutput = w.take(4);
        m.steps = w.take(8);
        m.outputLength = w.take(4);
        m.pages = w.take(4);
        m.pc = w.take(4);
        m.stack = w.take(4);
        m.rep = w.take(4);
        m.reserved = w.take(4);
    }

    /// @notice Whether the state traps whatever the program is (rules 1 and 2).
    function isBroken(Machine memory m) internal pure returns (bool) {
        return
            m.steps >= m.stepLimit ||
            m.pages > m.maxPages ||
            m.maxPages > Isa.PAGES ||
            m.version != Isa.VERSION ||
            m.reserved != 0 ||
            m.pc >= Isa.CODE_WORDS;
    }

    /// @notice Whether `length` bytes from `start` on lie in memory; none do past its end.
    function fits(Machine memory m, uint256 start, uint256 length) internal pure returns (bool) {
        unchecked {
            return start + length <= m.pages << PAGE_BITS;
        }
    }

    /// @notice What the states of the task have in common.
    function jobHash(Machine memory m) internal pure returns (bytes32) {
        bytes32 program = States.programId(m.codeRoot, m.maxPages, m.version, m.restHash);
        return States.jobHash(program, m.taskInput, m.sharedInput, m.stepLimit, m.maxOutput);
    }

    /// @notice Hash of the state.
    function hash(Machine memory m, bytes32 job) internal pure returns (bytes32) {
        uint256 numbers = States.packNumbers(m.steps, m.outputLength, m.pages, m.pc, m.stack, m.rep) | m.reserved;
        return
            States.running(
                job,
                m.memoryRoot,
                m.globalsRoot,
                m.frameRoot,
                m.argsRoot,
                m.suspended,
                m.outputRoot,
                numbers
            );
    }
}
