// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunLedgerErrors} from "../src/interfaces/IRunLedgerErrors.sol";
import "../src/types/RunTypes.sol";
import {Network} from "./kit/Network.sol";
import {PaysEverybody} from "./kit/PaysEverybody.sol";

/// @dev Whole lives of runs: created, paused, resumed, finished.
contract LifecycleTest is Network {
    function setUp() public {
        deployContracts();
        startRun(defaultConfig(new PaysEverybody()), 10, 3);
    }

    function test_AWholeRoundPaysAndReleases() public {
        wholeRound();

        RoundState memory state = ledger.stateOf(run);
        equal(state.number, 1, "round");
        equal(ledger.sponsorOf(run), sponsor, "sponsor");
        isTrue(state.phase == Phase.Gathering, "phase");
        equal(ledger.releaseOf(run), keccak256(abi.encode("model", uint256(0))), "release");
        for (uint256 i; i < trainers.length; ++i) {
            equal(vault.creditOf(run, trainers[i]), ((POOL_WEI / 10) * 7) / 10, "reward");
            (uint32 trust, uint64 note) = ledger.trustOf(run, trainers[i]);
            equal(trust, 550_000_000, "trust");
            equal(note, 1, "note");
        }
        assertTokensAddUp();
    }

    /// From the first token to the last: everything that was put in comes out again.
    function test_AtTheEndNothingIsLeft() public {
        for (uint256 i; i < 3; ++i) wholeRound();
        vm.prank(sponsor);
        ledger.finish(run);
        claim(sponsor);
        for (uint256 i; i < trainers.length; ++i) _cashOut(trainers[i]);
        for (uint256 i; i < validators.length; ++i) _cashOut(validators[i]);
        equal(token.balanceOf(address(vault)), 0, "vault");
        equal(token.balanceOf(address(registry)), 0, "registry");
    }

    function _cashOut(address account) private {
        claim(account);
        vm.prank(account);
        ledger.leaveRun(run);
        pass(86_401);
        vm.prank(account);
        registry.withdraw(run);
    }

    function test_TwoRunsDoNotKnowEachOther() public {
        uint256 first = run;
        wholeRound();
        uint256 budgetWei = vault.budgetOf(first);
        delete trainers;
        delete validators;
        startRun(defaultConfig(new PaysEverybody()), 10, 3);
        wholeRound();
        equal(vault.budgetOf(first), budgetWei, "budget");
        equal(registry.bondOf(first, trainers[0]), TRAINER_BOND_WEI, "a bond in each");
        equal(vault.creditOf(first, trainers[0]), vault.creditOf(run, trainers[0]), "a credit in each");
    }

    // ---------------------------------------------------------------------------------------- pause and finish

    function test_PauseActsAtTheBoundary() public {
        ledger.openRound(run);
        vm.startPrank(sponsor);
        ledger.pause(run);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerPaused.selector);
        ledger.pause(run);
        vm.stopPrank();
        proposeLineup();
        commitAll();
        revealAll();
        settle();
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerPaused.selector);
        ledger.openRound(run);
        pass(80_000);
        vm.startPrank(sponsor);
        ledger.resume(run);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerNotPaused.selector);
        ledger.resume(run);
        vm.stopPrank();
        equal(ledger.deadlineOf(run), block.timestamp + 3_600, "a fresh window");
        wholeRound();
    }

    function test_FinishActsAtTheBoundary() public {
        ledger.openRound(run);
        vm.prank(sponsor);
        ledger.finish(run);
        isTrue(ledger.phaseOf(run) == Phase.Training, "the round goes on");
        proposeLineup();
        commitAll();
        revealAll();
        settle();
        isTrue(ledger.phaseOf(run) == Phase.Finished, "finished");
        equal(vault.budgetOf(run), 0, "nothing is left in the budget");
        isTrue(vault.creditOf(run, sponsor) > 0, "it is the Sponsor's");
        assertTokensAddUp();
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerEnded.selector);
        vm.prank(sponsor);
        ledger.pause(run);
    }

    /// After the longest pause anybody may finish, by either way.
    function testFuzz_APauseEnds(uint256 afterSeconds, bool closing) public {
        vm.prank(sponsor);
        ledger.pause(run);
        afterSeconds = bound(afterSeconds, 0, 200_000);
        pass(afterSeconds);
        bool over = afterSeconds > 86_400;
        if (!over && closing) vm.expectPartialRevert(IRunLedgerErrors.RunLedgerPhaseNotOverdue.selector);
        if (!over && !closing) vm.expectPartialRevert(IRunLedgerErrors.RunLedgerNotSponsor.selector);
        if (closing) ledger.closePhase(run);
        else ledger.finish(run);
        isTrue((ledger.phaseOf(run) == Phase.Finished) == over, "finished");
    }

    /// What arrives after the end, as the half of a penalty that is the budget's, is the Sponsor's too.
    function test_LateBudgetIsReleasedAgain() public {
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerWrongPhase.selector);
        ledger.releaseBudget(run);
        vm.prank(sponsor);
        ledger.finish(run);
        fund(123);
        ledger.releaseBudget(run);
        equal(vault.creditOf(run, sponsor), BUDGET_WEI + 123, "credit");
        ledger.releaseBudget(run);
        assertTokensAddUp();
    }

    // ------------------------------------------------------------------------------------------- configuration

    function testFuzz_AConfigurationIsInRange(uint8 field, uint32 value) public {
        RunConfig memory config = defaultConfig(new PaysEverybody());
        bool valid = value >= 2 && value <= 365 days;
        uint256 which = field % 13;
        if (which == 0) config.windows.gatheringSeconds = value;
        else if (which == 1) config.windows.trainingSeconds = value;
        else if (which == 2) config.windows.lineupSeconds = value;
        else if (which == 3) config.windows.openingSeconds = value;
        else if (which == 4) config.windows.commitSeconds = value;
        else if (which == 5) config.windows.revealSeconds = value;
        else if (which == 6) config.windows.settlementSeconds = value;
        else if (which == 7) config.windows.evidenceSeconds = value;
        else if (which == 8) config.terms.maxPauseSeconds = value;
        else if (which == 9)
            (config.rules.policyGas, valid) = (value, value >= 10_000 && value <= 11_000_000);
        else if (which == 10) (config.terms.minTrainers, valid) = (uint16(value), uint16(value) > 0);
        else if (which == 11) (config.terms.minValidators, valid) = (uint16(value), uint16(value) > 0);
        else (config.terms.trainerBondWei, valid) = (value, value > 0);
        // Too little gas for the policy to say its initial trust is refused as well; how little is the policy's affair.
        if (which == 9 && value > 0 && value < 10_000) return;
        if (!valid) vm.expectPartialRevert(IRunLedgerErrors.RunLedgerInvalidConfig.selector);
        ledger.createRun(config);
        equal(ledger.runs(), valid ? 2 : 1, "runs");
    }

    function testFuzz_AQuorumIsAMajority(uint8 numerator, uint8 denominator, bool large) public {
        RunConfig memory config = defaultConfig(new PaysEverybody());
        if (large) (config.rules.largeNumerator, config.rules.largeDenominator) = (numerator, denominator);
        else (config.rules.quorumNumerator, config.rules.quorumDenominator) = (numerator, denominator);
        bool valid = numerator < denominator && 2 * uint256(numerator) >= denominator;
        if (!valid) vm.expectPartialRevert(IRunLedgerErrors.RunLedgerInvalidConfig.selector);
        ledger.createRun(config);
    }

    function test_NobodyVotesWithoutABond() public {
        RunConfig memory config = defaultConfig(new PaysEverybody());
        config.terms.validatorBondWei = 0;
        _refuse(config, "validatorBondWei");
    }

    function test_ARunHasMembersWhoseBondsCount() public {
        RunConfig memory config = defaultConfig(new PaysEverybody());
        config.terms.trainerBondWei = 0;
        _refuse(config, "trainerBondWei");
        config.terms.minValidators = 0;
        _refuse(config, "minValidators");
        config.terms.minTrainers = 0;
        _refuse(config, "minTrainers");
    }

    function _refuse(RunConfig memory config, string memory field) private {
        vm.expectRevert(abi.encodeWithSelector(IRunLedgerErrors.RunLedgerInvalidConfig.selector, field));
        ledger.createRun(config);
    }
}
