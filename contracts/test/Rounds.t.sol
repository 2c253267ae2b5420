// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunLedgerErrors} from "../src/interfaces/IRunLedgerErrors.sol";
import "../src/types/RunTypes.sol";
import {Network} from "./kit/Network.sol";
import {PaysEverybody} from "./kit/PaysEverybody.sol";

/// @dev Opening, lineup, commit and reveal: what is taken, and what is refused with which evidence.
contract RoundsTest is Network {
    function setUp() public {
        deployContracts();
        startRun(defaultConfig(new PaysEverybody()), 5, 4);
    }

    // ------------------------------------------------------------------------------------------------- opening

    function testFuzz_APoolIsNeverMoreThanTheBudget(uint96 budgetWei) public {
        startRun(defaultConfig(new PaysEverybody()), 0, 0);
        addTrainer();
        addValidator(VALIDATOR_BOND_WEI);
        ledger.openRound(run);
        equal(ledger.stakeOf(run).poolWei, POOL_WEI, "a rich run pays its pool");

        RunConfig memory config = defaultConfig(new PaysEverybody());
        vm.prank(sponsor);
        run = ledger.createRun(config);
        budgetWei = uint96(bound(budgetWei, 0, 2 * POOL_WEI));
        if (budgetWei > 0) fund(budgetWei);
        delete trainers;
        delete validators;
        addTrainer();
        addValidator(VALIDATOR_BOND_WEI);
        ledger.openRound(run);
        equal(
            ledger.stakeOf(run).poolWei,
            budgetWei < POOL_WEI ? budgetWei : POOL_WEI,
            "a poor one its budget"
        );
    }

    function test_ARoundOpensOnceAndWithMembersOnly() public {
        ledger.openRound(run);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerWrongPhase.selector);
        ledger.openRound(run);

        run = ledger.createRun(defaultConfig(new PaysEverybody()));
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerTooFewMembers.selector);
        ledger.openRound(run);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerUnknownRun.selector);
        ledger.openRound(run + 1);
    }

    // -------------------------------------------------------------------------------------------------- lineup

    function _propose(Endorsement memory endorsement, bytes4 refusal) private {
        address proposer = ledger.proposerOf(run, 0);
        if (refusal != 0) vm.expectPartialRevert(refusal);
        vm.prank(proposer);
        ledger.proposeLineup(run, lineup, endorsement);
    }

    function _endorsed(uint32 signers) private view returns (Endorsement memory) {
        return endorse(StatementKind.Lineup, ledger.releaseOf(run), lineupHash(), signers);
    }

    /// Four equal bonds: more than two thirds are three of four.
    function testFuzz_ALineupTakesAQuorum(uint8 signers) public {
        ledger.openRound(run);
        setLineup();
        uint32 bits = signers & 0xf;
        uint256 count;
        for (uint256 i; i < 4; ++i) count += (bits >> i) & 1;
        _propose(_endorsed(bits), count >= 3 ? bytes4(0) : IRunLedgerErrors.RunLedgerNoQuorum.selector);
        isTrue((ledger.stateOf(run).phase == Phase.Commit) == (count >= 3), "phase");
    }

    function testFuzz_ASubsetOfTheEligibleIsALineup(uint8 subset) public {
        ledger.openRound(run);
        setLineup();
        lineup.trainers[0] &= uint256(subset) << ledger.memberOf(run, trainers[0]).index;
        bool empty = lineup.trainers[0] == 0;
        _propose(_endorsed(15), empty ? IRunLedgerErrors.RunLedgerInvalidLineup.selector : bytes4(0));
    }

    function testFuzz_AStrangersBitIsRefused(uint256 bit) public {
        ledger.openRound(run);
        setLineup();
        uint256 index = bound(bit, 0, 255);
        bool eligible = (lineup.trainers[0] >> index) & 1 == 1;
        lineup.trainers[0] |= 1 << index;
        _propose(_endorsed(15), eligible ? bytes4(0) : IRunLedgerErrors.RunLedgerIneligibleTrainer.selector);
    }

    function testFuzz_ASignatureOfAnybodyElseIsRefused(uint256 key, uint256 seat) public {
        key = bound(key, 1, type(uint128).max);
        seat = bound(seat, 0, 3);
        ledger.openRound(run);
        setLineup();
        Endorsement memory endorsement = _endorsed(15);
        bytes32 digest = ledger.statementDigest(
            StatementKind.Lineup,
            run,
            0,
            0,
            ledger.releaseOf(run),
            lineupHash()
        );
        bytes memory forged = signCompact(key, digest);
        for (uint256 i; i < 64; ++i) endorsement.signatures[64 * seat + i] = forged[i];
        _propose(endorsement, IRunLedgerErrors.RunLedgerInvalidSignature.selector);
    }

    function test_ALineupIsBoundToRoundAttemptAndHistory() public {
        ledger.openRound(run);
        setLineup();
        Endorsement memory endorsement = _endorsed(15);
        // The proposer at the next attempt, with signatures for this one.
        endorsement.attempt = 1;
        address second = ledger.proposerOf(run, 1);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerInvalidSignature.selector);
        vm.prank(second);
        ledger.proposeLineup(run, lineup, endorsement);
        endorsement = endorse(StatementKind.Lineup, keccak256("another history"), lineupHash(), 15);
        _propose(endorsement, IRunLedgerErrors.RunLedgerInvalidSignature.selector);
        endorsement = _endorsed(15);
        endorsement.signatures = bytes.concat(endorsement.signatures, hex"00");
        _propose(endorsement, IRunLedgerErrors.RunLedgerInvalidSignaturesLength.selector);
        endorsement = _endorsed(15);
        endorsement.signers |= 16;
        endorsement.signatures = bytes.concat(endorsement.signatures, new bytes(64));
        _propose(endorsement, IRunLedgerErrors.RunLedgerNotSeated.selector);
        lineup.round = 1;
        _propose(_endorsed(15), IRunLedgerErrors.RunLedgerWrongRound.selector);
    }

    /// Whose turn it is, a quorum says by the attempt that it signs, at any time before the phase is overdue.
    function testFuzz_ProposersTakeTurns(uint256 afterSeconds, uint8 signed, uint8 sender) public {
        ledger.openRound(run);
        setLineup();
        afterSeconds = bound(afterSeconds, 0, 1_000);
        pass(afterSeconds);
        uint8 attempt = signed % 4;
        Endorsement memory endorsement = endorse(
            StatementKind.Lineup,
            attempt,
            ledger.releaseOf(run),
            lineupHash(),
            15
        );
        bytes4 refusal;
        if (afterSeconds > 780) refusal = IRunLedgerErrors.RunLedgerPhaseOverdue.selector;
        else if (attempt > 2) refusal = IRunLedgerErrors.RunLedgerInvalidAttempt.selector;
        else if (sender % 4 != attempt) refusal = IRunLedgerErrors.RunLedgerNotProposer.selector;
        address proposer = ledger.proposerOf(run, sender % 4);
        if (refusal != 0) vm.expectPartialRevert(refusal);
        vm.prank(proposer);
        ledger.proposeLineup(run, lineup, endorsement);
        isTrue((ledger.phaseOf(run) == Phase.Commit) == (refusal == 0), "phase");
    }

    /// Draw, committee and proposers are what followers compute who know the release and the members only.
    function testFuzz_TheCommitteeAscendsAndProposersAreDrawn(uint8 joins, uint8 rounds) public {
        for (uint256 i; i < joins % 8; ++i) addValidator(VALIDATOR_BOND_WEI);
        for (uint256 i; i < rounds % 3; ++i) wholeRound();
        ledger.openRound(run);
        RoundState memory state = ledger.stateOf(run);
        CommitteeSeat[] memory committee = ledger.committeeOf(run);
        equal(committee.length, validators.length, "all of a small roster");
        for (uint256 i = 1; i < committee.length; ++i) {
            isTrue(committee[i - 1].validator < committee[i].validator, "ascending");
        }
        uint256 draw = uint256(keccak256(abi.encode(uint256(state.number), ledger.releaseOf(run))));
        for (uint256 i; i < 3; ++i) {
            uint256 seat = ((draw % committee.length) + i) % committee.length;
            equal(ledger.proposerOf(run, i), committee[seat].validator, "proposer");
        }
    }

    // ------------------------------------------------------------------------------------------------- ballots

    function testFuzz_OnlyTheSeatedCommit(address caller, uint8 seat, bytes32 commitment) public {
        openAndPropose();
        CommitteeSeat[] memory committee = ledger.committeeOf(run);
        bool seated = seat < 4 && committee[seat].validator == caller;
        if (!seated) vm.expectPartialRevert(IRunLedgerErrors.RunLedgerNotSeated.selector);
        vm.prank(caller);
        ledger.commit(run, 0, seat, commitment);
    }

    function testFuzz_OneCommitmentForEachSeat(bytes32 commitment, bytes32 second, uint256 seat) public {
        openAndPropose();
        seat = bound(seat, 0, 3);
        address validator = ledger.committeeOf(run)[seat].validator;
        vm.startPrank(validator);
        ledger.commit(run, 0, uint8(seat), commitment);
        equal(ledger.commitmentOf(run, seat), commitment, "commitment");
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerAlreadyVoted.selector);
        ledger.commit(run, 0, uint8(seat), second);
        vm.stopPrank();
        equal(ledger.commitmentOf(run, seat), commitment, "commitment stands");
    }

    function test_CommitmentsOfAnotherRoundOrPhaseAreRefused() public {
        ledger.openRound(run);
        address validator = ledger.committeeOf(run)[0].validator;
        vm.startPrank(validator);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerWrongPhase.selector);
        ledger.commit(run, 0, 0, 0);
        vm.stopPrank();
        proposeLineup();
        vm.startPrank(validator);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerWrongRound.selector);
        ledger.commit(run, 1, 0, 0);
        passDeadline();
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerPhaseOverdue.selector);
        ledger.commit(run, 0, 0, 0);
        vm.stopPrank();
    }

    function _revealOne(uint256 seat, bytes memory ballot, bytes32 salt, bytes4 refusal) private {
        bytes32[] memory salts = new bytes32[](1);
        salts[0] = salt;
        if (refusal != 0) vm.expectPartialRevert(refusal);
        ledger.reveal(run, 0, uint32(1 << seat), ballot, salts);
    }

    /// Anything but the committed ballot and salt is refused; who brings them does not matter.
    function testFuzz_ABallotIsWhatWasCommitted(
        uint256 seat,
        uint8 position,
        uint8 change,
        bytes32 salt
    ) public {
        openAndPropose();
        commitAll();
        seat = bound(seat, 0, 3);
        address validator = ledger.committeeOf(run)[seat].validator;
        bytes memory ballot = ballotOf(validator);
        bytes32 rightSalt = saltOf(validator);
        if (change != 0) {
            uint256 at = position % ballot.length;
            ballot[at] = bytes1(uint8(ballot[at]) ^ change);
            _revealOne(seat, ballot, rightSalt, IRunLedgerErrors.RunLedgerCommitmentMismatch.selector);
            ballot[at] = bytes1(uint8(ballot[at]) ^ change);
        }
        if (salt != rightSalt) {
            _revealOne(seat, ballot, salt, IRunLedgerErrors.RunLedgerCommitmentMismatch.selector);
        }
        _revealOne(seat, ballot, rightSalt, 0);
        _revealOne(seat, ballot, rightSalt, IRunLedgerErrors.RunLedgerAlreadyVoted.selector);
    }

    /// A copied commitment is worthless: it names its author.
    function test_ACopiedCommitmentCannotBeRevealed() public {
        openAndPropose();
        CommitteeSeat[] memory committee = ledger.committeeOf(run);
        bytes32 commitment = commitmentOf(committee[0].validator);
        for (uint256 i; i < 4; ++i) {
            vm.prank(committee[i].validator);
            ledger.commit(run, 0, uint8(i), commitment);
        }
        bytes memory ballot = ballotOf(committee[0].validator);
        bytes32 salt = saltOf(committee[0].validator);
        _revealOne(0, ballot, salt, 0);
        _revealOne(1, ballot, salt, IRunLedgerErrors.RunLedgerCommitmentMismatch.selector);
    }

    function testFuzz_ABatchRevealsTheSeatsThatItNames(uint8 subset) public {
        openAndPropose();
        commitAll();
        uint32 seats = subset & 0xf;
        if (seats == 0) seats = 15;
        CommitteeSeat[] memory committee = ledger.committeeOf(run);
        bytes memory packed;
        bytes32[] memory salts = new bytes32[](4);
        uint256 size;
        for (uint256 i; i < 4; ++i) {
            if ((seats >> i) & 1 == 0) continue;
            packed = bytes.concat(packed, ballotOf(committee[i].validator));
            salts[size++] = saltOf(committee[i].validator);
        }
        assembly ("memory-safe") {
            mstore(salts, size)
        }
        ledger.reveal(run, 0, seats, packed, salts);
        RoundState memory state = ledger.stateOf(run);
        equal(state.revealed, seats, "revealed");
        isTrue((state.phase == Phase.Settlement) == (seats == 15), "phase");
    }

    function test_BallotsOfTheWrongLengthAreRefused() public {
        openAndPropose();
        commitAll();
        bytes4 refusal = IRunLedgerErrors.RunLedgerInvalidLength.selector;
        _revealOne(0, new bytes(8), 0, refusal);
        _revealOne(0, new bytes(12), 0, refusal);
        vm.expectPartialRevert(refusal);
        ledger.reveal(run, 0, 1, new bytes(10), new bytes32[](2));
        vm.expectPartialRevert(refusal);
        ledger.reveal(run, 0, 0, "", new bytes32[](0));
    }

    function test_WhoHasNotCommittedCannotReveal() public {
        openAndPropose();
        for (uint256 i; i < 3; ++i) commit(i);
        passDeadline();
        ledger.closePhase(run);
        _revealOne(3, new bytes(10), 0, IRunLedgerErrors.RunLedgerNothingCommitted.selector);
        for (uint256 i; i < 3; ++i) reveal(i);
        isTrue(ledger.stateOf(run).phase == Phase.Settlement, "all that could have revealed");
    }

    // ------------------------------------------------------------------------------------------- overdue phases

    function testFuzz_NoPhaseClosesBeforeItsDeadline(uint8 phase, uint256 early) public {
        _reach(phase % 5);
        uint256 deadline = ledger.deadlineOf(run);
        vm.warp(bound(early, block.timestamp, deadline));
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerPhaseNotOverdue.selector);
        ledger.closePhase(run);
    }

    /// Gathering, Training, Commit (with and without a quorum), Reveal (ditto), Settlement.
    function _reach(uint256 phase) private {
        if (phase > 0) ledger.openRound(run);
        if (phase > 1) proposeLineup();
        if (phase > 2) commitAll();
        if (phase > 3) revealAll();
    }

    function testFuzz_CommitAndRevealGoOnWithAQuorum(uint8 voters, bool revealing) public {
        openAndPropose();
        uint256 present = voters % 4;
        for (uint256 i; i < (revealing ? 4 : present); ++i) commit(i);
        if (revealing) for (uint256 i; i < present; ++i) reveal(i);
        passDeadline();
        ledger.closePhase(run);
        RoundState memory state = ledger.stateOf(run);
        if (present < 3) {
            isTrue(state.phase == Phase.Gathering && state.voids == 1 && state.number == 1, "void");
        } else {
            isTrue(state.phase == (revealing ? Phase.Settlement : Phase.Reveal), "goes on");
        }
    }

    function test_FiveVoidRoundsInARowHaltTheRun() public {
        for (uint256 i; i < 5; ++i) {
            isTrue(ledger.phaseOf(run) == Phase.Gathering, "still going");
            ledger.openRound(run);
            passDeadline();
            ledger.closePhase(run);
        }
        isTrue(ledger.phaseOf(run) == Phase.Halted, "halted");
        equal(vault.creditOf(run, sponsor), BUDGET_WEI, "the budget is the Sponsor's again");
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerEnded.selector);
        ledger.closePhase(run);
        assertTokensAddUp();
    }

    function test_ASettledRoundEndsARowOfVoidOnes() public {
        for (uint256 i; i < 4; ++i) {
            ledger.openRound(run);
            passDeadline();
            ledger.closePhase(run);
        }
        wholeRound();
        equal(ledger.stateOf(run).voids, 0, "voids");
    }

    /// Four Validators, two of them dead: no quorum, until the dead are inactive and the living are one.
    function test_TheDeadDoNotStopTheLivingForEver() public {
        for (uint256 round; round < 2; ++round) {
            openAndPropose();
            commit(0);
            commit(1);
            passDeadline();
            ledger.closePhase(run);
        }
        (, uint256 active) = ledger.activeOf(run);
        equal(active, 2, "active Validators");
        wholeRound();
    }

    function test_AnOverdueGatheringOpensIfItCan() public {
        passDeadline();
        ledger.closePhase(run);
        isTrue(ledger.phaseOf(run) == Phase.Training, "open");

        run = ledger.createRun(defaultConfig(new PaysEverybody()));
        for (uint256 i; i < 5; ++i) {
            passDeadline();
            ledger.closePhase(run);
        }
        isTrue(ledger.phaseOf(run) == Phase.Halted, "nobody ever came");
    }

    function test_AnUnsettledRoundIsVoidInTheEnd() public {
        openAndPropose();
        commitAll();
        revealAll();
        passDeadline();
        ledger.closePhase(run);
        isTrue(ledger.phaseOf(run) == Phase.Gathering, "void");
        equal(vault.budgetOf(run), BUDGET_WEI, "nothing was paid");
    }
}
