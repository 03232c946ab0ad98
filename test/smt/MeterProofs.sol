// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable reason-string, gas-custom-errors

import { JobMeter, JobMeterLibrary } from "../../contracts/types/JobMeter.sol";

/// @notice A metered job counts steps up to its budget and pays between its base and its price.
contract MeterProofs {
    uint256 private constant BPS = 10_000;

    function aMeterHoldsWhatWasPacked(uint96 budget, uint16 bps) external pure {
        JobMeter meter = JobMeterLibrary.pack(budget, bps);
        assert(meter.stepBudget() == budget);
        assert(meter.steps() == 0);
        assert(meter.meteredBps() == bps);
    }

    function stepsAreCountedUpToTheBudget(uint96 budget, uint16 bps, uint256 total) external pure {
        JobMeter meter = JobMeterLibrary.pack(budget, bps).withSteps(total);
        assert(meter.steps() == (total < budget ? total : budget));
        assert(meter.stepBudget() == budget);
        assert(meter.meteredBps() == bps);
    }

    function aPayIsAtMostThePrice(uint96 budget, uint16 bps, uint96 steps, uint80 price) external pure {
        assert(_meter(budget, bps, steps).payOf(price) <= price);
    }

    function allStepsPayThePrice(uint96 budget, uint16 bps, uint80 price) external pure {
        assert(_meter(budget, bps, budget).payOf(price) == price);
    }

    function theWeightOfStepsIsAtMostThatOfTheBudget(uint96 budget, uint16 bps, uint96 steps) external pure {
        require(steps <= budget && bps <= BPS);
        unchecked {
            assert((BPS - bps) * budget + uint256(bps) * steps <= BPS * budget);
        }
    }

    function aShareIsAtMostTheWhole(uint80 price, uint112 weight, uint112 whole) external pure {
        require(0 < whole && weight <= whole);
        unchecked {
            assert((uint256(price) * weight) / whole <= price);
            assert((uint256(price) * whole) / whole == price);
        }
    }

    /// @dev The word as {JobMeterLibrary} packs it, which is proven above.
    function _meter(uint96 budget, uint16 bps, uint96 steps) private pure returns (JobMeter result) {
        require(0 < budget && steps <= budget && bps <= BPS);
        result = JobMeter.wrap(uint256(budget) + uint256(steps) * 2 ** 96 + uint256(bps) * 2 ** 192);
    }
}
