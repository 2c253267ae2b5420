// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPolicy, LineupEntry, Outcome, Round, TRUST_ONE, UNAVAILABLE} from "../../src/interfaces/IPolicy.sol";
import {PolicyProperties} from "./PolicyProperties.sol";
import {Rounds} from "./Rounds.sol";

/// @dev What holds wherever Validators are paid by closeness.
abstract contract ClosenessProperties is PolicyProperties {
    /// A round in which everything can be read, so that nobody is paid for a gap.
    function _fullRound(uint256 seed, uint256 trainers) internal pure returns (Round memory round) {
        round = Rounds.draw(seed, trainers, 3);
        for (uint256 i; i < trainers; ++i) {
            if (round.lineup[i].tally == UNAVAILABLE) round.lineup[i].tally = 7;
        }
        round.committee[0].missed = false;
        round.committee[0].ballot = new bytes(2 * trainers);
    }

    function testFuzz_constantBallotEarnsNothing(uint256 seed, int16 constantScore) external view {
        Round memory round = _fullRound(seed, 3 + (seed % 10));
        for (uint256 i; i < round.lineup.length; ++i)
            Rounds.write(round.committee[0].ballot, i, constantScore);
        equal(policy.evaluate(round).seats[0].rewardWei, 0, "reward");
    }

    function testFuzz_oppositeBallotEarnsNothing(uint256 seed) external view {
        Round memory round = _fullRound(seed, 3 + (seed % 10));
        for (uint256 i; i < round.lineup.length; ++i) {
            round.lineup[i].note = 0;
            Rounds.write(round.committee[0].ballot, i, -int256(round.lineup[i].tally));
        }
        equal(policy.evaluate(round).seats[0].rewardWei, 0, "reward");
    }

    /// The upper 17 bits of a note: known, and the expected tally.
    function testFuzz_copyOfTheExpectedEarnsNothing(uint256 seed) external view {
        Round memory round = _fullRound(seed, 5 + (seed % 8));
        for (uint256 i; i < round.lineup.length; ++i) {
            round.lineup[i].note |= 1 << 63;
            int256 expected = int16(uint16(round.lineup[i].note >> 47));
            if (expected == UNAVAILABLE) return;
            Rounds.write(round.committee[0].ballot, i, expected);
        }
        equal(policy.evaluate(round).seats[0].rewardWei, 0, "reward");
    }

    /// Nobody is nearer to the tallies than somebody who voted them.
    function testFuzz_theTalliesThemselvesEarnTheMost(uint256 seed) external view {
        Round memory round = _fullRound(seed, 3 + (seed % 10));
        for (uint256 i; i < round.lineup.length; ++i) {
            Rounds.write(round.committee[0].ballot, i, round.lineup[i].tally);
        }
        for (uint256 i; i < 3; ++i) round.committee[i].bondWei = 1e21;
        Outcome memory outcome = policy.evaluate(round);
        for (uint256 i = 1; i < 3; ++i) {
            // Rounding of the news may be worth a millionth where next to nothing is new.
            uint256 limit = outcome.seats[0].rewardWei + outcome.seats[0].rewardWei / 1e6 + 1;
            if (outcome.seats[0].rewardWei != 0)
                atMost(outcome.seats[i].rewardWei, limit, "reward of another");
        }
    }

    function testFuzz_shortBallotIsAnError(uint256 seed) external {
        Round memory round = _fullRound(seed, 3 + (seed % 10));
        uint256 needed = 2 * round.lineup.length;
        round.committee[0].ballot = new bytes(needed - 1);
        vm.expectRevert(
            abi.encodeWithSignature("RoundBallotTooShort(uint256,uint256,uint256)", 0, needed - 1, needed)
        );
        policy.evaluate(round);
    }
}

