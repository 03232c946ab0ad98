// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IOneStepFloat } from "../interfaces/IOneStepFloat.sol";
import { SoftFloatArithmetic } from "../libraries/SoftFloatArithmetic.sol";
import { SoftFloatComparison } from "../libraries/SoftFloatComparison.sol";
import { SoftFloatConversion } from "../libraries/SoftFloatConversion.sol";
import { BINARY32, BINARY64, FloatFormat } from "../libraries/SoftFloatFormat.sol";
import { Isa } from "./vm/Isa.sol";

/// @notice Executes the instructions of the Assay VM on floats, for whoever proves one step of it.
/// @dev Their numbers are WebAssembly's (`sdk/src/vm/isa.ts`), saturating truncations aside, which have a prefix there.
/// Every instruction that computes a float yields one NaN only, 7fc00000 or 7ff8000000000000; those that only touch the
/// sign keep all other bits.
contract OneStepFloat is IOneStepFloat {
    /// @dev In the order of their opcodes.
    enum Relation {
        Eq,
        Ne,
        Lt,
        Gt,
        Le,
        Ge
    }

    /// @dev In the order of their opcodes.
    enum Operation {
        Abs,
        Neg,
        Ceil,
        Floor,
        Trunc,
        Nearest,
        Sqrt,
        Add,
        Sub,
        Mul,
        Div,
        Min,
        Max,
        CopySign
    }

    /// @dev Conversions of a kind stand in a row whose order counts in binary: bit 0 unsigned; bit 1 the wider source;
    /// bit 2, of truncations, the wider result.
    uint256 private constant UNSIGNED = 1;
    uint256 private constant WIDE_SOURCE = 2;
    uint256 private constant WIDE_RESULT = 4;

    /// @notice No instruction on floats has this number.
    error OneStepFloatUnknownOpcode(uint8 op);

    /// @inheritdoc IOneStepFloat
    function execute(uint8 op, uint64 a, uint64 b) external pure returns (uint64 result, bool isTrap) {
        if (op >= Isa.F32_ABS && op <= Isa.F64_COPYSIGN) return (uint64(_compute(op, a, b)), false);
        if (op >= Isa.F32_EQ && op <= Isa.F64_GE) return (_compare(op, a, b) ? 1 : 0, false);
        if (op >= Isa.F32_CONVERT_I32_S && op <= Isa.F64_PROMOTE_F32) return (uint64(_convert(op, a)), false);
        unchecked {
            if (op >= Isa.I32_TRUNC_F32_S && op <= Isa.I32_TRUNC_F64_U) return _truncate(op - Isa.I32_TRUNC_F32_S, a);
            if (op >= Isa.I64_TRUNC_F32_S && op <= Isa.I64_TRUNC_F64_U) {
                return _truncate((op - Isa.I64_TRUNC_F32_S) | WIDE_RESULT, a);
            }
            if (op >= Isa.I32_TRUNC_SAT_F32_S && op <= Isa.I64_TRUNC_SAT_F64_U) {
                (uint256 nearest, ) = _toInteger(op - Isa.I32_TRUNC_SAT_F32_S, a);
                return (uint64(nearest), false);
            }
        }
        revert OneStepFloatUnknownOpcode(op);
    }

    function _compute(uint256 op, uint256 a, uint256 b) private pure returns (uint256) {
        bool isWide = op >= Isa.F64_ABS;
        FloatFormat format = _formatOf(isWide);
        a = _operand(isWide, a);
        b = _operand(isWide, b);
        Operation operation = Operation(op - (isWide ? Isa.F64_ABS : Isa.F32_ABS));
        if (operation == Operation.Add) return SoftFloatArithmetic.add(format, a, b);
        if (operation == Operation.Mul) return SoftFloatArithmetic.mul(format, a, b);
        if (operation == Operation.Sub) return SoftFloatArithmetic.sub(format, a, b);
        if (operation == Operation.Div) return SoftFloatArithmetic.div(format, a, b);
        if (operation == Operation.Sqrt) return SoftFloatArithmetic.sqrt(format, a);
        if (operation == Operation.Abs) return format.magnitudeOf(a);
        if (operation == Operation.Neg) return a ^ format.signBit();
        if (operation == Operation.CopySign) return SoftFloatComparison.copySign(format, a, b);
        if (operation == Operation.Min) return SoftFloatComparison.min(format, a, b);
        if (operation == Operation.Max) return SoftFloatComparison.max(format, a, b);
        if (operation == Operation.Ceil) return SoftFloatConversion.ceil(format, a);
        if (operation == Operation.Floor) return SoftFloatConversion.floor(format, a);
        if (operation == Operation.Trunc) return SoftFloatConversion.trunc(format, a);
        return SoftFloatConversion.nearest(format, a);
    }

    function _compare(uint256 op, uint256 a, uint256 b) private pure returns (bool) {
        bool isWide = op >= Isa.F64_EQ;
        FloatFormat format = _formatOf(isWide);
        a = _operand(isWide, a);
        b = _operand(isWide, b);
        Relation relation = Relation(op - (isWide ? Isa.F64_EQ : Isa.F32_EQ));
        if (!SoftFloatComparison.areOrdered(format, a, b)) return relation == Relation.Ne;
        int256 orderA = SoftFloatComparison.orderOf(format, a);
        int256 orderB = SoftFloatComparison.orderOf(format, b);
        if (relation == Relation.Eq) return orderA == orderB;
        if (relation == Relation.Ne) return orderA != orderB;
        if (relation == Relation.Lt) return orderA < orderB;
        if (relation == Relation.Gt) return orderA > orderB;
        if (relation == Relation.Le) return orderA <= orderB;
        return orderA >= orderB;
    }

    function _convert(uint256 op, uint256 a) private pure returns (uint256) {
        if (op <= Isa.F32_CONVERT_I64_U) return _fromInteger(BINARY32, op - Isa.F32_CONVERT_I32_S, a);
        if (op == Isa.F32_DEMOTE_F64) return SoftFloatConversion.toFormat(BINARY64, BINARY32, a);
        if (op <= Isa.F64_CONVERT_I64_U) return _fromInteger(BINARY64, op - Isa.F64_CONVERT_I32_S, a);
        return SoftFloatConversion.toFormat(BINARY32, BINARY64, _operand(false, a));
    }

    function _fromInteger(FloatFormat format, uint256 kind, uint256 a) private pure returns (uint256) {
        bool isWide = kind & WIDE_SOURCE != 0;
        bool isSigned = kind & UNSIGNED == 0;
        return SoftFloatConversion.fromInteger(format, _operand(isWide, a), isWide ? 64 : 32, isSigned);
    }

    function _truncate(uint256 kind, uint256 a) private pure returns (uint64, bool) {
        (uint256 nearest, bool isInvalid) = _toInteger(kind, a);
        return isInvalid ? (0, true) : (uint64(nearest), false);
    }

    function _toInteger(uint256 kind, uint256 a) private pure returns (uint256, bool) {
        bool isWide = kind & WIDE_SOURCE != 0;
        uint256 width = kind & WIDE_RESULT == 0 ? 32 : 64;
        bool isSigned = kind & UNSIGNED == 0;
        return SoftFloatConversion.toInteger(_formatOf(isWide), _operand(isWide, a), width, isSigned);
    }

    function _formatOf(bool isWide) private pure returns (FloatFormat) {
        return isWide ? BINARY64 : BINARY32;
    }

    function _operand(bool isWide, uint256 value) private pure returns (uint256) {
        return isWide ? value : value & type(uint32).max;
    }
}
