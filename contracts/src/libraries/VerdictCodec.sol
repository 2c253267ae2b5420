// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Seat, SeatOutcome, Verdict} from "../interfaces/IPolicy.sol";

/// @title VerdictCodec
/// @notice One word for each verdict in the event of a settlement: a tenth of what an event for each would cost.
///
/// Verdict, from the lowest bit: reward (128 bits), merge weight (64), trust (32), accepted (8), tally (16, two's
/// complement). Seat, from the lowest bit: reward (128), penalty in basis points (16), missed (8).
library VerdictCodec {
    function pack(Verdict memory verdict, int16 tally) internal pure returns (uint256) {
        return
            uint256(verdict.rewardWei) |
            (uint256(verdict.mergeWeight) << 128) |
            (uint256(verdict.trust) << 192) |
            (verdict.accepted ? 1 << 224 : 0) |
            (uint256(uint16(tally)) << 232);
    }

    function pack(SeatOutcome memory outcome, Seat memory seat) internal pure returns (uint256) {
        return
            uint256(outcome.rewardWei) | (uint256(outcome.penaltyBp) << 128) | (seat.missed ? 1 << 144 : 0);
    }
}
