// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IBondRegistry} from "../src/interfaces/IBondRegistry.sol";
import {IRunLedgerErrors} from "../src/interfaces/IRunLedgerErrors.sol";
import "../src/types/RunTypes.sol";
import {Network} from "./kit/Network.sol";
import {PaysEverybody} from "./kit/PaysEverybody.sol";

contract MembersTest is Network {
    address private constant STRANGER = address(0x57a);

    function setUp() public {
        deployContracts();
        startRun(defaultConfig(new PaysEverybody()), 4, 3);
    }

    // ------------------------------------------------------------------------------------------------- joining

    function testFuzz_JoiningTakesTheBondOfTheRole(uint96 amountWei, bool trainer) public {
        amountWei = uint96(bound(amountWei, 1, 2 * VALIDATOR_BOND_WEI));
        Role role = trainer ? Role.Trainer : Role.Validator;
        bond(STRANGER, amountWei);
        bool enough = amountWei >= (trainer ? TRAINER_BOND_WEI : VALIDATOR_BOND_WEI);
        if (!enough) vm.expectPartialRevert(IRunLedgerErrors.RunLedgerInsufficientBond.selector);
        vm.prank(STRANGER);
        ledger.joinRun(run, role);
        isTrue(ledger.memberOf(run, STRANGER).active == enough, "active");
    }

    function testFuzz_JoiningTakesEffectAtTheBoundary(bool whileOpen) public {
        if (whileOpen) ledger.openRound(run);
        uint32 number = ledger.stateOf(run).number;
        address trainer = addTrainer();
        uint256 index = ledger.memberOf(run, trainer).index;
        isTrue(ledger.isEligible(run, index, number) == !whileOpen, "this round");
        isTrue(ledger.isEligible(run, index, number + 1), "next round");

        addValidator(VALIDATOR_BOND_WEI);
        equal(ledger.stateOf(run).seats, whileOpen ? 3 : 0, "seated only when a round opens");
    }

    function test_AnAccountIsFoundByItsNumber() public {
        uint256[] memory indices = new uint256[](trainers.length);
        for (uint256 i; i < indices.length; ++i) indices[i] = ledger.memberOf(run, trainers[i]).index;
        (indices[0], indices[2]) = (indices[2], indices[0]);
        address[] memory accounts = ledger.accountsOf(run, indices);
        equal(accounts.length, indices.length, "accounts");
        for (uint256 i; i < indices.length; ++i) {
            equal(accounts[i], ledger.accountOf(run, indices[i]), "account");
            equal(ledger.memberOf(run, accounts[i]).index, indices[i], "number");
        }
        indices[0] = 1_000;
        vm.expectRevert();
        ledger.accountsOf(run, indices);
    }

    function test_NobodyJoinsTwiceOrAsNothing() public {
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerAlreadyMember.selector);
        vm.prank(trainers[0]);
        ledger.joinRun(run, Role.Validator);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerInvalidRole.selector);
        vm.prank(STRANGER);
        ledger.joinRun(run, Role.None);
    }

    function test_AnEndedRunTakesNobody() public {
        vm.prank(sponsor);
        ledger.finish(run);
        bond(STRANGER, TRAINER_BOND_WEI);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerEnded.selector);
        vm.prank(STRANGER);
        ledger.joinRun(run, Role.Trainer);
    }

    // ------------------------------------------------------------------------------------------------- leaving

    function testFuzz_ALeaverIsEligibleUntilTheBoundary(bool whileOpen) public {
        if (whileOpen) ledger.openRound(run);
        uint32 number = ledger.stateOf(run).number;
        uint256 index = ledger.memberOf(run, trainers[1]).index;
        vm.prank(trainers[1]);
        ledger.leaveRun(run);
        isTrue(ledger.isEligible(run, index, number) == whileOpen, "this round");
        isTrue(!ledger.isEligible(run, index, number + 1), "next round");
        if (whileOpen) proposeLineup();
    }

    /// The bond comes back in full, after a whole round with all extensions and the evidence window, not before.
    function testFuzz_ABondComesBackInTime(uint256 early) public {
        vm.prank(trainers[0]);
        ledger.leaveRun(run);
        (, uint40 releaseAt) = registry.unbondingOf(run, trainers[0]);
        uint256 longestRound = 600 + 3 * 60 + 60 + 120 + 120 + 4 * 60;
        equal(releaseAt, block.timestamp + longestRound + 86_400, "release");

        vm.warp(bound(early, block.timestamp, releaseAt - 1));
        vm.expectPartialRevert(IBondRegistry.BondRegistryStillUnbonding.selector);
        vm.prank(trainers[0]);
        registry.withdraw(run);

        vm.warp(releaseAt);
        vm.prank(trainers[0]);
        registry.withdraw(run);
        equal(token.balanceOf(trainers[0]), TRAINER_BOND_WEI, "bond");
        vm.expectPartialRevert(IBondRegistry.BondRegistryNothingUnbonding.selector);
        vm.prank(trainers[0]);
        registry.withdraw(run);
        assertTokensAddUp();
    }

    function test_WhoNeverJoinedGetsItsBondBack() public {
        bond(STRANGER, 5);
        vm.prank(STRANGER);
        ledger.leaveRun(run);
        vm.warp(block.timestamp + 30 days);
        vm.prank(STRANGER);
        registry.withdraw(run);
        equal(token.balanceOf(STRANGER), 5, "bond");
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerNotMember.selector);
        vm.prank(address(1));
        ledger.leaveRun(run);
    }

    function test_UnbondingGoesOnWhilePausedAndAfterTheEnd() public {
        vm.prank(sponsor);
        ledger.pause(run);
        vm.prank(trainers[0]);
        ledger.leaveRun(run);
        vm.prank(sponsor);
        ledger.finish(run);
        vm.prank(trainers[1]);
        ledger.leaveRun(run);
        (, uint40 releaseAt) = registry.unbondingOf(run, trainers[1]);
        equal(releaseAt, block.timestamp + 86_400, "only evidence can still arrive");
        vm.warp(block.timestamp + 30 days);
        vm.prank(trainers[2]);
        ledger.leaveRun(run);
        for (uint256 i; i < 3; ++i) {
            vm.prank(trainers[i]);
            registry.withdraw(run);
            equal(token.balanceOf(trainers[i]), TRAINER_BOND_WEI, "bond");
        }
    }

    /// Leaving and joining again is no way to a fresh start.
    function test_TrustOutlivesLeaving() public {
        wholeRound();
        (uint32 before, ) = ledger.trustOf(run, trainers[0]);
        vm.prank(trainers[0]);
        ledger.leaveRun(run);
        bond(trainers[0], TRAINER_BOND_WEI);
        vm.prank(trainers[0]);
        ledger.joinRun(run, Role.Trainer);
        (uint32 trust, uint64 note) = ledger.trustOf(run, trainers[0]);
        equal(trust, before, "trust");
        equal(note, 1, "note");
        equal(ledger.stakeOf(run).joins, 4, "joins as of the last opening");
        ledger.openRound(run);
        equal(ledger.stakeOf(run).joins, 5, "joins as of now");
    }

    // --------------------------------------------------------------------------------------- jail, inactivity

    function test_AJailedTrainerComesBackWhenItsTimeIsOver() public {
        scores = [
            [int16(90), int16(-2_000), int16(50), int16(40)],
            [int16(90), int16(-2_000), int16(50), int16(40)],
            [int16(90), int16(-2_000), int16(50), int16(40)]
        ];
        wholeRound();
        delete scores;
        address jailed = trainers[1];
        equal(registry.bondOf(run, jailed), TRAINER_BOND_WEI - TRAINER_BOND_WEI / 100, "penalty of 100 bp");
        equal(registry.jailedUntil(run, jailed), 3, "out of rounds 1 and 2");
        isTrue(!ledger.memberOf(run, jailed).active, "inactive");
        assertTokensAddUp();

        bond(jailed, TRAINER_BOND_WEI);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerJailed.selector);
        vm.prank(jailed);
        ledger.checkIn(run);
        wholeRound();
        equal(ledger.stateOf(run).lineupSize, 0, "over");
        ledger.openRound(run);
        vm.prank(jailed);
        ledger.checkIn(run);
        isTrue(!ledger.isEligible(run, ledger.memberOf(run, jailed).index, 2), "not yet");
        isTrue(ledger.isEligible(run, ledger.memberOf(run, jailed).index, 3), "from round 3 on");
    }

    function _roundWithout(address missing) private {
        openAndPropose();
        for (uint256 i; i < ledger.stateOf(run).seats; ++i) {
            if (ledger.committeeOf(run)[i].validator != missing) commit(i);
        }
        passDeadline();
        ledger.closePhase(run);
        for (uint256 i; i < ledger.stateOf(run).seats; ++i) {
            if (ledger.committeeOf(run)[i].validator != missing) reveal(i);
        }
        settle();
    }

    function test_TwoMissedRoundsInARowMakeAValidatorInactive() public {
        address missing = validators[1];
        _roundWithout(missing);
        isTrue(ledger.memberOf(run, missing).missed, "missed one");
        isTrue(ledger.memberOf(run, missing).active, "still active");
        equal(registry.bondOf(run, missing), VALIDATOR_BOND_WEI - VALIDATOR_BOND_WEI / 200, "50 bp");

        _roundWithout(missing);
        isTrue(!ledger.memberOf(run, missing).active, "inactive");
        (, uint256 active) = ledger.activeOf(run);
        equal(active, 2, "active Validators");
        ledger.openRound(run);
        equal(ledger.stateOf(run).seats, 2, "seats");

        vm.prank(missing);
        ledger.checkIn(run);
        equal(ledger.stateOf(run).seats, 2, "not before the boundary");
        proposeLineup();
        commitAll();
        revealAll();
        settle();
        ledger.openRound(run);
        equal(ledger.stateOf(run).seats, 3, "seats");
    }

    function test_AMissedRoundIsForgivenByTheNext() public {
        address missing = validators[1];
        _roundWithout(missing);
        wholeRound();
        isTrue(!ledger.memberOf(run, missing).missed, "forgiven");
        _roundWithout(missing);
        isTrue(ledger.memberOf(run, missing).active, "active");
    }

    /// More than half of the bond that joining takes keeps a member active; less needs a top-up before it checks in.
    function test_AMemberShortOfBondIsInactive() public {
        address poor = validators[2];
        vm.prank(address(ledger));
        registry.penalise(run, poor, 4_990);
        _roundWithout(poor);
        isTrue(!ledger.memberOf(run, poor).active, "498.5 of 1000 tokens are too few");
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerInsufficientBond.selector);
        vm.prank(poor);
        ledger.checkIn(run);
        bond(poor, 10e18);
        vm.prank(poor);
        ledger.checkIn(run);
        isTrue(ledger.memberOf(run, poor).active, "active");
    }

    function test_ATopUpCountsFromTheNextCheckIn() public {
        ledger.openRound(run);
        bond(validators[0], 3 * VALIDATOR_BOND_WEI);
        vm.prank(validators[0]);
        ledger.checkIn(run);
        equal(ledger.stakeOf(run).bondWei, 3 * uint256(VALIDATOR_BOND_WEI), "this round");
        proposeLineup();
        commitAll();
        revealAll();
        settle();
        ledger.openRound(run);
        equal(ledger.stakeOf(run).bondWei, 6 * uint256(VALIDATOR_BOND_WEI), "next round");

        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerAlreadyActive.selector);
        vm.prank(trainers[0]);
        ledger.checkIn(run);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerNotMember.selector);
        vm.prank(STRANGER);
        ledger.checkIn(run);
    }

    // ------------------------------------------------------------------------------------------------- bonding

    function testFuzz_BondingForSomebodyElseIsNoTrifle(uint96 amountWei) public {
        amountWei = uint96(bound(amountWei, 1, 2 * TRAINER_BOND_WEI));
        token.mint(address(this), amountWei);
        token.approve(address(registry), amountWei);
        if (amountWei < TRAINER_BOND_WEI) {
            vm.expectPartialRevert(IBondRegistry.BondRegistryInsufficientAmount.selector);
            registry.bond(run, STRANGER, amountWei);
            equal(registry.bonderOf(run, STRANGER), STRANGER, "bonder");
        } else {
            registry.bond(run, STRANGER, amountWei);
            equal(registry.bonderOf(run, STRANGER), address(this), "bonder");
            equal(registry.bondOf(run, STRANGER), amountWei, "bond");
        }
    }

    function test_NoBondInARunThatIsNot() public {
        vm.expectPartialRevert(IBondRegistry.BondRegistryUnknownRun.selector);
        registry.bond(run + 1, address(this), 1);
        vm.expectPartialRevert(IBondRegistry.BondRegistryInsufficientAmount.selector);
        registry.bond(run, address(this), 0);
    }

    // ----------------------------------------------------------------------------------------------- committee

    /// 40 Validators, 32 seats: no Validator sits twice, and who sits changes from release to release.
    function test_ACommitteeIsDrawnFromMany() public {
        for (uint256 i = 3; i < 40; ++i) addValidator(VALIDATOR_BOND_WEI);
        ledger.openRound(run);
        CommitteeSeat[] memory first = ledger.committeeOf(run);
        equal(first.length, 32, "seats");
        equal(ledger.stakeOf(run).bondWei, 32 * uint256(VALIDATOR_BOND_WEI), "bond");
        for (uint256 i; i < 32; ++i) {
            positionOf(first[i].validator);
            for (uint256 j; j < i; ++j) isTrue(first[i].validator != first[j].validator, "seated twice");
        }
        proposeLineup();
        commitAll();
        revealAll();
        settle();
        ledger.openRound(run);
        CommitteeSeat[] memory second = ledger.committeeOf(run);
        uint256 moved;
        for (uint256 i; i < 32; ++i) if (first[i].validator != second[i].validator) ++moved;
        isTrue(moved > 8, "drawn again");
    }
}