contract ProportionalPolicyTest is ClosenessProperties {
    function setUp() external {
        policy = IPolicy(deploy("ProportionalPolicy", ""));
    }

    /// The example of docs/policies.md: the third deeply bad tally in ten rounds, and not the second.
    function test_thirdDeepTallyIsPunished() external view {
        Round memory round = Rounds.draw(1, 5, 0);
        int16[5] memory tallies = [int16(95), 15, -35, 60, -700];
        uint64 note;
        for (uint32 number = 1; number <= 3; ++number) {
            round.number = 3 * number;
            for (uint256 i; i < 5; ++i)
                round.lineup[i] = LineupEntry(tallies[i], TRUST_ONE / 2, i == 4 ? note : 0);
            Outcome memory outcome = policy.evaluate(round);
            equal(outcome.verdicts[4].penaltyBp, number == 3 ? 100 : 0, "penalty");
            equal(outcome.verdicts[4].jailRounds, number == 3 ? 10 : 0, "jail");
            for (uint256 i; i < 4; ++i) equal(outcome.verdicts[i].penaltyBp, 0, "penalty of the honest");
            note = outcome.verdicts[4].note;
        }
    }

    /// Three deeply bad tallies with more than ten rounds from the first to the last.
    function testFuzz_oldDeepTalliesAreForgotten(uint256 first, uint256 second) external view {
        Round memory round = Rounds.draw(1, 5, 0);
        int16[5] memory tallies = [int16(95), 15, -35, 60, -700];
        uint32[3] memory numbers = [uint32(0), uint32(1 + (first % 9)), uint32(10 + (second % 1000))];
        uint64 note;
        for (uint256 k; k < 3; ++k) {
            round.number = numbers[k];
            for (uint256 i; i < 5; ++i)
                round.lineup[i] = LineupEntry(tallies[i], TRUST_ONE / 2, i == 4 ? note : 0);
            Outcome memory outcome = policy.evaluate(round);
            equal(outcome.verdicts[4].penaltyBp, 0, "penalty");
            note = outcome.verdicts[4].note;
        }
    }
}

contract EmaPolicyTest is ClosenessProperties {
    function setUp() external {
        policy = IPolicy(deploy("EmaPolicy", abi.encode(2_000, 300)));
    }

    function testFuzz_refusesParametersThatMeanNothing(uint16 alphaBp, uint16 capBp) external {
        bytes memory code = creationCode("EmaPolicy", abi.encode(alphaBp, capBp));
        if (alphaBp == 0 || alphaBp > 10_000) {
            vm.expectRevert(
                abi.encodeWithSignature(
                    "EmaPolicyParameter(string,uint256,uint256)",
                    "alphaBp",
                    alphaBp,
                    10_000
                )
            );
        } else if (capBp == 0 || capBp > 32_767) {
            vm.expectRevert(
                abi.encodeWithSignature("EmaPolicyParameter(string,uint256,uint256)", "capBp", capBp, 32_767)
            );
        }
        create(code);
    }
}

contract FlatPolicyTest is PolicyProperties {
    function setUp() external {
        policy = IPolicy(deploy("FlatPolicy", ""));
    }

    function _missedPenaltyBp() internal pure override returns (uint256) {
        return 0;
    }

    function testFuzz_everybodyGetsTheSame(uint256 seed) external view {
        Round memory round = _round(seed);
        Outcome memory outcome = policy.evaluate(round);
        uint256 share = type(uint256).max;
        for (uint256 i; i < round.lineup.length; ++i) {
            if (round.lineup[i].tally == UNAVAILABLE) continue;
            isTrue(outcome.verdicts[i].accepted, "refused");
            equal(outcome.verdicts[i].trust, round.lineup[i].trust, "trust");
            equal(outcome.verdicts[i].penaltyBp, 0, "penalty");
            if (share == type(uint256).max) share = outcome.verdicts[i].rewardWei;
            equal(outcome.verdicts[i].rewardWei, share, "reward");
        }
    }
}

