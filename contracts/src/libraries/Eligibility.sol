// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev A bitmap over account numbers whose changes take effect at a round boundary. Each word keeps the value that
/// holds in the running round and the one that holds from `from` on, so that nothing has to be carried over when a
/// round is opened, however many members joined or left.
struct EligibilityMap {
    mapping(uint256 word => Word) words;
}

struct Word {
    uint32 from;
    uint256 current;
    uint256 next;
}

library Eligibility {
    /// Sets the bit of `index` from round `from` on; `from` must not decrease between calls.
    function set(EligibilityMap storage map, uint256 index, bool value, uint32 from) internal {
        Word storage word = map.words[index >> 8];
        if (word.from < from) {
            word.current = word.next;
            word.from = from;
        }
        uint256 bit = 1 << (index & 0xff);
        word.next = value ? word.next | bit : word.next & ~bit;
    }

    /// The 256 bits of word number `position` that hold in `round`.
    function wordAt(
        EligibilityMap storage map,
        uint256 position,
        uint32 round
    ) internal view returns (uint256) {
        Word storage word = map.words[position];
        return word.from <= round ? word.next : word.current;
    }
}
