// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev Two uint128 in a storage slot, by index.
struct HalfMap {
    mapping(uint256 word => uint256) words;
}

/// @dev The functions over lists touch each slot once where neighbours follow each other, as they do in a lineup: a cold
/// slot costs 5,000 gas to change, whether one half of it or both.
library Halves {
    /// No slot has this number: indices have 128 bits.
    uint256 private constant NOWHERE = type(uint256).max;

    function get(HalfMap storage map, uint256 index) internal view returns (uint128) {
        return uint128(map.words[index >> 1] >> _shift(index));
    }

    function set(HalfMap storage map, uint256 index, uint128 value) internal {
        map.words[index >> 1] = _with(map.words[index >> 1], index, value);
    }

    /// The values at `indices`.
    function getAll(
        HalfMap storage map,
        uint256[] memory indices
    ) internal view returns (uint256[] memory values) {
        values = new uint256[](indices.length);
        uint256 position = NOWHERE;
        uint256 word;
        for (uint256 i; i < values.length; ++i) {
            uint256 index = indices[i];
            if (index >> 1 != position) {
                position = index >> 1;
                word = map.words[position];
            }
            values[i] = uint128(word >> _shift(index));
        }
    }

    /// Replaces the values at `indices[from]` to `indices[to - 1]`.
    function setAll(
        HalfMap storage map,
        uint256[] memory indices,
        uint256[] memory values,
        uint256 from,
        uint256 to
    ) internal {
        uint256 position = NOWHERE;
        uint256 word;
        for (uint256 i = from; i < to; ++i) {
            uint256 index = indices[i];
            if (index >> 1 != position) {
                if (position != NOWHERE) map.words[position] = word;
                position = index >> 1;
                word = map.words[position];
            }
            word = _with(word, index, uint128(values[i]));
        }
        if (position != NOWHERE) map.words[position] = word;
    }

    /// Adds to the values: each entry has its index in the upper 128 bits and the amount in the lower.
    /// @return total What was added in all.
    function addAll(HalfMap storage map, uint256[] calldata entries) internal returns (uint256 total) {
        uint256 position = NOWHERE;
        uint256 word;
        for (uint256 i; i < entries.length; ++i) {
            uint256 index = entries[i] >> 128;
            uint128 amount = uint128(entries[i]);
            if (index >> 1 != position) {
                if (position != NOWHERE) map.words[position] = word;
                position = index >> 1;
                word = map.words[position];
            }
            word = _with(word, index, uint128(word >> _shift(index)) + amount);
            total += amount;
        }
        if (position != NOWHERE) map.words[position] = word;
    }

    function _with(uint256 word, uint256 index, uint128 value) private pure returns (uint256) {
        uint256 shift = _shift(index);
        return (word & ~(uint256(type(uint128).max) << shift)) | (uint256(value) << shift);
    }

    function _shift(uint256 index) private pure returns (uint256) {
        return (index & 1) << 7;
    }
}
