// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
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

    /// Added to a tally so that the unsigned sort can sort it.
    int256 private constant SHIFT = 2 ** 15;

    /// @notice Lower median of the round's tallies, and lower median of their distances from it, in basis points.
    /// Updates without a tally are left out; both are 0 if there are no others.
    function centre(LineupEntry[] calldata lineup) internal pure returns (int256 median, int256 deviation) {
        unchecked {
            uint256[] memory sorted = new uint256[](lineup.length);
            uint256 count;
            for (uint256 i; i < lineup.length; ++i) {
                (int256 tally, , ) = lineup.entryAt(i);
                if (tally != UNAVAILABLE) sorted[count++] = uint256(tally + SHIFT);
            }
            if (count == 0) return (0, 0);
            assembly ("memory-safe") {
                mstore(sorted, count)
            }
            Arrays.sort(sorted);

            uint256 middle = (count - 1) / 2;
            return (int256(sorted[middle]) - SHIFT, int256(_middleDistance(sorted, middle)));
        }
    }

    /// The distances from the median grow to both sides of it, so walking outwards meets them in order and no second
    /// sort is needed. The median itself is the first, at distance 0.
    function _middleDistance(
        uint256[] memory sorted,
        uint256 middle
    ) private pure returns (uint256 distance) {
        unchecked {
            uint256 value = sorted[middle];
            uint256 left = middle;
            uint256 right = middle + 1;
            // In range throughout: on either side of the median lie at least `middle` values.
            for (uint256 step; step < middle; ++step) {
                uint256 down = value - Arrays.unsafeMemoryAccess(sorted, left - 1);
                uint256 up = Arrays.unsafeMemoryAccess(sorted, right) - value;
                if (down <= up) (distance, left) = (down, left - 1);
                else (distance, right) = (up, right + 1);
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
