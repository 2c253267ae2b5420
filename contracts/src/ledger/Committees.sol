// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MAX_SEATS, RoundState} from "../types/RunTypes.sol";
import {LedgerBase} from "./LedgerBase.sol";

/// @title Committees
/// @notice The Validators that score in a round: a value of the round, drawn from a seed that was fixed before.
abstract contract Committees is LedgerBase {
    /// Seats the committee of the round, ascending by address, with the bonds of now as weights.
    /// @return bondWei Bond of the whole committee.
    function _seatCommittee(
        uint256 run,
        Run storage r,
        RoundState memory state
    ) internal returns (uint96 bondWei) {
        address[] memory validators = _drawCommittee(r.roster, _seed(state.number, r.release));
        _sort(validators);
        uint96[] memory bondsWei = REGISTRY.bondsOf(run, validators);
        state.missedBefore = 0;
        for (uint256 i; i < validators.length; ++i) {
            r.committee[i].validator = validators[i];
            r.committee[i].bondWei = bondsWei[i];
            bondWei += bondsWei[i];
            if (r.members[validators[i]].missed) state.missedBefore |= uint32(1 << i);
        }
        state.seats = uint8(validators.length);
        // A committee that is drawn from many is drawn again each round.
        state.rosterChanged = r.roster.length > MAX_SEATS;
        emit CommitteeSeated(run, state.number, validators, bondsWei);
    }

    /// The whole roster, or 32 of it by a Fisher-Yates shuffle that is only carried as far as needed. The shuffled
    /// positions live in a sparse list, because a roster may be long and memory is not free.
    function _drawCommittee(
        address[] storage roster,
        uint256 seed
    ) private view returns (address[] memory validators) {
        uint256 size = roster.length;
        if (size <= MAX_SEATS) return roster;
        validators = new address[](MAX_SEATS);
        uint256[] memory drawn = new uint256[](MAX_SEATS);
        uint256[] memory moved = new uint256[](MAX_SEATS);
        for (uint256 i; i < MAX_SEATS; ++i) {
            uint256 position = i + (uint256(keccak256(abi.encode(seed, i))) % (size - i));
            uint256 here = i;
            uint256 there = position;
            // The latest swap that touched a position says what lies there now.
            for (uint256 j; j < i; ++j) {
                if (drawn[j] == position) there = moved[j];
                if (drawn[j] == i) here = moved[j];
            }
            validators[i] = roster[there];
            drawn[i] = position;
            moved[i] = here;
        }
    }

    /// Ascending, by insertion: a committee is small, and is the same whatever the order in which its members joined.
    function _sort(address[] memory validators) private pure {
        for (uint256 i = 1; i < validators.length; ++i) {
            address validator = validators[i];
            uint256 j = i;
            for (; j > 0 && validators[j - 1] > validator; --j) validators[j] = validators[j - 1];
            validators[j] = validator;
        }
    }
}
