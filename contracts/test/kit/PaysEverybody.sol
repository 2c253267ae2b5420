// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    IPolicy,
    Outcome,
    Round,
    SeatOutcome,
    TRUST_ONE,
    UNAVAILABLE,
    Verdict
} from "../../src/interfaces/IPolicy.sol";

/// @dev A policy with round numbers, so that a test can say what must come out: a tenth of the pool to each Trainer
/// with a positive tally, a twentieth to each seat that voted, a hundredth to the settler; a missed round costs a
/// Validator 50 basis points; a tally below -1,000 costs a Trainer 100 and a jail of 2 rounds.
contract PaysEverybody is IPolicy {
    function initialTrust() external pure returns (uint32) {
        return TRUST_ONE / 2;
    }

    function evaluate(Round calldata round) external pure returns (Outcome memory outcome) {
        outcome.verdicts = new Verdict[](round.lineup.length);
        outcome.seats = new SeatOutcome[](round.committee.length);
        uint128 share = round.poolWei / uint128(10 * ((round.lineup.length + 9) / 10));
        for (uint256 i; i < round.lineup.length; ++i) {
            Verdict memory verdict = outcome.verdicts[i];
            int16 tally = round.lineup[i].tally;
            verdict.accepted = tally >= 0;
            verdict.trust = round.lineup[i].trust;
            verdict.note = round.lineup[i].note + 1;
            if (tally > 0) {
                verdict.trust = verdict.trust + (TRUST_ONE - verdict.trust) / 10;
                verdict.mergeWeight = verdict.trust;
                verdict.rewardWei = (share * 7) / 10;
            }
            if (tally < -1_000 && tally != UNAVAILABLE) (verdict.penaltyBp, verdict.jailRounds) = (100, 2);
        }
        for (uint256 i; i < round.committee.length; ++i) {
            if (round.committee[i].missed) outcome.seats[i].penaltyBp = 50;
            else outcome.seats[i].rewardWei = round.poolWei / uint128(5 * round.committee.length);
        }
        outcome.settlerWei = round.poolWei / 100;
    }
}
