// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Phase, RoundState} from "../types/RunTypes.sol";

/// @title RoundStates
/// @notice The state of a round as one word. The compiler would write a packed struct field by field, which costs more
/// than 2,000 gas in every transaction of a round.
library RoundStates {
    function pack(RoundState memory state) internal pure returns (uint256 word) {
        word = state.number;
        word |= uint256(state.phase) << 32;
        word |= uint256(state.deadline) << 40;
        word |= uint256(state.committed) << 80;
        word |= uint256(state.revealed) << 112;
        word |= uint256(state.missedBefore) << 144;
        word |= uint256(state.seats) << 176;
        word |= uint256(state.voids) << 184;
        word |= uint256(state.lineupSize) << 192;
        word |= uint256(state.applied) << 208;
        if (state.paused) word |= 1 << 224;
        if (state.finishing) word |= 1 << 225;
        if (state.rosterChanged) word |= 1 << 226;
    }

    function unpack(uint256 word) internal pure returns (RoundState memory state) {
        state.number = uint32(word);
        state.phase = Phase(uint8(word >> 32));
        state.deadline = uint40(word >> 40);
        state.committed = uint32(word >> 80);
        state.revealed = uint32(word >> 112);
        state.missedBefore = uint32(word >> 144);
        state.seats = uint8(word >> 176);
        state.voids = uint8(word >> 184);
        state.lineupSize = uint16(word >> 192);
        state.applied = uint16(word >> 208);
        state.paused = (word >> 224) & 1 == 1;
        state.finishing = (word >> 225) & 1 == 1;
        state.rosterChanged = (word >> 226) & 1 == 1;
    }
}
