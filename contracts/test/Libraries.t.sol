// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SeatOutcome, Seat, Verdict} from "../src/interfaces/IPolicy.sol";
import {Bitmap} from "../src/libraries/Bitmap.sol";
import {Eligibility, EligibilityMap} from "../src/libraries/Eligibility.sol";
import {HalfMap, Halves} from "../src/libraries/Halves.sol";
import {RoundStates} from "../src/libraries/RoundStates.sol";
import {VerdictCodec} from "../src/libraries/VerdictCodec.sol";
import {Phase, RoundState} from "../src/types/RunTypes.sol";
import {Assertions} from "./kit/Assertions.sol";

contract LibrariesTest is Assertions {
    using Eligibility for EligibilityMap;
    using Halves for HalfMap;

    EligibilityMap private _map;
    HalfMap private _halves;
    mapping(uint256 round => mapping(uint256 index => bool)) private _expected;

    // ----------------------------------------------------------------------------------------------- Bitmap

    function testFuzz_MembersAreTheBitsInOrder(uint256 first, uint256 second) public pure {
        uint256[] memory words = new uint256[](2);
        (words[0], words[1]) = (first, second);
        uint256[] memory list = Bitmap.members(words);
        equal(list.length, Bitmap.count(words), "count");
        uint256[] memory again = new uint256[](2);
        for (uint256 i; i < list.length; ++i) {
            isTrue(i == 0 || list[i - 1] < list[i], "ascending");
            again[list[i] >> 8] |= 1 << (list[i] & 0xff);
        }
        equal(again[0], first, "first word");
        equal(again[1], second, "second word");
    }

    function testFuzz_LowestIsTheLowestBit(uint8 position, uint256 above) public pure {
        uint256 bit = 1 << uint256(position);
        uint256 bits = bit | (above & ~(bit - 1));
        equal(Bitmap.lowest(bits), position, "lowest");
    }

    function test_FullHasAsManySeatsAsAsked() public pure {
        for (uint256 seats; seats <= 32; ++seats) equal(Bitmap.count(Bitmap.full(seats)), seats, "seats");
    }

    // ----------------------------------------------------------------------------------------------- Halves

    function testFuzz_HalvesDoNotTouchEachOther(uint128 index, uint128 value, uint128 neighbour) public {
        uint256 other = uint256(index) ^ 1;
        _halves.set(other, neighbour);
        _halves.set(index, value);
        equal(_halves.get(index), value, "value");
        equal(_halves.get(other), neighbour, "neighbour");
    }

    /// The functions over lists do what one call for each index would have done.
    function testFuzz_ListsAreJustCheaper(uint256 seed, uint64[16] memory values) public {
        uint256[] memory indices = new uint256[](16);
        uint256[] memory entries = new uint256[](16);
        uint256[] memory standings = new uint256[](16);
        uint256 size;
        for (uint256 i; i < 16; ++i) _halves.set(i, uint128(i));
        for (uint256 i; i < 16; ++i) {
            if ((seed >> i) & 1 == 0) continue;
            (indices[size], entries[size], standings[size]) = (i, (i << 128) | values[i], values[i]);
            ++size;
        }
        assembly ("memory-safe") {
            mstore(indices, size)
            mstore(entries, size)
        }
        uint256[] memory before = _halves.getAll(indices);
        for (uint256 i; i < size; ++i) equal(before[i], indices[i], "before");
        uint256 total = this.addAll(entries);
        for (uint256 i; i < 16; ++i) {
            uint256 added = (seed >> i) & 1 == 0 ? 0 : values[i];
            equal(_halves.get(i), i + added, "added");
            total -= added;
        }
        equal(total, 0, "total");
        _halves.setAll(indices, standings, size / 3, size);
        for (uint256 i; i < size; ++i) {
            uint256 expected = i < size / 3 ? indices[i] + standings[i] : standings[i];
            equal(_halves.get(indices[i]), expected, "set");
        }
    }

    function addAll(uint256[] calldata entries) external returns (uint256) {
        return _halves.addAll(entries);
    }

    // ------------------------------------------------------------------------------------------ Eligibility

    /// Changes at growing boundaries: this round and the next always read what a plain table says.
    function testFuzz_EligibilityIsWhatATableSays(uint256 seed) public {
        for (uint32 round; round < 12; ++round) {
            for (uint256 i; i < 6; ++i) _expected[round + 1][i] = _expected[round][i];
            for (uint256 change; change < 3; ++change) {
                uint256 draw = uint256(keccak256(abi.encode(seed, round, change)));
                if (draw % 4 == 0) continue;
                uint256 index = (draw >> 8) % 6;
                bool value = (draw >> 16) % 2 == 0;
                _map.set(index * 50, value, round + 1);
                _expected[round + 1][index] = value;
            }
            for (uint256 i; i < 6; ++i) {
                isTrue(_isEligible(i * 50, round) == _expected[round][i], "this round");
                isTrue(_isEligible(i * 50, round + 1) == _expected[round + 1][i], "next round");
            }
        }
    }

    function _isEligible(uint256 index, uint32 round) private view returns (bool) {
        return (_map.wordAt(index >> 8, round) >> (index & 0xff)) & 1 == 1;
    }

    // ------------------------------------------------------------------------------------------------ words

    function testFuzz_ARoundStateSurvivesPacking(uint256 word, uint8 phase) public pure {
        word &= (1 << 227) - 1;
        word = (word & ~(uint256(0xff) << 32)) | (uint256(phase % 8) << 32);
        RoundState memory state = RoundStates.unpack(word);
        equal(RoundStates.pack(state), word, "word");
        isTrue(state.phase == Phase(phase % 8), "phase");
    }

    function testFuzz_AVerdictWordHoldsItsFields(Verdict memory verdict, int16 tally) public pure {
        uint256 word = VerdictCodec.pack(verdict, tally);
        equal(uint128(word), verdict.rewardWei, "reward");
        equal(uint64(word >> 128), verdict.mergeWeight, "merge weight");
        equal(uint32(word >> 192), verdict.trust, "trust");
        isTrue(uint8(word >> 224) == (verdict.accepted ? 1 : 0), "accepted");
        equal(int16(uint16(word >> 232)), tally, "tally");
    }

    function testFuzz_ASeatWordHoldsItsFields(SeatOutcome memory outcome, bool missed) public pure {
        Seat memory seat;
        seat.missed = missed;
        uint256 word = VerdictCodec.pack(outcome, seat);
        equal(uint128(word), outcome.rewardWei, "reward");
        equal(uint16(word >> 128), outcome.penaltyBp, "penalty");
        isTrue((word >> 144 == 1) == missed, "missed");
    }
}
