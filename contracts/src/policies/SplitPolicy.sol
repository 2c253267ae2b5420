// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    IPolicy,
    LineupEntry,
    Outcome,
    Round,
    Seat,
    SeatOutcome,
    UNAVAILABLE,
    Verdict
} from "../interfaces/IPolicy.sol";
import {Closeness} from "./Closeness.sol";
import {RoundStatistics} from "./RoundStatistics.sol";

/// @title SplitPolicy
/// @notice The frame of the product's policies: the pool is split 70 : 25 : 5 between Trainers, Validators and settler,
/// and each part is divided by weights. What cannot be divided stays in the budget. A policy says how it judges the
/// updates, and may say otherwise how it weighs the seats.
abstract contract SplitPolicy is IPolicy {
    using RoundStatistics for LineupEntry[];

    uint256 private constant TRAINERS_BP = 7_000;
    uint256 private constant VALIDATORS_BP = 2_500;
    uint256 private constant SETTLER_BP = 500;
    uint256 private constant ALL_BP = 10_000;

    /// What a missed commit or reveal costs, in basis points of the bond.
    uint16 private constant MISSED_PENALTY_BP = 50;

    /// @inheritdoc IPolicy
    function evaluate(Round calldata round) external view override returns (Outcome memory outcome) {
        (Verdict[] memory verdicts, uint256[] memory trainers) = _judge(round);
        (SeatOutcome[] memory seats, uint256[] memory validators) = _weigh(round, verdicts);
        // Products of 128 and 14 bits, and shares of a pool that has 128.
        unchecked {
            uint256 poolWei = round.poolWei;
            RoundStatistics.divide((poolWei * TRAINERS_BP) / ALL_BP, trainers);
            RoundStatistics.divide((poolWei * VALIDATORS_BP) / ALL_BP, validators);
            for (uint256 i; i < trainers.length; ++i) verdicts[i].rewardWei = uint128(trainers[i]);
            for (uint256 i; i < validators.length; ++i) seats[i].rewardWei = uint128(validators[i]);
            return Outcome(verdicts, seats, uint128((poolWei * SETTLER_BP) / ALL_BP));
        }
    }

    /// Verdicts without rewards, and the weights by which the Trainers' part is divided. Of the notes, the policy has the
    /// lower 47 bits.
    function _judge(
        Round calldata round
    ) internal view virtual returns (Verdict[] memory verdicts, uint256[] memory weights);

    /// Penalties of the seats, and the weights by which the Validators' part is divided: bond times closeness. Also
    /// enters into the notes what the next ballots will be cleared of.
    function _weigh(
        Round calldata round,
        Verdict[] memory verdicts
    ) internal view virtual returns (SeatOutcome[] memory seats, uint256[] memory weights) {
        LineupEntry[] calldata lineup = round.lineup;
        Seat[] calldata committee = round.committee;
        seats = new SeatOutcome[](committee.length);
        weights = Closeness.ofBallots(round);
        // A product of 128 and 30 bits.
        unchecked {
            for (uint256 i; i < seats.length; ++i) {
                Seat calldata seat = committee[i];
                weights[i] *= seat.bondWei;
                if (seat.missed) seats[i].penaltyBp = MISSED_PENALTY_BP;
            }
            for (uint256 i; i < verdicts.length; ++i) {
                (int256 tally, , uint256 note) = lineup.entryAt(i);
                if (tally != UNAVAILABLE) verdicts[i].note |= uint64(Closeness.expectedAfter(tally, note));
            }
        }
    }
}
