// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IOneStepVM } from "../../interfaces/IOneStepVM.sol";
import { Bytes } from "./Bytes.sol";
import { Instruction, Instructions } from "./Instruction.sol";
import { Integers } from "./Integers.sol";
import { Isa } from "./Isa.sol";
import { Machine, Machines } from "./Machine.sol";
import { Multiproof, Proof } from "./Multiproof.sol";
import { States } from "./States.sol";
import { Step } from "./Step.sol";
import { Transfers } from "./Transfer.sol";
import { Witness } from "./Witness.sol";

/// @notice Reads the witness of a running state, part after part. Each part tells what the next ones have to be; an
/// instruction that traps touches no more of them.
library StepReader {
    uint256 private constant LEAF_BITS = 7;
    uint256 private constant SLOT_BITS = 3;
    uint256 private constant SLOTS_PER_LEAF_BITS = 4;
    uint256 private constant WORDS_PER_LEAF_BITS = 2;
    uint256 private constant WORD_BITS = 5;
    uint256 private constant MASK_32 = 0xffffffff;

    /// @notice Reads everything behind the first byte.
    function read(Witness memory w) internal pure returns (Step memory s) {
        s.machine = Machines.readHead(w);
        _readCode(s, w);
        _readArgs(s, w);
        _readFrame(s, w);
        _readGlobals(s, w);
        _readTable(s, w);
        _readInput(s, w);
        _readMemory(s, w);
        _readOutput(s, w);
        _readSuspended(s, w);
        w.close();
    }

    /// @dev What traps by rules 1 to 3 goes on as `unreachable`, which traps and touches nothing.
    function _readCode(Step memory s, Witness memory w) private pure {
        Machine memory m = s.machine;
        if (m.isBroken()) {
            m.codeRoot = w.takeRoot();
        } else {
            Proof memory code;
            (code, m.codeRoot) = Multiproof.readLeaf(w, Isa.CODE_DEPTH, m.pc >> WORDS_PER_LEAF_BITS);
            s.instruction = Instructions.decode(Bytes.loadWord(code.locate(m.pc << WORD_BITS)));
            if (s.instruction.isInvalid(m.rep)) s.instruction.op = Isa.UNREACHABLE;
        }
        s.isTrap = s.instruction.op == Isa.UNREACHABLE;
    }

    function _readArgs(Step memory s, Witness memory w) private pure {
        Instruction memory i = s.instruction;
        if (i.op == Isa.ARG || i.op == Isa.RESULT) {
            (s.args, s.machine.argsRoot) = Multiproof.readLeaf(w, Isa.SLOTS_DEPTH, i.t >> SLOTS_PER_LEAF_BITS);
        } else if (i.isOf(Isa.HOSTS)) {
            (s.args, s.machine.argsRoot) = Multiproof.readLeaf(w, Isa.SLOTS_DEPTH, 0);
            _readHostOperands(s, w);
        } else {
            s.machine.argsRoot = w.takeRoot();
        }
    }

    function _readHostOperands(Step memory s, Witness memory w) private pure {
        uint256 op = s.instruction.op;
        Machine memory m = s.machine;
        uint256 first = _hostOperand(s, 0);
        s.a = first;
        if (op == Isa.OUTPUT_WRITE) {
            s.transfer = Transfers.output(m, first, _hostOperand(s, 1));
        } else if (op != Isa.EXIT) {
            s.hasStream = first < 2;
            s.stream = first == 0 ? m.taskInput : m.sharedInput;
            if (s.hasStream) s.streamLength = w.take(8);
            uint256 size = Math.min(s.streamLength, Isa.CONTENT_BYTES);
            s.transfer.length = size;
            if (op == Isa.INPUT_READ) {
                s.transfer = Transfers.input(m, _hostOperand(s, 2), _hostOperand(s, 1), _hostOperand(s, 3), size);
            }
        }
        s.isTrap = s.transfer.isTrap;
    }

    function _hostOperand(Step memory s, uint256 index) private pure returns (uint256) {
        return Bytes.loadSlot(s.args.locate(index << SLOT_BITS)) & MASK_32;
    }

    function _readFrame(Step memory s, Witness memory w) private pure {
        Instruction memory i = s.instruction;
        // bit n: leaf n
        uint256 leaves;
        if (i.readsSlotA()) leaves |= 1 << (i.a >> SLOTS_PER_LEAF_BITS);
        if (i.readsSlotB()) leaves |= 1 << (i.b >> SLOTS_PER_LEAF_BITS);
        if (i.isOf(Isa.READS_C)) leaves |= 1 << (i.c >> SLOTS_PER_LEAF_BITS);
        if (_writesNow(s)) leaves |= 1 << (i.d >> SLOTS_PER_LEAF_BITS);
        if (leaves == 0) {
            s.machine.frameRoot = w.takeRoot();
        } else {
            (uint256 indices, uint256 count) = _ascending(leaves);
            (s.frame, s.machine.frameRoot) = Multiproof.read(w, Isa.SLOTS_DEPTH, indices, count);
        }
        if (i.isOf(Isa.READS_A)) s.a = i.readsSlotA() ? _slot(s, i.a) : i.x;
        if (i.isOf(Isa.READS_B)) s.b = i.readsSlotB() ? _slot(s, i.b) : i.y;
        if (i.isOf(Isa.READS_C)) s.c = _slot(s, i.c);

        if (i.op == Isa.MEMORY_COPY) {
            s.transfer = Transfers.copy(s.machine, s.a & MASK_32, s.b & MASK_32, s.c & MASK_32);
            s.isTrap = s.transfer.isTrap;
        } else if (i.op == Isa.MEMORY_FILL) {
            s.transfer = Transfers.fill(s.machine, s.a & MASK_32, s.c & MASK_32);
            s.isTrap = s.transfer.isTrap;
        }
    }

    /// @dev A call leaves the write to the return, a repeating instruction to its last step.
    function _writesNow(Step memory s) private pure returns (bool) {
        uint256 op = s.instruction.op;
        if (op == Isa.CALL || op == Isa.CALL_INDIRECT) return false;
        if (op == Isa.INPUT_READ) return s.transfer.isLast;
        return s.instruction.isOf(Isa.WRITES);
    }

    function _ascending(uint256 set) private pure returns (uint256 indices, uint256 count) {
        unchecked {
            for (; set != 0; set &= set - 1) {
                indices |= Integers.highestBit(set & (0 - set)) << (32 * count);
                ++count;
            }
        }
    }

    function _slot(Step memory s, uint256 slot) private pure returns (uint256) {
        return Bytes.loadSlot(s.frame.locate(slot << SLOT_BITS));
    }

    function _readGlobals(Step memory s, Witness memory w) private pure {
        Instruction memory i = s.instruction;
        if (i.op == Isa.GLOBAL_GET || i.op == Isa.GLOBAL_SET) {
            uint256 leaf = i.t >> SLOTS_PER_LEAF_BITS;
            (s.globals, s.machine.globalsRoot) = Multiproof.readLeaf(w, Isa.SLOTS_DEPTH, leaf);
        } else {
            s.machine.globalsRoot = w.takeRoot();
        }
    }

    /// @dev Calls: what is called, at which weight.
    function _readTable(Step memory s, Witness memory w) private pure {
        Instruction memory i = s.instruction;
        if (i.op == Isa.CALL) {
            s.weight = i.x;
            s.target = i.t;
        } else if (i.op == Isa.CALL_INDIRECT) {
            uint256 index = s.a & MASK_32;
            if (index >= Isa.TABLE_ENTRIES) {
                s.isTrap = true;
                return;
            }
            uint256 entry = _readEntry(s, w, index);
            uint256 typeNumber = entry >> 224;
            s.weight = (entry >> 192) & MASK_32;
            s.target = (entry >> 160) & MASK_32;
            s.isTrap = typeNumber == 0 || typeNumber != i.t;
        } else {
            return;
        }
        if (s.weight > s.machine.stack) s.isTrap = true;
    }

    function _readEntry(Step memory s, Witness memory w, uint256 index) private pure returns (uint256) {
        bytes32 memoryRoot = w.takeRoot();
        bytes32 globalsRoot = w.takeRoot();
        uint256 entry = w.take(4);
        uint256 initialPages = w.take(4);
        (Proof memory table, bytes32 tableRoot) = Multiproof.readLeaf(w, Isa.TABLE_DEPTH, index >> WORDS_PER_LEAF_BITS);
        bytes32 restHash = States.restHash(memoryRoot, globalsRoot, tableRoot, entry, initialPages);
        if (restHash != s.machine.restHash) {
            revert IOneStepVM.OneStepVMOtherProgram(s.machine.restHash, restHash);
        }
        return Bytes.loadWord(table.locate(index << WORD_BITS));
    }

    /// @dev The root is needed even where no byte is: only with it does the length prove itself.
    function _readInput(Step memory s, Witness memory w) private pure {
        if (!s.hasStream) return;
        bytes32 root;
        if (s.instruction.op == Isa.INPUT_READ && s.transfer.count != 0) {
            (s.input, root) = Multiproof.readLeaf(w, Isa.CONTENT_DEPTH, s.transfer.from >> LEAF_BITS);
        } else {
            root = w.takeRoot();
        }
        bytes32 witnessed = States.contentHash(root, s.streamLength);
        if (witnessed != s.stream) revert IOneStepVM.OneStepVMOtherInput(s.stream, witnessed);
    }

    function _readMemory(Step memory s, Witness memory w) private pure {
        unchecked {
            Instruction memory i = s.instruction;
            Machine memory m = s.machine;
            uint256 first;
            uint256 last;
            if (i.isOf(Isa.LOADS | Isa.STORES)) {
                s.position = (s.a & MASK_32) + i.t;
                s.width = (Isa.WIDTHS >> (4 * (i.op - Isa.I32_LOAD))) & 0xf;
                s.isTrap = !m.fits(s.position, s.width);
                (first, last) = (s.position, s.position + s.width - 1);
            } else if (i.op == Isa.MEMORY_COPY) {
                (first, last) = (s.transfer.to, s.transfer.from);
            } else if (i.op == Isa.OUTPUT_WRITE) {
                (first, last) = (s.transfer.from, s.transfer.from);
            } else {
                (first, last) = (s.transfer.to, s.transfer.to);
            }
            if (s.isTrap || (s.width | s.transfer.count) == 0) {
                m.memoryRoot = w.takeRoot();
            } else {
                (s.data, m.memoryRoot) = Multiproof.readPair(
                    w,
                    Isa.CONTENT_DEPTH,
                    first >> LEAF_BITS,
                    last >> LEAF_BITS
                );
            }
        }
    }

    function _readOutput(Step memory s, Witness memory w) private pure {
        if (s.instruction.op == Isa.OUTPUT_WRITE && s.transfer.count != 0) {
            uint256 leaf = s.transfer.to >> LEAF_BITS;
            (s.output, s.machine.outputRoot) = Multiproof.readLeaf(w, Isa.CONTENT_DEPTH, leaf);
        } else {
            s.machine.outputRoot = w.takeRoot();
        }
    }

    /// @dev `return` opens the newest link, if there is one; `suspended` follows from what it holds.
    function _readSuspended(Step memory s, Witness memory w) private pure {
        if (s.instruction.op != Isa.RETURN) {
            s.machine.suspended = w.takeRoot();
            return;
        }
        uint256 kind = w.take(1);
        if (kind > 1) w.malformed();
        if (kind == 0) return;

        s.hasCaller = true;
        s.callerSuspended = w.takeRoot();
        s.returnPc = w.take(4);
        s.callerStack = w.take(4);
        s.resultSlot = w.take(2);
        bool hasValue = s.instruction.has(Isa.HAS_VALUE);
        s.isTrap = hasValue && s.resultSlot >= Isa.SLOTS;
        if (hasValue && !s.isTrap) {
            uint256 leaf = s.resultSlot >> SLOTS_PER_LEAF_BITS;
            (s.caller, s.callerFrame) = Multiproof.readLeaf(w, Isa.SLOTS_DEPTH, leaf);
        } else {
            s.callerFrame = w.takeRoot();
        }
        s.machine.suspended = States.link(s.callerSuspended, s.callerFrame, s.returnPc, s.callerStack, s.resultSlot);
    }
}
