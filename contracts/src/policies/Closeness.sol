// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LineupEntry, Round, Seat, TRUST_ONE, UNAVAILABLE} from "../interfaces/IPolicy.sol";
import {RoundStatistics} from "./RoundStatistics.sol";

/// @title Closeness
/// @notice What a ballot was worth to its round, from 0 to `TRUST_ONE`: how much of the news in the tallies it explains.
///
/// The closeness of a ballot is R², the coefficient of determination, between its scores and the tallies, both cleared
/// of their mean and of what the chain expected each Trainer's tally to be; 0 if they do not rise together. So
///
/// - a constant ballot explains nothing, an opposite one is worth nothing, and a copy of what was known before is worth
///   nothing, whatever the spread of the updates and the noise of the hold-outs are;
/// - to add a constant to all scores or to stretch them gains nothing, and loses a Validator its say in the median.
///
/// Distance from the tally, the obvious measure, fails in all three: where updates differ less than hold-outs are noisy
/// it pays those who do not look. The numbers are in docs/policies.md and docs/adr/0020.
///
/// An update that has a tally but that this Validator calls unavailable counts as a score of 0. Rounds of one or two
/// updates, in which nothing correlates, are judged by distance from the tally.
///
/// The expected tally is a running average, a quarter of the way to the newest tally each time. It lives in the upper
/// 17 bits of the Trainer's note (1: there is one; 16: its value); the 47 below belong to the policy.
///
/// Scores are int16 and there are at most 256 of them, so no sum below comes near 2^255, hence `unchecked`.
library Closeness {
    using RoundStatistics for LineupEntry[];
    using RoundStatistics for int256[];

    /// A ballot is shorter than the lineup. The ledger checks lengths at the reveal, so this is a ledger at fault.
    error RoundBallotTooShort(uint256 seat, uint256 lengthBytes, uint256 neededBytes);

    /// Below this many updates a correlation says nothing: two points always lie on a line.
    uint256 private constant MIN_CORRELATED = 3;

    /// Below this many updates too little would be left to vary after clearing what was expected.
    uint256 private constant MIN_CLEARED = 5;

    /// The distance from the tally, in basis points, at which a score in a round of one or two updates pays nothing.
    int256 private constant TOLERANCE_BP = 150;

    uint256 private constant KNOWN = 1 << 63;
    uint256 private constant EXPECTED_AT = 47;

    /// Marks the updates without a tally; no other value gets that low.
    int256 private constant NONE = type(int256).min;

    /// What can be said about a round before looking at a ballot.
    struct Measure {
        /// Updates that have a tally.
        uint256 count;
        /// Two values an update: its news (`NONE` without a tally), then what was expected of it. Both have a mean of
        /// zero over the updates with a tally; the news are the tallies cleared of what was expected.
        int256[] pairs;
        /// What rounding left of the mean.
        int256 newsSum;
        /// Sums of squares. `expected` is 1 if nothing was expected: the formula of `_explained` then holds with any
        /// positive number.
        uint256 newsSquared;
        uint256 expectedSquared;
    }

    /// @notice Closeness of every seat's ballot, 0 for the empty ones.
    function ofBallots(Round calldata round) internal pure returns (uint256[] memory result) {
        LineupEntry[] calldata lineup = round.lineup;
        Seat[] calldata committee = round.committee;
        Measure memory measure = _measure(lineup);
        uint256 neededBytes = 2 * lineup.length;
        result = new uint256[](committee.length);
        for (uint256 i; i < result.length; ++i) {
            bytes calldata ballot = committee[i].ballot;
            if (ballot.length == 0) continue;
            if (ballot.length < neededBytes) revert RoundBallotTooShort(i, ballot.length, neededBytes);
            result[i] = measure.count < MIN_CORRELATED ? _near(ballot, lineup) : _explained(ballot, measure);
        }
    }

    /// @notice The upper 17 bits of the note after the round.
    function expectedAfter(int256 tally, uint256 note) internal pure returns (uint256) {
        unchecked {
            if (note & KNOWN != 0) {
                int256 before = _expected(note);
                tally = before + (tally - before) / 4;
            }
            return KNOWN | ((uint256(tally) & type(uint16).max) << EXPECTED_AT);
        }
    }

    function _expected(uint256 note) private pure returns (int256) {
        return int16(uint16(note >> EXPECTED_AT));
    }

    function _measure(LineupEntry[] calldata lineup) private pure returns (Measure memory measure) {
        unchecked {
            int256[] memory pairs = new int256[](2 * lineup.length);
            int256 count;
            int256 sum;
            int256 known;
            int256 knownSum;
            for (uint256 i; i < lineup.length; ++i) {
                (int256 tally, , uint256 note) = lineup.entryAt(i);
                if (tally == UNAVAILABLE) {
                    pairs.put(2 * i, NONE);
                    continue;
                }
                pairs.put(2 * i, tally);
                ++count;
                sum += tally;
                int256 expected = NONE;
                if (note & KNOWN != 0) {
                    expected = _expected(note);
                    ++known;
                    knownSum += expected;
                }
                pairs.put(2 * i + 1, expected);
            }
            if (uint256(count) < MIN_CLEARED) (known, knownSum) = (0, 0);

            // Times their number less their sum: exact, where subtracting a mean rounds.
            int256 product;
            uint256 expectedSquared;
            for (uint256 i; i < pairs.length; i += 2) {
                (int256 news, int256 expected) = (pairs.valueAt(i), pairs.valueAt(i + 1));
                if (news == NONE) continue;
                news = count * news - sum;
                // A newcomer is expected to be like the others.
                expected = expected == NONE ? int256(0) : known * expected - knownSum;
                pairs.put(i, news);
                pairs.put(i + 1, expected);
                product += news * expected;
                expectedSquared += uint256(expected * expected);
            }

            // news = tallies - (tallies · expected / expected²) expected, the ratio with 32 binary places
            if (expectedSquared == 0) expectedSquared = 1;
            int256 ratio = (product << 32) / int256(expectedSquared);
            for (uint256 i; i < pairs.length; i += 2) {
                int256 news = pairs.valueAt(i);
                if (news == NONE) continue;
                news -= (ratio * pairs.valueAt(i + 1)) >> 32;
                pairs.put(i, news);
                measure.newsSum += news;
                measure.newsSquared += uint256(news * news);
            }
            (measure.count, measure.pairs, measure.expectedSquared) = (
                uint256(count),
                pairs,
                expectedSquared
            );
        }
    }

    /// With x the ballot's centred scores, n the news and e the expected tallies:
    /// (x·n)² / ((x² - (x·e)² / e²) n²).
    function _explained(bytes calldata ballot, Measure memory measure) private pure returns (uint256) {
        unchecked {
            (uint256 own, int256 shared, int256 known) = _products(ballot, measure);
            own = own * measure.expectedSquared - uint256(known * known);
            if (shared <= 0 || own == 0 || measure.newsSquared == 0) return 0;
            uint256 part =
                (uint256(shared * shared) * measure.expectedSquared * TRUST_ONE) /
                    (own * measure.newsSquared);
            // Above one only by the rounding of the news.
            return part < TRUST_ONE ? part : TRUST_ONE;
        }
    }

    /// x², x·n and x·e in one pass over the ballot: centring afterwards, count * sum(s n) - sum(s) * sum(n), spares a
    /// pass, and the sum of e is zero. In assembly because it runs once for every score of the round, 8,192 times in the
    /// largest.
    function _products(
        bytes calldata ballot,
        Measure memory measure
    ) private pure returns (uint256 own, int256 shared, int256 known) {
        (int256 unavailable, int256 none) = (UNAVAILABLE, NONE);
        (uint256 count, int256 newsSum, int256[] memory pairs) = (
            measure.count,
            measure.newsSum,
            measure.pairs
        );
        assembly ("memory-safe") {
            let sum := 0
            let at := ballot.offset
            let end := add(at, mload(pairs))
            for {
                let pair := add(pairs, 0x20)
            } lt(at, end) {
                at := add(at, 2)
                pair := add(pair, 0x40)
            } {
                let news := mload(pair)
                let score := signextend(1, shr(240, calldataload(at)))
                if or(eq(news, none), eq(score, unavailable)) {
                    continue
                }
                sum := add(sum, score)
                own := add(own, mul(score, score))
                shared := add(shared, mul(score, news))
                known := add(known, mul(score, mload(add(pair, 0x20))))
            }
            own := mul(count, sub(mul(count, own), mul(sum, sum)))
            shared := sub(mul(count, shared), mul(sum, newsSum))
            known := mul(count, known)
        }
    }

    /// Mean over the updates with a tally of how near the score is, from 1 at the tally to 0 at the tolerance.
    function _near(bytes calldata ballot, LineupEntry[] calldata lineup) private pure returns (uint256) {
        unchecked {
            int256 near;
            int256 count;
            for (uint256 i; i < lineup.length; ++i) {
                int256 tally = lineup[i].tally;
                if (tally == UNAVAILABLE) continue;
                ++count;
                int256 score = _scoreAt(ballot, i);
                int256 distance = score > tally ? score - tally : tally - score;
                if (score != UNAVAILABLE && distance < TOLERANCE_BP) near += TOLERANCE_BP - distance;
            }
            return count == 0 ? 0 : (uint256(near) * TRUST_ONE) / uint256(TOLERANCE_BP * count);
        }
    }

    function _scoreAt(bytes calldata ballot, uint256 index) private pure returns (int256 score) {
        assembly ("memory-safe") {
            score := signextend(1, shr(240, calldataload(add(ballot.offset, shl(1, index)))))
        }
    }
}
