// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPolicy, Outcome, Round, TRUST_ONE, UNAVAILABLE} from "../../src/interfaces/IPolicy.sol";
import {Artifacts} from "../kit/Artifacts.sol";
import {Rounds} from "./Rounds.sol";

/// @dev What every policy of this repository promises, for any round.
abstract contract PolicyProperties is Artifacts {
    using Rounds for Round;

    IPolicy internal policy;

    uint256 internal constant MAX_TRAINERS = 12;
    uint256 internal constant MAX_VALIDATORS = 6;

    function _round(uint256 seed) internal pure returns (Round memory) {
        return
            Rounds.draw(
                seed,
                1 + (uint256(keccak256(abi.encode(seed, "trainers"))) % MAX_TRAINERS),
                1 + (uint256(keccak256(abi.encode(seed, "validators"))) % MAX_VALIDATORS)
            );
    }

    function testFuzz_paysAtMostThePool(uint256 seed) external view {
        Round memory round = _round(seed);
        Outcome memory outcome = policy.evaluate(round);
        uint256 paid = outcome.settlerWei;
        for (uint256 i; i < outcome.verdicts.length; ++i) paid += outcome.verdicts[i].rewardWei;
        for (uint256 i; i < outcome.seats.length; ++i) paid += outcome.seats[i].rewardWei;
        atMost(paid, round.poolWei, "paid");
    }

    function testFuzz_staysWithinItsLimits(uint256 seed) external view {
        Round memory round = _round(seed);
        Outcome memory outcome = policy.evaluate(round);
        equal(outcome.verdicts.length, round.lineup.length, "verdicts");
        equal(outcome.seats.length, round.committee.length, "seats");
        atMost(policy.initialTrust(), TRUST_ONE, "initial trust");
        for (uint256 i; i < outcome.verdicts.length; ++i) {
            atMost(outcome.verdicts[i].trust, TRUST_ONE, "trust");
            atMost(outcome.verdicts[i].penaltyBp, 10_000, "penalty");
            if (!outcome.verdicts[i].accepted) {
                equal(outcome.verdicts[i].mergeWeight, 0, "merge weight of a refused update");
                equal(outcome.verdicts[i].rewardWei, 0, "reward of a refused update");
            }
        }
        for (uint256 i; i < outcome.seats.length; ++i) atMost(outcome.seats[i].penaltyBp, 10_000, "penalty");
    }

    function testFuzz_unavailableCostsNothing(uint256 seed) external view {
        Round memory round = _round(seed);
        uint256 i = seed % round.lineup.length;
        round.lineup[i].tally = UNAVAILABLE;
        Outcome memory outcome = policy.evaluate(round);
        isTrue(!outcome.verdicts[i].accepted, "accepted an update that nobody could read");
        equal(outcome.verdicts[i].trust, round.lineup[i].trust, "trust");
        equal(outcome.verdicts[i].note, round.lineup[i].note, "note");
        equal(outcome.verdicts[i].penaltyBp, 0, "penalty");
        equal(outcome.verdicts[i].jailRounds, 0, "jail");
    }

    function testFuzz_orderOfTrainersDoesNotMatter(uint256 seed, uint256 i, uint256 j) external view {
        Round memory round = _round(seed);
        (i, j) = (i % round.lineup.length, j % round.lineup.length);
        Outcome memory before = policy.evaluate(round);
        round.swapTrainers(i, j);
        Outcome memory swapped = policy.evaluate(round);
        (before.verdicts[i], before.verdicts[j]) = (before.verdicts[j], before.verdicts[i]);
        _sameButForRemainder(before, swapped, round);
    }

    function testFuzz_orderOfValidatorsDoesNotMatter(uint256 seed, uint256 i, uint256 j) external view {
        Round memory round = _round(seed);
        (i, j) = (i % round.committee.length, j % round.committee.length);
        Outcome memory before = policy.evaluate(round);
        (round.committee[i], round.committee[j]) = (round.committee[j], round.committee[i]);
        Outcome memory swapped = policy.evaluate(round);
        (before.seats[i], before.seats[j]) = (before.seats[j], before.seats[i]);
        equal(keccak256(abi.encode(before)), keccak256(abi.encode(swapped)), "outcome");
    }

    /// Policies that give a remainder to somebody override this.
    function _sameButForRemainder(Outcome memory a, Outcome memory b, Round memory) internal pure virtual {
        equal(keccak256(abi.encode(a)), keccak256(abi.encode(b)), "outcome");
    }

    /// Between two Trainers of one round that differ in nothing but their tally.
    function testFuzz_higherTallyNeverFaresWorse(uint256 seed, uint256 i, uint256 j) external view {
        Round memory round = _round(seed);
        (i, j) = (i % round.lineup.length, j % round.lineup.length);
        (round.lineup[i].trust, round.lineup[i].note) = (round.lineup[j].trust, round.lineup[j].note);
        if (round.lineup[i].tally > round.lineup[j].tally) (i, j) = (j, i);
        // The lower of the two would be the unavailable one.
        if (round.lineup[i].tally == UNAVAILABLE) return;
        Outcome memory outcome = policy.evaluate(round);
        isTrue(outcome.verdicts[j].accepted || !outcome.verdicts[i].accepted, "refused the better");
        uint256 slack = _remainder(round);
        atMost(outcome.verdicts[i].trust, outcome.verdicts[j].trust + slack, "trust of the worse");
        atMost(
            outcome.verdicts[i].mergeWeight,
            outcome.verdicts[j].mergeWeight + slack,
            "weight of the worse"
        );
        atMost(
            outcome.verdicts[i].rewardWei,
            outcome.verdicts[j].rewardWei + 1 + (slack * round.poolWei) / TRUST_ONE,
            "reward of the worse"
        );
        atMost(outcome.verdicts[j].penaltyBp, outcome.verdicts[i].penaltyBp, "penalty of the better");
    }

    /// What somebody may have more than others for his place in the lineup, scaled by TRUST_ONE.
    function _remainder(Round memory) internal pure virtual returns (uint256) {
        return 0;
    }

    function testFuzz_noBallotNoReward(uint256 seed) external view {
        Round memory round = _round(seed);
        uint256 i = seed % round.committee.length;
        (round.committee[i].missed, round.committee[i].ballot) = (true, "");
        Outcome memory outcome = policy.evaluate(round);
        equal(outcome.seats[i].rewardWei, 0, "reward");
        equal(outcome.seats[i].penaltyBp, _missedPenaltyBp(), "penalty");
    }

    function _missedPenaltyBp() internal pure virtual returns (uint256) {
        return 50;
    }

    function testFuzz_doesNotDependOnTheBlock(uint256 seed, uint32 time) external {
        Round memory round = _round(seed);
        Outcome memory first = policy.evaluate(round);
        vm.warp(time);
        vm.prank(address(uint160(seed)));
        equal(keccak256(abi.encode(first)), keccak256(abi.encode(policy.evaluate(round))), "outcome");
    }

    /// The largest round that the ledger allows, within what the interface promises.
    function test_gasOfTheLargestRound() external view {
        Round memory round = Rounds.draw(1, 256, 32);
        uint256 before = gasleft();
        policy.evaluate(round);
        atMost(before - gasleft(), 6_000_000, "gas");
    }

    /// No order of the tallies, and no agreement among them, makes it dearer.
    function test_gasDoesNotDependOnTheTallies() external view {
        Round memory round = Rounds.draw(1, 256, 32);
        for (uint256 i; i < 256; ++i) round.lineup[i].tally = int16(int256(i));
        uint256 before = gasleft();
        policy.evaluate(round);
        atMost(before - gasleft(), 6_000_000, "gas of tallies in order");
        for (uint256 i; i < 256; ++i) round.lineup[i].tally = 0;
        before = gasleft();
        policy.evaluate(round);
        atMost(before - gasleft(), 6_000_000, "gas of equal tallies");
    }
}
