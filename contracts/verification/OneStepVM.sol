// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IOneStepFloat } from "../interfaces/IOneStepFloat.sol";
import { IOneStepVM } from "../interfaces/IOneStepVM.sol";
import { Execution } from "./vm/Execution.sol";
import { States } from "./vm/States.sol";
import { Step } from "./vm/Step.sol";
import { StepReader } from "./vm/StepReader.sol";
import { Witness, WitnessReader } from "./vm/Witness.sol";

/// @title OneStepVM
/// @notice Judges one step of the Assay VM. It keeps nothing and trusts nobody: what a step reads is in its witness.
contract OneStepVM is IOneStepVM {
    /// @dev Bytes of the state of a machine that has ended, after the first one.
    uint256 private constant ENDED_SIZE = 53;

    /// @inheritdoc IOneStepVM
    IOneStepFloat public immutable float;

    /// @param floatContract Executes instructions on floats.
    constructor(IOneStepFloat floatContract) {
        float = floatContract;
    }

    /// @inheritdoc IOneStepVM
    function step(bytes32 state, bytes calldata witness) external view returns (bytes32 next) {
        Witness memory w = WitnessReader.open(witness);
        uint256 kind = w.take(1);
        if (kind == States.ENDED) {
            w.skip(ENDED_SIZE);
            w.close();
            _check(state, keccak256(witness));
            return state;
        }
        if (kind != States.RUNNING) w.malformed();

        Step memory s = StepReader.read(w);
        bytes32 job = s.machine.jobHash();
        _check(state, s.machine.hash(job));
        return Execution.next(s, w, job, float);
    }

    function _check(bytes32 state, bytes32 witnessed) private pure {
        if (state != witnessed) revert OneStepVMOtherState(state, witnessed);
    }
}
