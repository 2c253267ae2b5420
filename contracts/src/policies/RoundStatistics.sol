// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {LineupEntry, UNAVAILABLE} from "../interfaces/IPolicy.sol";

/// @title RoundStatistics
/// @notice Where the tallies of a round lie, how widely they spread, and how a pot is divided. Memory only, integers
/// only; a median is the lower one, so that it is always somebody's value.
///
/// The loops over a lineup use the accessors at the end of this file instead of Solidity's indexing: with its checks a
/// round costs twice the gas. Every index is the counter of a loop bounded by the length of the array that it reads.
library RoundStatistics {
    using RoundStatistics for LineupEntry[];
    using RoundStatistics for int256[];

    /// @notice Lower median of the round's tallies, and lower median of their distances from it, in basis points.
    /// Updates without a tally are left out; both are 0 if there are no others.
    function centre(LineupEntry[] calldata lineup) internal pure returns (int256 median, int256 deviation) {
        unchecked {
            int256[] memory sorted = new int256[](lineup.length);
            uint256 count;
            for (uint256 i; i < lineup.length; ++i) {
                (int256 tally, , ) = lineup.entryAt(i);
                if (tally != UNAVAILABLE) _insert(sorted, count++, tally);
            }
            if (count == 0) return (0, 0);
            uint256 middle = (count - 1) / 2;
            median = sorted.valueAt(middle);

            // The distances from the median grow to both sides of it, so walking outwards meets them in order and no
            // second sort is needed. The median itself is the first, at distance 0; on either side of it lie at least
            // `middle` values, so the walk stays inside.
            (uint256 left, uint256 right) = (middle, middle + 1);
            for (uint256 step; step < middle; ++step) {
                int256 down = median - sorted.valueAt(left - 1);
                int256 up = sorted.valueAt(right) - median;
                if (down <= up) (deviation, left) = (down, left - 1);
                else (deviation, right) = (up, right + 1);
            }
        }
    }

    /// Puts a value in its place among the first `count`, which ascend: found by halving, made by one memory copy. In no
    /// order of the tallies is that dear, where a quicksort is slowest on equal ones, which are easy to arrange.
    function _insert(int256[] memory sorted, uint256 count, int256 value) private pure {
        unchecked {
            (uint256 low, uint256 high) = (0, count);
            while (low < high) {
                uint256 middle = (low + high) / 2;
                if (sorted.valueAt(middle) > value) high = middle;
                else low = middle + 1;
            }
            assembly ("memory-safe") {
                let place := add(add(sorted, 0x20), shl(5, low))
                mcopy(add(place, 0x20), place, shl(5, sub(count, low)))
                mstore(place, value)
            }
        }
    }

    /// @notice Divides a pot in proportion to weights, rounded down; what rounding leaves stays in the pot.
    /// All weights zero: nobody gets anything. Writes the shares over the weights, each of which is below 2^192.
    function divide(uint256 pot, uint256[] memory weights) internal pure {
        unchecked {
            uint256 total;
            for (uint256 i; i < weights.length; ++i) total += weights[i];
            if (total == 0) return;
            // The wide multiplication is dear, and bonds rarely need it.
            bool wide = total > type(uint128).max;
            for (uint256 i; i < weights.length; ++i) {
                uint256 weight = weights[i];
                weights[i] = wide ? Math.mulDiv(pot, weight, total) : (pot * weight) / total;
            }
        }
    }

    /// @notice The fields of an entry; `index` must be below the length.
    function entryAt(
        LineupEntry[] calldata lineup,
        uint256 index
    ) internal pure returns (int256 tally, uint256 trust, uint256 note) {
        assembly ("memory-safe") {
            let entry := add(lineup.offset, mul(index, 0x60))
            tally := signextend(1, calldataload(entry))
            trust := and(calldataload(add(entry, 0x20)), 0xffffffff)
            note := and(calldataload(add(entry, 0x40)), 0xffffffffffffffff)
        }
    }

    /// @notice The value at an index, which must be below the length.
    function valueAt(int256[] memory values, uint256 index) internal pure returns (int256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(values, 0x20), shl(5, index)))
        }
    }

    /// @notice Sets the value at an index, which must be below the length.
    function put(int256[] memory values, uint256 index, int256 value) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(values, 0x20), shl(5, index)), value)
        }
    }
}
