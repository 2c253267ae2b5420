// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev Sets of small numbers as bits. A set in this form has no duplicates and one order.
library Bitmap {
    function count(uint256 bits) internal pure returns (uint256 size) {
        for (; bits != 0; bits &= bits - 1) {
            unchecked {
                ++size;
            }
        }
    }

    function count(uint256[] memory words) internal pure returns (uint256 size) {
        for (uint256 i; i < words.length; ++i) size += count(words[i]);
    }

    /// The members of the set, ascending.
    function members(uint256[] memory words) internal pure returns (uint256[] memory list) {
        list = new uint256[](count(words));
        uint256 next;
        for (uint256 i; i < words.length; ++i) {
            for (uint256 bits = words[i]; bits != 0; bits &= bits - 1) {
                list[next++] = (i << 8) | lowest(bits);
            }
        }
    }

    /// Position of the lowest bit; `bits` must not be 0.
    function lowest(uint256 bits) internal pure returns (uint256 position) {
        assembly ("memory-safe") {
            // Count the trailing zeros: 255 minus the leading zeros of the isolated lowest bit.
            position := sub(255, clz(and(bits, sub(0, bits))))
        }
    }

    /// The set {0, ..., size - 1}, of seats.
    function full(uint256 size) internal pure returns (uint32) {
        return uint32((1 << size) - 1);
    }
}
