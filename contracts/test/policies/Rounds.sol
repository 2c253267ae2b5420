// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LineupEntry, Round, Seat, TRUST_ONE, UNAVAILABLE} from "../../src/interfaces/IPolicy.sol";

/// @dev Rounds drawn from a seed: mostly tallies of a few hundred basis points and ballots near them, with extremes,
/// unavailable updates, empty ballots and notes of any content among them.
library Rounds {
    function draw(
        uint256 seed,
        uint256 trainers,
        uint256 validators
    ) internal pure returns (Round memory round) {
        round.number = type(uint32).max;
        round.joins = uint32(1 + (_hash(seed, "joins") % 1000));
        round.baseTally = int16(int256(_hash(seed, "base") % 10_001));
        round.poolWei = uint128(_hash(seed, "pool") >> (128 + (seed % 128)));
        round.lineup = new LineupEntry[](trainers);
        round.committee = new Seat[](validators);
        for (uint256 i; i < trainers; ++i) {
            uint256 word = _hash(seed, i);
            round.lineup[i] = LineupEntry({
                tally: _score(word, 40),
                trust: uint32((word >> 64) % (uint256(TRUST_ONE) + 1)),
                note: (word >> 96) % 4 == 0 ? 0 : uint64(word >> 100)
            });
        }
        for (uint256 i; i < validators; ++i) {
            uint256 word = _hash(seed, ~i);
            round.committee[i].bondWei = uint128(word >> (128 + (word % 100)));
            round.committee[i].missed = word % 7 == 0;
            if (round.committee[i].missed) continue;
            bytes memory ballot = new bytes(2 * trainers);
            for (uint256 j; j < trainers; ++j) {
                int256 tally = round.lineup[j].tally;
                write(ballot, j, _score(_hash(word, j), tally == UNAVAILABLE ? int256(0) : tally));
            }
            round.committee[i].ballot = ballot;
        }
    }

    function write(bytes memory ballot, uint256 index, int256 score) internal pure {
        ballot[2 * index] = bytes1(uint8(uint16(int16(score)) >> 8));
        ballot[2 * index + 1] = bytes1(uint8(uint16(int16(score))));
    }

    /// The same round with Trainers i and j in each other's place.
    function swapTrainers(Round memory round, uint256 i, uint256 j) internal pure {
        (round.lineup[i], round.lineup[j]) = (round.lineup[j], round.lineup[i]);
        for (uint256 k; k < round.committee.length; ++k) {
            bytes memory ballot = round.committee[k].ballot;
            if (ballot.length == 0) continue;
            for (uint256 b; b < 2; ++b) {
                (ballot[2 * i + b], ballot[2 * j + b]) = (ballot[2 * j + b], ballot[2 * i + b]);
            }
        }
    }

    /// Near the centre nine times in ten, anywhere or unavailable else.
    function _score(uint256 word, int256 centre) private pure returns (int16) {
        uint256 kind = word % 20;
        if (kind == 0) return UNAVAILABLE;
        if (kind == 1) return int16(uint16(word >> 16));
        int256 score = centre + int256((word >> 16) % 401) - 200;
        return
            score > 32767
                ? int16(32767)
                : score < -32767
                    ? int16(-32767)
                    : int16(score);
    }

    function _hash(uint256 seed, string memory purpose) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, purpose)));
    }

    function _hash(uint256 seed, uint256 index) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, index)));
    }
}
