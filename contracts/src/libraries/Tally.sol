// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {UNAVAILABLE} from "../interfaces/IPolicy.sol";

/// @title Tally
/// @notice Checks a claimed bond-weighted lower median in one pass over the ballots.
///
/// The tally of an update is the first score, in ascending order, at which the bond behind the scores so far reaches
/// half of the bond of all that scored it. Sorting on chain costs about 24,000 gas an update at ten Validators; but t
/// is that median exactly if the bond below t is less than half and the bond up to t is at least half, and to check
/// that, one pass is enough. Ballots that report the update unavailable are left out of the median; if they hold more
/// than half of the bond, the tally is `UNAVAILABLE`.
library Tally {
    /// @param scores Ballots one after the other, each `width` entries of big-endian int16.
    /// @param bondsWei Bond behind each ballot.
    /// @param totalWei All of them together; less than 2^128.
    /// @return True if `tally` is the tally of entry `column`.
    function isTally(
        bytes memory scores,
        uint256 width,
        uint256 column,
        uint256[] memory bondsWei,
        uint256 totalWei,
        int256 tally
    ) internal pure returns (bool) {
        // Bond below the tally in the lower half, bond that reports unavailable in the upper.
        uint256 belowAndMissing;
        uint256 level;
        int256 unavailable = UNAVAILABLE;
        assembly ("memory-safe") {
            let bond := add(bondsWei, 0x20)
            let end := add(bond, shl(5, mload(bondsWei)))
            let score := add(add(scores, 0x20), shl(1, column))
            let stride := shl(1, width)
            for {} lt(bond, end) {} {
                let value := sar(240, mload(score))
                let weight := mload(bond)
                let side := or(slt(value, tally), shl(128, eq(value, unavailable)))
                belowAndMissing := add(belowAndMissing, mul(weight, side))
                level := add(level, mul(weight, eq(value, tally)))
                bond := add(bond, 0x20)
                score := add(score, stride)
            }
        }
        uint256 missing = belowAndMissing >> 128;
        if (missing * 2 > totalWei) return tally == UNAVAILABLE;
        if (tally == UNAVAILABLE) return false;
        // UNAVAILABLE is the smallest int16: those ballots were counted as below, and are taken out again.
        uint256 below = uint128(belowAndMissing) - missing;
        uint256 scored = totalWei - missing;
        return below * 2 < scored && (below + level) * 2 >= scored;
    }

    /// Entry `column` of a packed list of scores.
    function scoreAt(bytes memory scores, uint256 column) internal pure returns (int16 score) {
        assembly ("memory-safe") {
            score := sar(240, mload(add(add(scores, 0x20), shl(1, column))))
        }
    }
}
