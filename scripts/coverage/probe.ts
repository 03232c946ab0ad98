export const PROBE_SOURCE = 'assay-coverage/CoverageProbe.sol'

/**
 * What instrumented code calls. Hardhat's chain notes the data of each call to one address, and leaves everything else
 * as it was: state, memory in use, and the data returned by the call before, which assembly may look at.
 */
export const PROBE = `// SPDX-License-Identifier: MIT
pragma solidity >=0.8.24;

library CoverageProbe {
    address private constant COLLECTOR = 0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE;

    function hit(uint256 id) internal pure {
        _toPure(_hit)(id);
    }

    function branch(uint256 id, bool value) internal pure returns (bool) {
        hit(value ? id : id + 1);
        return value;
    }

    function enter(uint256 id) internal view {
        hit(_isInside(id) ? id + 1 : id);
    }

    function pass(uint256 id) internal {
        hit(_isInside(id) ? id + 3 : id + 2);
        assembly ("memory-safe") {
            tstore(id, 1)
        }
    }

    function leave(uint256 id) internal {
        assembly ("memory-safe") {
            tstore(id, 0)
        }
    }

    function _isInside(uint256 id) private view returns (bool inside) {
        assembly ("memory-safe") {
            inside := tload(id)
        }
    }

    function _hit(uint256 id) private view {
        address collector = COLLECTOR;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, id)
            pop(staticcall(gas(), collector, free, 0x20, 0, 0))
        }
    }

    function _toPure(function(uint256) view f) private pure returns (function(uint256) pure g) {
        assembly ("memory-safe") {
            g := f
        }
    }
}
`
