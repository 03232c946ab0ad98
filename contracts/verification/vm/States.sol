// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Isa } from "./Isa.sol";

/// @notice What a program consists of.
struct ProgramParts {
    bytes32 codeRoot;
    bytes32 memoryRoot;
    bytes32 globalsRoot;
    bytes32 tableRoot;
    uint32 entry;
    uint32 initialPages;
    uint32 maxPages;
    uint16 version;
}

/// @notice The hashes of docs/vm/machine.md, and the two states that a job's terms and a task's result name.
library States {
    uint8 internal constant RUNNING = 0x01;
    uint8 internal constant ENDED = 0x02;
    uint8 private constant LINK = 0x03;
    uint8 private constant CONTENT = 0x05;
    uint8 private constant JOB = 0x07;
    uint8 private constant PROGRAM = 0x08;

    /// @notice The id of a program.
    function programId(ProgramParts memory program) internal pure returns (bytes32) {
        bytes32 rest = restHash(
            program.memoryRoot,
            program.globalsRoot,
            program.tableRoot,
            program.entry,
            program.initialPages
        );
        return programId(program.codeRoot, program.maxPages, program.version, rest);
    }

    /// @notice The state in which a task begins.
    /// @param taskInput Content hash of the task's input.
    /// @param sharedInput Content hash of the input that all tasks share.
    function firstState(
        ProgramParts memory program,
        bytes32 taskInput,
        bytes32 sharedInput,
        uint64 stepLimit,
        uint32 maxOutput
    ) internal pure returns (bytes32) {
        return
            running(
                jobHash(programId(program), taskInput, sharedInput, stepLimit, maxOutput),
                program.memoryRoot,
                program.globalsRoot,
                Isa.EMPTY_SLOTS,
                Isa.EMPTY_SLOTS,
                0,
                Isa.EMPTY_CONTENT,
                packNumbers(0, 0, program.initialPages, program.entry, Isa.STACK, 0)
            );
    }

    /// @notice The state in which a task ends whose row, 53 bytes of the leaves file, is given.
    function endState(bytes calldata row) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(ENDED, row));
    }

    /// @notice Hash of a state that has ended.
    /// @param status As in a row: 1 halted, 2 trapped, 3 out of steps.
    function ended(
        uint8 status,
        uint256 exitCode,
        bytes32 outputRoot,
        uint256 outputLength,
        uint256 steps
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(ENDED, status, uint32(exitCode), outputRoot, uint64(outputLength), uint64(steps))
            );
    }

    /// @notice Hash of a state that runs.
    function running(
        bytes32 job,
        bytes32 memoryRoot,
        bytes32 globalsRoot,
        bytes32 frameRoot,
        bytes32 argsRoot,
        bytes32 suspended,
        bytes32 outputRoot,
        uint256 numbers
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    RUNNING,
                    job,
                    memoryRoot,
                    globalsRoot,
                    frameRoot,
                    argsRoot,
                    suspended,
                    outputRoot,
                    numbers
                )
            );
    }

    /// @notice The word `nums` of a running state, with its reserved bits zero.
    function packNumbers(
        uint256 steps,
        uint256 outputLength,
        uint256 pages,
        uint256 pc,
        uint256 stack,
        uint256 rep
    ) internal pure returns (uint256) {
        return (steps << 192) | (outputLength << 160) | (pages << 128) | (pc << 96) | (stack << 64) | (rep << 32);
    }

    /// @notice A suspended frame and all below it in one word.
    function link(
        bytes32 suspended,
        bytes32 frameRoot,
        uint256 returnPc,
        uint256 stack,
        uint256 resultSlot
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(LINK, suspended, frameRoot, uint32(returnPc), uint32(stack), uint16(resultSlot))
            );
    }

    /// @notice Root and length of a content in one word.
    function contentHash(bytes32 root, uint256 length) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(CONTENT, root, uint64(length)));
    }

    /// @notice What the states of one task have in common.
    function jobHash(
        bytes32 program,
        bytes32 taskInput,
        bytes32 sharedInput,
        uint256 stepLimit,
        uint256 maxOutput
    ) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(JOB, program, taskInput, sharedInput, uint64(stepLimit), uint32(maxOutput)));
    }

    /// @notice The id of a program whose initial state is given by its hash.
    function programId(
        bytes32 codeRoot,
        uint256 maxPages,
        uint256 version,
        bytes32 rest
    ) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(PROGRAM, codeRoot, uint32(maxPages), uint16(version), rest));
    }

    /// @notice What a program begins with besides its code.
    function restHash(
        bytes32 memoryRoot,
        bytes32 globalsRoot,
        bytes32 tableRoot,
        uint256 entry,
        uint256 initialPages
    ) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(memoryRoot, globalsRoot, tableRoot, uint32(entry), uint32(initialPages)));
    }
}
