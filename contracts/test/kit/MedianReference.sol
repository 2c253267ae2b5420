// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {UNAVAILABLE} from "../../src/interfaces/IPolicy.sol";

/// @dev The tally as PROTOCOL.md words it, by sorting: slow, and obviously right. `Tally` must agree with it.
library MedianReference {
    function tally(int256[] memory scores, uint256[] memory bondsWei) internal pure returns (int16) {
        uint256 missing;
        uint256 total;
        for (uint256 i; i < scores.length; ++i) {
            total += bondsWei[i];
            if (scores[i] == UNAVAILABLE) missing += bondsWei[i];
        }
        if (missing * 2 > total) return UNAVAILABLE;

        uint256[] memory order = _sorted(scores);
        uint256 upTo;
        for (uint256 i; i < order.length; ++i) {
            if (scores[order[i]] == UNAVAILABLE) continue;
            upTo += bondsWei[order[i]];
            if (upTo * 2 >= total - missing) return int16(scores[order[i]]);
        }
        revert("a median exists");
    }

    function _sorted(int256[] memory scores) private pure returns (uint256[] memory order) {
        order = new uint256[](scores.length);
        for (uint256 i; i < order.length; ++i) {
            uint256 j = i;
            for (; j > 0 && scores[order[j - 1]] > scores[i]; --j) order[j] = order[j - 1];
            order[j] = i;
        }
    }
}
