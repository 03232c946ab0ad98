// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IOneStepVM } from "../interfaces/IOneStepVM.sol";
import { Instruction, Instructions } from "../verification/vm/Instruction.sol";
import { Integers } from "../verification/vm/Integers.sol";
import { Isa } from "../verification/vm/Isa.sol";
import { Multiproof, Proof } from "../verification/vm/Multiproof.sol";
import { ProgramParts, States } from "../verification/vm/States.sol";
import { Witness, WitnessReader } from "../verification/vm/Witness.sol";

/// @notice Opens the libraries of OneStepVM to tests.
contract OneStepHarness {
    /// @notice Executes one integer instruction on many operands.
    /// @param operands Pairs of 8 bytes.
    /// @return results For each pair a byte, 1 if the instruction traps, and 8 bytes of its result.
    function integers(uint256 op, bytes calldata operands) external pure returns (bytes memory results) {
        uint256 pairs = operands.length / 16;
        results = new bytes(9 * pairs);
        for (uint256 i = 0; i < pairs; ++i) {
            uint256 a = uint64(bytes8(operands[16 * i:]));
            uint256 b = uint64(bytes8(operands[16 * i + 8:]));
            (uint256 result, bool isTrap) = Integers.execute(op, a, b);
            // more than 64 bits would be a fault, which must not be cut off
            assert(result >> 64 == 0);
            uint256 packed = (isTrap ? uint256(1) << 64 : 0) | result;
            for (uint256 n = 0; n < 9; ++n) results[9 * i + n] = bytes1(uint8(packed >> (8 * (8 - n))));
        }
    }

    function programId(ProgramParts calldata program) external pure returns (bytes32) {
        return States.programId(program);
    }

    function firstState(
        ProgramParts calldata program,
        bytes32 taskInput,
        bytes32 sharedInput,
        uint64 stepLimit,
        uint32 maxOutput
    ) external pure returns (bytes32) {
        return States.firstState(program, taskInput, sharedInput, stepLimit, maxOutput);
    }

    function endState(bytes calldata row) external pure returns (bytes32) {
        return States.endState(row);
    }

    function link(
        bytes32 suspended,
        bytes32 frameRoot,
        uint32 returnPc,
        uint32 stack,
        uint16 resultSlot
    ) external pure returns (bytes32) {
        return States.link(suspended, frameRoot, returnPc, stack, resultSlot);
    }

    function packNumbers(
        uint64 steps,
        uint32 outputLength,
        uint32 pages,
        uint32 pc,
        uint32 stack,
        uint32 rep
    ) external pure returns (uint256) {
        return States.packNumbers(steps, outputLength, pages, pc, stack, rep);
    }

    function decode(uint256 word) external pure returns (Instruction memory) {
        return Instructions.decode(word);
    }

    /// @notice Reads a proof and nothing behind it.
    /// @param indices Of the leaves, 32 bits each, the first one lowest.
    /// @return root What the proof leads to.
    /// @return again What it leads to once it was read, as after a write.
    /// @return empty The tree of zeros of that depth.
    function prove(
        bytes calldata data,
        uint256 depth,
        uint256 indices,
        uint256 count
    ) external pure returns (bytes32 root, bytes32 again, bytes32 empty) {
        Witness memory w = WitnessReader.open(data);
        Proof memory proof;
        (proof, root) = Multiproof.read(w, depth, indices, count);
        again = proof.rootOf(w);
        w.close();
        bytes memory roots = Isa.EMPTY_ROOTS;
        bytes32 below;
        assembly ("memory-safe") {
            below := mload(add(roots, shl(5, depth)))
        }
        empty = keccak256(abi.encodePacked(below, below));
    }

    /// @notice Executes one step of many machines.
    /// @param cases For each the hash of its state, the length of its witness in 4 bytes, its witness.
    /// @return next The hash of the state after each step, zero where it reverts.
    function stepMany(
        IOneStepVM vm,
        uint256 count,
        bytes calldata cases
    ) external view returns (bytes32[] memory next) {
        next = new bytes32[](count);
        bytes calldata left = cases;
        for (uint256 i = 0; i < count; ++i) {
            uint256 end = 36 + uint32(bytes4(left[32:]));
            try vm.step(bytes32(left), left[36:end]) returns (bytes32 state) {
                next[i] = state;
            } catch {
                next[i] = bytes32(0);
            }
            left = left[end:];
        }
        assert(left.length == 0);
    }

    /// @notice Tries a witness with one byte changed, for each byte from `from` on and before `to`.
    /// @return accepted How many of them were not refused for what they are.
    function flips(
        IOneStepVM vm,
        bytes32 state,
        bytes calldata witness,
        uint256 from,
        uint256 to,
        bytes1 mask
    ) external view returns (uint256 accepted) {
        bytes memory changed = witness;
        for (uint256 i = from; i < to; ++i) {
            changed[i] ^= mask;
            if (!_isRefused(vm, state, changed)) ++accepted;
            changed[i] ^= mask;
        }
    }

    /// @notice Tries a witness with `size` bytes as another one has them there, at each place from `from` on and before
    /// `to` where they differ.
    function replacements(
        IOneStepVM vm,
        bytes32 state,
        bytes calldata witness,
        bytes calldata other,
        uint256 size,
        uint256 from,
        uint256 to
    ) external view returns (uint256 accepted) {
        bytes memory changed = witness;
        for (uint256 i = from; i < to; ++i) {
            if (bytes32(other[i:i + size]) == bytes32(witness[i:i + size])) continue;
            for (uint256 n = i; n < i + size; ++n) changed[n] = other[n];
            if (!_isRefused(vm, state, changed)) ++accepted;
            for (uint256 n = i; n < i + size; ++n) changed[n] = witness[n];
        }
    }

    /// @notice Tries the first bytes of a witness alone, for each length from `from` on and before `to`.
    function truncations(
        IOneStepVM vm,
        bytes32 state,
        bytes calldata witness,
        uint256 from,
        uint256 to
    ) external view returns (uint256 accepted) {
        for (uint256 length = from; length < to; ++length) {
            if (!_isRefused(vm, state, witness[:length])) ++accepted;
        }
    }

    /// @notice Makes the same call with more and more gas.
    /// @return outcomes What it returned each time, zero where it reverted.
    function withLittleGas(
        address vm,
        bytes calldata data,
        uint256 from,
        uint256 to,
        uint256 by
    ) external view returns (bytes32[] memory outcomes) {
        outcomes = new bytes32[]((to - from) / by);
        for (uint256 i = 0; i < outcomes.length; ++i) {
            (bool succeeds, bytes memory answer) = vm.staticcall{ gas: from + i * by }(data);
            if (succeeds) outcomes[i] = bytes32(answer);
        }
    }

    /// @dev Reverting for want of gas, or in any other way than by an error of the interface, is not a refusal.
    function _isRefused(IOneStepVM vm, bytes32 state, bytes memory witness) private view returns (bool) {
        try vm.step(state, witness) returns (bytes32) {
            return false;
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            return
                selector == IOneStepVM.OneStepVMWitnessTooShort.selector ||
                selector == IOneStepVM.OneStepVMWitnessTooLong.selector ||
                selector == IOneStepVM.OneStepVMWitnessMalformed.selector ||
                selector == IOneStepVM.OneStepVMOtherState.selector ||
                selector == IOneStepVM.OneStepVMOtherProgram.selector ||
                selector == IOneStepVM.OneStepVMOtherInput.selector;
        }
    }
}
