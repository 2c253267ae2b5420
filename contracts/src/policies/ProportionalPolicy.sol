// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPolicy, LineupEntry, Round, TRUST_ONE, UNAVAILABLE, Verdict} from "../interfaces/IPolicy.sol";
import {RoundStatistics} from "./RoundStatistics.sol";
import {SplitPolicy} from "./SplitPolicy.sol";

/// @title ProportionalPolicy
/// @notice The default. Updates are judged against the other updates of their round: with m the median of the tallies
/// and d their median absolute deviation (at least `MIN_DEVIATION_BP`),
///
/// - accepted are tallies >= min(0, m - 3d (1 + 5/n)) of n updates;
/// - trust goes a tenth of the way to x, which is 0 for the refused, else 1/2 + clamp(tally / 3d, -1, 1) / 2;
/// - an accepted update weighs in the merge with its Trainer's new trust, and is paid by
///   trust * clamp(tally - (m - 3d), 0, 6d);
/// - refused tallies < m - 6d are deeply bad: the third within ten rounds costs 1 % of the bond and ten rounds of jail.
///
/// Formulas, worked examples and what was measured: docs/policies.md.
contract ProportionalPolicy is SplitPolicy {
    using RoundStatistics for LineupEntry[];

    /// Below this the deviation of the tallies is taken for the noise of the hold-outs.
    int256 internal constant MIN_DEVIATION_BP = 50;

    uint256 private constant DEEP_LIMIT = 3;
    uint256 private constant DEEP_WINDOW_ROUNDS = 10;
    uint16 private constant DEEP_PENALTY_BP = 100;
    uint16 private constant DEEP_JAIL_ROUNDS = 10;

    /// @inheritdoc IPolicy
    function initialTrust() external pure virtual override returns (uint32) {
        return TRUST_ONE / 2;
    }

    /// @inheritdoc SplitPolicy
    function _judge(
        Round calldata round
    ) internal view override returns (Verdict[] memory verdicts, uint256[] memory weights) {
        LineupEntry[] calldata lineup = round.lineup;
        uint256 number = round.number;
        verdicts = new Verdict[](lineup.length);
        weights = new uint256[](lineup.length);
        // Tallies are int16 and trusts at most 1e9: nothing here comes near an overflow.
        unchecked {
            (int256 floor, int256 reach) = lineup.centre();
            reach = 3 * (reach < MIN_DEVIATION_BP ? MIN_DEVIATION_BP : reach);
            floor -= reach;
            // Of few values the deviation itself is uncertain: one in twenty honest ones would lie below it (ADR 71).
            int256 cut = lineup.length == 0 ? floor : floor - (5 * reach) / int256(lineup.length);
            for (uint256 i; i < lineup.length; ++i) {
                (int256 tally, uint256 trust, uint256 note) = lineup.entryAt(i);
                Verdict memory verdict = verdicts[i];
                if (tally == UNAVAILABLE) {
                    (verdict.trust, verdict.note) = (uint32(trust), uint64(note));
                    continue;
                }
                bool accepted = tally >= 0 || tally >= cut;
                trust = _trustAfter(tally, trust, accepted, reach);
                verdict.trust = uint32(trust);
                _remember(verdict, note, number, !accepted && tally < floor - reach);
                if (accepted) {
                    verdict.accepted = true;
                    verdict.mergeWeight = uint64(trust);
                    weights[i] = trust * uint256(_clamp(tally - floor, 0, 2 * reach));
                }
            }
        }
    }

    /// The Trainer's trust after the round, in [0, TRUST_ONE]. `reach` is 3d.
    function _trustAfter(
        int256 tally,
        uint256 trust,
        bool accepted,
        int256 reach
    ) internal view virtual returns (uint256) {
        unchecked {
            int256 half = int256(uint256(TRUST_ONE)) / 2;
            int256 aim = accepted ? half + (_clamp(tally, -reach, reach) * half) / reach : int256(0);
            return uint256(int256(trust) + (aim - int256(trust)) / 10);
        }
    }

    /// Notes whether the tally was deeply bad, and punishes the third time. The policy's part of the note holds the
    /// round's number above ten bits, the lowest for that round, the next for the one before it, and so on; a punished
    /// Trainer starts afresh.
    function _remember(Verdict memory verdict, uint256 note, uint256 number, bool deep) private pure {
        unchecked {
            uint256 elapsed = number - uint32(note >> DEEP_WINDOW_ROUNDS);
            uint256 window = (1 << DEEP_WINDOW_ROUNDS) - 1;
            uint256 flags = elapsed < DEEP_WINDOW_ROUNDS ? ((note & window) << elapsed) & window : 0;
            if (deep) {
                flags |= 1;
                if (_ones(flags) >= DEEP_LIMIT) {
                    (verdict.penaltyBp, verdict.jailRounds) = (DEEP_PENALTY_BP, DEEP_JAIL_ROUNDS);
                    flags = 0;
                }
            }
            verdict.note = uint64((number << DEEP_WINDOW_ROUNDS) | flags);
        }
    }

    function _ones(uint256 flags) private pure returns (uint256 count) {
        for (; flags != 0; flags &= flags - 1) ++count;
    }

    function _clamp(int256 value, int256 low, int256 high) internal pure returns (int256) {
        if (value < low) return low;
        return value > high ? high : value;
    }
}
