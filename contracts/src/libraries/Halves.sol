// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev Two uint128 in a storage slot, by index. Trainers of a lineup have ascending account numbers, so neighbours
/// share the price of a cold slot.
struct HalfMap {
    mapping(uint256 word => uint256) words;
}

library Halves {
    function get(HalfMap storage map, uint256 index) internal view returns (uint128) {
        return uint128(map.words[index >> 1] >> _shift(index));
    }

    function set(HalfMap storage map, uint256 index, uint128 value) internal {
        uint256 shift = _shift(index);
        uint256 word = map.words[index >> 1];
        map.words[index >> 1] = (word & ~(uint256(type(uint128).max) << shift)) | (uint256(value) << shift);
    }

    function _shift(uint256 index) private pure returns (uint256) {
        return (index & 1) << 7;
    }
}
