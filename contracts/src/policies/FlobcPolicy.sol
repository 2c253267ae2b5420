// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPolicy, LineupEntry, Round, TRUST_ONE, UNAVAILABLE, Verdict} from "../interfaces/IPolicy.sol";
import {SplitPolicy} from "./SplitPolicy.sol";

/// @title FlobcPolicy
/// @notice The policy of the original FLoBC, for reproduction. Needs the scoring rule `accuracy`.
///
/// - Accepted iff the accuracy with the update is at least `decay` times the accuracy before.
/// - Raw trust of everybody scored: t' = max(t + tally, 0), 10,000 basis points being 1.
/// - Trust, merge weight and reward share are raw trusts normalised over the round (those of the merge and the reward
///   over the accepted), rounded down, the remainder to the lowest index; if all are zero, equal.
///
/// The released original ran with `decay` 0, which accepts everything, and set all trusts back to equal whenever a
/// Trainer joined: both are parameters here (`schema.rs`: `MAX_SCORE_DECAY`, `update_scores`, `register_trainer`). It
/// also stored the normalised trusts where this keeps the raw ones, and had no tokens: here a share of trust is a share
/// of the reward, and Validators are paid as under the other policies.
contract FlobcPolicy is SplitPolicy {
    error FlobcPolicyParameter(string parameter, uint256 value, uint256 limit);
    /// The run does not score by accuracy, so there is nothing to compare with.
    error FlobcPolicyNeedsAccuracy(uint32 round);

    /// Raw trust is kept in the note, in millionths: one basis point is a hundred of them.
    uint256 private constant RAW_ONE = 1e6;
    int256 private constant RAW_PER_BP = 100;

    /// Least ratio of the accuracies after and before, in basis points.
    uint16 public immutable decayBp;

    /// True to set every Trainer's raw trust back to the start when somebody has joined.
    bool public immutable resetsAtJoin;

    /// Raw trust at the start, scaled by `TRUST_ONE`. The original starts n Trainers at 1/n each.
    uint32 public immutable startTrust;

    /// @param decayBp_ At most 10,000; 0 in the released original.
    /// @param resetsAtJoin_ True in the released original.
    /// @param startTrust_ At most `TRUST_ONE`.
    constructor(uint16 decayBp_, bool resetsAtJoin_, uint32 startTrust_) {
        if (decayBp_ > 10_000) revert FlobcPolicyParameter("decayBp", decayBp_, 10_000);
        if (startTrust_ > TRUST_ONE) revert FlobcPolicyParameter("startTrust", startTrust_, TRUST_ONE);
        (decayBp, resetsAtJoin, startTrust) = (decayBp_, resetsAtJoin_, startTrust_);
    }

    /// @inheritdoc IPolicy
    function initialTrust() external view override returns (uint32) {
        return startTrust;
    }

    /// @inheritdoc SplitPolicy
    function _judge(
        Round calldata round
    ) internal view override returns (Verdict[] memory verdicts, uint256[] memory weights) {
        int256 base = round.baseTally;
        if (base == UNAVAILABLE) revert FlobcPolicyNeedsAccuracy(round.number);

        uint256 n = round.lineup.length;
        verdicts = new Verdict[](n);
        weights = new uint256[](n);
        uint256[] memory raws = new uint256[](n);
        bool[] memory scored = new bool[](n);
        bool[] memory accepted = new bool[](n);
        for (uint256 i; i < n; ++i) {
            LineupEntry calldata entry = round.lineup[i];
            (verdicts[i].trust, verdicts[i].note) = (entry.trust, entry.note);
            if (entry.tally == UNAVAILABLE) continue;
            scored[i] = true;
            accepted[i] = (base + entry.tally) * 10_000 >= base * int256(uint256(decayBp));
            raws[i] = _rawAfter(entry, round.joins);
            verdicts[i].accepted = accepted[i];
            verdicts[i].note = (_seen(round.joins) << 32) | uint64(raws[i]);
        }
        uint256[] memory trusts = _normalised(raws, scored);
        weights = _normalised(raws, accepted);
        for (uint256 i; i < n; ++i) {
            if (scored[i]) verdicts[i].trust = uint32(trusts[i]);
            verdicts[i].mergeWeight = uint64(weights[i]);
        }
    }

    /// The policy's part of the note holds, above the 32 bits of the raw trust, how many had joined when it was written.
    function _rawAfter(LineupEntry calldata entry, uint32 joins) private view returns (uint256) {
        bool fresh = entry.note == 0 || (resetsAtJoin && (entry.note >> 32) & 0x7fff != _seen(joins));
        int256 raw =
            fresh ? int256((uint256(startTrust) * RAW_ONE) / TRUST_ONE) : int256(uint256(uint32(entry.note)));
        raw += entry.tally * RAW_PER_BP;
        if (raw < 0) return 0;
        return raw > int256(uint256(type(uint32).max)) ? type(uint32).max : uint256(raw);
    }

    /// Fifteen bits tell whether somebody has joined since, unless 32,768 have.
    function _seen(uint32 joins) private pure returns (uint64) {
        return joins & 0x7fff;
    }

    /// Raw trusts of the chosen as shares of `TRUST_ONE`.
    function _normalised(
        uint256[] memory raws,
        bool[] memory chosen
    ) private pure returns (uint256[] memory shares) {
        shares = new uint256[](raws.length);
        uint256 total;
        uint256 count;
        for (uint256 i; i < raws.length; ++i) {
            if (chosen[i]) (total, count) = (total + raws[i], count + 1);
        }
        if (count == 0) return shares;
        uint256 left = TRUST_ONE;
        for (uint256 i; i < raws.length; ++i) {
            if (!chosen[i]) continue;
            shares[i] = total == 0 ? TRUST_ONE / count : (raws[i] * TRUST_ONE) / total;
            left -= shares[i];
        }
        uint256 lowest;
        while (!chosen[lowest]) ++lowest;
        shares[lowest] += left;
    }
}
