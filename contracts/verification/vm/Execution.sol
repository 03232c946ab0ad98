// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IOneStepFloat } from "../../interfaces/IOneStepFloat.sol";
import { ResultTree } from "../../libraries/ResultTree.sol";
import { Bytes } from "./Bytes.sol";
import { Instruction } from "./Instruction.sol";
import { Integers } from "./Integers.sol";
import { Isa } from "./Isa.sol";
import { Machine } from "./Machine.sol";
import { Proof } from "./Multiproof.sol";
import { States } from "./States.sol";
import { Step } from "./Step.sol";
import { Transfer } from "./Transfer.sol";
import { Witness } from "./Witness.sol";

/// @notice What a step does, once its witness is known to be that of the state.
library Execution {
    uint256 private constant SLOT_BITS = 3;
    uint256 private constant MASK_32 = 0xffffffff;
    uint256 private constant MASK_64 = 0xffffffffffffffff;

    /// @notice The state after the step. Uses up what was read.
    /// @param job The part of the state's hash that never changes.
    function next(Step memory s, Witness memory w, bytes32 job, IOneStepFloat float) internal pure returns (bytes32) {
        unchecked {
            Machine memory m = s.machine;
            m.steps = Math.min(m.steps + 1, MASK_64);
            if (!s.isTrap) {
                if (_halts(s)) {
                    uint256 exitCode = s.instruction.op == Isa.EXIT ? s.a : 0;
                    return States.ended(ResultTree.HALTED, exitCode, m.outputRoot, m.outputLength, m.steps);
                }
                _execute(s, w, float);
            }
            if (s.isTrap) return States.ended(ResultTree.TRAPPED, 0, Isa.EMPTY_CONTENT, 0, m.steps);
            if (m.steps != m.stepLimit) return m.hash(job);
            return States.ended(ResultTree.OUT_OF_STEPS, 0, Isa.EMPTY_CONTENT, 0, m.steps);
        }
    }

    function _halts(Step memory s) private pure returns (bool) {
        uint256 op = s.instruction.op;
        return op == Isa.EXIT || (op == Isa.RETURN && !s.hasCaller);
    }

    function _execute(Step memory s, Witness memory w, IOneStepFloat float) private pure {
        Instruction memory i = s.instruction;
        Machine memory m = s.machine;
        if (i.op == Isa.RETURN) return _return(s, w);
        if (i.op == Isa.CALL || i.op == Isa.CALL_INDIRECT) return _call(s);
        if (i.isOf(Isa.REPEATS)) return _move(s, w);

        if (i.op == Isa.ARG) {
            m.argsRoot = _put(s.args, i.t, s.a, w);
        } else if (i.op == Isa.GLOBAL_SET) {
            m.globalsRoot = _put(s.globals, i.t, s.a, w);
        } else if (i.isOf(Isa.STORES)) {
            Bytes.storeLittle(s.data.locate(s.position), s.b, s.width);
            m.memoryRoot = s.data.rootOf(w);
        } else if (i.isOf(Isa.WRITES)) {
            m.frameRoot = _put(s.frame, i.d, _resultOf(s, float), w);
        }
        m.pc = _nextPc(s);
    }

    function _nextPc(Step memory s) private pure returns (uint256) {
        unchecked {
            Instruction memory i = s.instruction;
            uint256 following = s.machine.pc + 1;
            uint256 low = s.a & MASK_32;
            if (i.op == Isa.JUMP) return i.t;
            if (i.op == Isa.JUMP_IF) return low != 0 ? i.t : following;
            if (i.op == Isa.JUMP_UNLESS) return low == 0 ? i.t : following;
            if (i.op == Isa.JUMP_TABLE) return Math.min(following + Math.min(low, i.y), MASK_32);
            return following;
        }
    }

    /// @dev The value for slot `d`; numeric instructions may trap instead.
    function _resultOf(Step memory s, IOneStepFloat float) private pure returns (uint256 result) {
        Instruction memory i = s.instruction;
        Machine memory m = s.machine;
        if (i.op == Isa.MOVE) return s.a;
        if (i.op == Isa.SELECT) return s.c & MASK_32 != 0 ? s.a : s.b;
        if (i.op == Isa.GLOBAL_GET) return Bytes.loadSlot(s.globals.locate(i.t << SLOT_BITS));
        if (i.isOf(Isa.LOADS)) return _load(s);
        if (i.op == Isa.MEMORY_SIZE) return m.pages;
        if (i.op == Isa.MEMORY_GROW) return _grow(s);
        if (i.op == Isa.RESULT) {
            if (i.has(Isa.EMPTIES_ARGS)) m.argsRoot = Isa.EMPTY_SLOTS;
            return Bytes.loadSlot(s.args.locate(i.t << SLOT_BITS));
        }
        if (i.op == Isa.INPUT_SIZE) {
            m.argsRoot = Isa.EMPTY_SLOTS;
            return s.transfer.length;
        }
        if (i.isOf(Isa.FLOAT)) {
            (result, s.isTrap) = float.execute(uint8(i.op), uint64(s.a), uint64(s.b));
        } else {
            (result, s.isTrap) = Integers.execute(i.op, s.a, s.b);
        }
    }

    function _load(Step memory s) private pure returns (uint256) {
        unchecked {
            uint256 value = Bytes.loadLittle(s.data.locate(s.position), s.width);
            if (!s.instruction.isOf(Isa.SIGNED)) return value;
            return Integers.extend(value, 8 * s.width) & (s.instruction.isOf(Isa.NARROW) ? MASK_32 : MASK_64);
        }
    }

    function _grow(Step memory s) private pure returns (uint256 before) {
        unchecked {
            Machine memory m = s.machine;
            before = m.pages;
            uint256 grown = before + (s.a & MASK_32);
            // -1 as an i32
            if (grown > m.maxPages) return MASK_32;
            m.pages = grown;
        }
    }

    function _call(Step memory s) private pure {
        unchecked {
            Machine memory m = s.machine;
            m.suspended = States.link(m.suspended, m.frameRoot, m.pc + 1, m.stack, s.instruction.d);
            m.frameRoot = m.argsRoot;
            m.argsRoot = Isa.EMPTY_SLOTS;
            m.stack -= s.weight;
            m.pc = s.target;
        }
    }

    function _return(Step memory s, Witness memory w) private pure {
        Machine memory m = s.machine;
        bool hasValue = s.instruction.has(Isa.HAS_VALUE);
        m.frameRoot = hasValue ? _put(s.caller, s.resultSlot, s.a, w) : s.callerFrame;
        m.suspended = s.callerSuspended;
        m.stack = s.callerStack;
        m.pc = s.returnPc;
    }

    /// @dev One step of a repeating instruction.
    function _move(Step memory s, Witness memory w) private pure {
        unchecked {
            Machine memory m = s.machine;
            Instruction memory i = s.instruction;
            Transfer memory t = s.transfer;
            if (t.count != 0) {
                _moveBytes(s);
                if (i.op != Isa.OUTPUT_WRITE) {
                    m.memoryRoot = s.data.rootOf(w);
                } else {
                    m.outputRoot = s.output.rootOf(w);
                    m.outputLength += t.count;
                }
            }
            if (!t.isLast) {
                m.rep += t.count;
                return;
            }
            m.rep = 0;
            ++m.pc;
            if (i.isOf(Isa.HOSTS)) m.argsRoot = Isa.EMPTY_SLOTS;
            if (i.op == Isa.INPUT_READ) m.frameRoot = _put(s.frame, i.d, t.length, w);
        }
    }

    function _moveBytes(Step memory s) private pure {
        uint256 op = s.instruction.op;
        Transfer memory t = s.transfer;
        if (op == Isa.MEMORY_FILL) {
            Bytes.fill(s.data.locate(t.to), s.b, t.count);
        } else if (op == Isa.MEMORY_COPY) {
            Bytes.copy(s.data.locate(t.to), s.data.locate(t.from), t.count);
        } else if (op == Isa.INPUT_READ) {
            Bytes.copy(s.data.locate(t.to), s.input.locate(t.from), t.count);
        } else {
            Bytes.copy(s.output.locate(t.to), s.data.locate(t.from), t.count);
        }
    }

    /// @dev The root of the tree once the value stands in its slot.
    function _put(Proof memory slots, uint256 slot, uint256 value, Witness memory w) private pure returns (bytes32) {
        Bytes.storeSlot(slots.locate(slot << SLOT_BITS), value);
        return slots.rootOf(w);
    }
}