contract FlobcPolicyTest is ClosenessProperties {
    function setUp() external {
        policy = IPolicy(deploy("FlobcPolicy", abi.encode(9_500, false, 2e8)));
    }

    /// The remainder of the shares goes to the lowest index; it is less than one unit for each Trainer.
    function _remainder(Round memory round) internal pure override returns (uint256) {
        return round.lineup.length;
    }

    function _sameButForRemainder(
        Outcome memory a,
        Outcome memory b,
        Round memory round
    ) internal pure override {
        uint256 slack = _remainder(round);
        uint256 slackWei = 1 + (slack * round.poolWei) / TRUST_ONE;
        for (uint256 i; i < a.verdicts.length; ++i) {
            equal(a.verdicts[i].note, b.verdicts[i].note, "note");
            isTrue(a.verdicts[i].accepted == b.verdicts[i].accepted, "verdict");
            _near(a.verdicts[i].trust, b.verdicts[i].trust, slack, "trust");
            _near(a.verdicts[i].mergeWeight, b.verdicts[i].mergeWeight, slack, "merge weight");
            _near(a.verdicts[i].rewardWei, b.verdicts[i].rewardWei, slackWei, "reward");
        }
        equal(keccak256(abi.encode(a.seats)), keccak256(abi.encode(b.seats)), "seats");
    }

    function _near(uint256 a, uint256 b, uint256 slack, string memory what) private pure {
        atMost(a, b + slack, what);
        atMost(b, a + slack, what);
    }

    /// Shares are shares: those who have a tally, and those who are accepted, have one together.
    function testFuzz_sharesAddUpToOne(uint256 seed) external view {
        Round memory round = _round(seed);
        Outcome memory outcome = policy.evaluate(round);
        (uint256 trust, uint256 weight, uint256 scored, uint256 accepted) = (0, 0, 0, 0);
        for (uint256 i; i < round.lineup.length; ++i) {
            if (round.lineup[i].tally == UNAVAILABLE) continue;
            (trust, scored) = (trust + outcome.verdicts[i].trust, scored + 1);
            (weight, accepted) = (
                weight + outcome.verdicts[i].mergeWeight,
                accepted + (outcome.verdicts[i].accepted ? 1 : 0)
            );
        }
        if (scored > 0) equal(trust, TRUST_ONE, "trust of all");
        if (accepted > 0) equal(weight, TRUST_ONE, "weight of all");
    }

    function testFuzz_decayDecides(uint256 seed, uint16 decayBp) external {
        decayBp = decayBp % 10_001;
        IPolicy other = IPolicy(deploy("FlobcPolicy", abi.encode(decayBp, true, 1e8)));
        Round memory round = _round(seed);
        Outcome memory outcome = other.evaluate(round);
        for (uint256 i; i < round.lineup.length; ++i) {
            int256 tally = round.lineup[i].tally;
            int256 accuracy = int256(round.baseTally) + tally;
            bool expected =
                tally != UNAVAILABLE && accuracy * 10_000 >= int256(uint256(decayBp)) * round.baseTally;
            isTrue(outcome.verdicts[i].accepted == expected, "verdict");
        }
    }

    function test_resetsAtAJoin() external {
        IPolicy released = IPolicy(deploy("FlobcPolicy", abi.encode(0, true, 2e8)));
        Round memory round = Rounds.draw(1, 2, 0);
        (round.baseTally, round.joins) = (5_000, 2);
        round.lineup[0] = LineupEntry(1_000, 0, 0);
        round.lineup[1] = LineupEntry(0, 0, 0);
        Outcome memory first = released.evaluate(round);
        equal(first.verdicts[0].trust, 6e8, "0.3 of 0.5");
        for (uint256 i; i < 2; ++i)
            round.lineup[i] = LineupEntry(0, first.verdicts[i].trust, first.verdicts[i].note);
        equal(released.evaluate(round).verdicts[0].trust, 6e8, "nobody joined");
        round.joins = 3;
        equal(released.evaluate(round).verdicts[0].trust, 5e8, "somebody joined");
    }

    function testFuzz_needsAccuracy(uint256 seed) external {
        Round memory round = _round(seed);
        round.baseTally = UNAVAILABLE;
        vm.expectRevert(abi.encodeWithSignature("FlobcPolicyNeedsAccuracy(uint32)", round.number));
        policy.evaluate(round);
    }

    function testFuzz_refusesParametersThatMeanNothing(uint16 decayBp, uint32 startTrust) external {
        bytes memory code = creationCode("FlobcPolicy", abi.encode(decayBp, false, startTrust));
        if (decayBp > 10_000) {
            vm.expectRevert(
                abi.encodeWithSignature(
                    "FlobcPolicyParameter(string,uint256,uint256)",
                    "decayBp",
                    decayBp,
                    10_000
                )
            );
        } else if (startTrust > TRUST_ONE) {
            vm.expectRevert(
                abi.encodeWithSignature(
                    "FlobcPolicyParameter(string,uint256,uint256)",
                    "startTrust",
                    startTrust,
                    TRUST_ONE
                )
            );
        }
        create(code);
    }
}
