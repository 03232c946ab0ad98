// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IOneStepFloat } from "./IOneStepFloat.sol";

/// @title One step of the Assay VM, as docs/vm/machine.md defines it
/// @notice Every state and every instruction that hash correctly have a successor: the machine goes on, ends or traps.
/// Only a witness that is not that of the state makes a call revert.
interface IOneStepVM {
    /// @notice The witness ends before the last part that this step needs.
    /// @param needed Bytes known to be needed when it ended.
    error OneStepVMWitnessTooShort(uint256 length, uint256 needed);
    /// @notice Bytes follow the last part that this step needs.
    error OneStepVMWitnessTooLong(uint256 length, uint256 needed);
    /// @notice A byte that tells what follows, or the bitmap of a proof, has a value that no witness has there.
    /// @param offset Position in the witness of what follows the field.
    error OneStepVMWitnessMalformed(uint256 offset);
    /// @notice The witness is that of another state.
    error OneStepVMOtherState(bytes32 state, bytes32 witnessed);
    /// @notice The table in the witness is that of another program.
    error OneStepVMOtherProgram(bytes32 restHash, bytes32 witnessed);
    /// @notice The input in the witness is another one.
    error OneStepVMOtherInput(bytes32 contentHash, bytes32 witnessed);

    /// @notice The successor of a state.
    /// @dev Notes:
    /// - A state that has ended is its own successor.
    /// - Float instructions are executed by {float}; when that call fails, for want of gas, so does this one.
    ///
    /// Requirements:
    /// - `witness` must be packed as docs/vm/machine.md says, without a byte too many.
    /// @param state Hash of the state before the step.
    /// @param witness What the step touches, with proofs; the roots of all that it does not touch.
    /// @return next Hash of the state after it.
    function step(bytes32 state, bytes calldata witness) external view returns (bytes32 next);

    /// @notice The contract that executes instructions on floats.
    function float() external view returns (IOneStepFloat);
}
