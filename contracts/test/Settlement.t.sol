// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Outcome, UNAVAILABLE} from "../src/interfaces/IPolicy.sol";
import {IRewardVault} from "../src/interfaces/IRewardVault.sol";
import {IRunLedgerErrors} from "../src/interfaces/IRunLedgerErrors.sol";
import {IRunLedgerEvents} from "../src/interfaces/IRunLedgerEvents.sol";
import {VerdictCodec} from "../src/libraries/VerdictCodec.sol";
import "../src/types/RunTypes.sol";
import {Network} from "./kit/Network.sol";
import {PaysEverybody} from "./kit/PaysEverybody.sol";
import {Vm} from "./kit/Vm.sol";

/// @dev Settling in one transaction and in chunks, with and without certificate, and everything a settler could get wrong.
contract SettlementTest is Network {
    PaysEverybody private policy;

    function setUp() public {
        deployContracts();
        policy = new PaysEverybody();
        startRun(defaultConfig(policy), 7, 3);
    }

    function _voted() private {
        openAndPropose();
        commitAll();
        revealAll();
    }

    function _settleAs(
        address settler,
        Ballots memory supplied,
        Certificate memory certified,
        bytes4 refusal
    ) private {
        if (refusal != 0) vm.expectPartialRevert(refusal);
        vm.prank(settler);
        ledger.settle(run, supplied, certified, type(uint16).max);
    }

    // -------------------------------------------------------------------------------------------- the outcome

    /// What is paid is what the preview says, to the wei.
    function testFuzz_APreviewIsWhatIsSettled(uint256 seed) public {
        scores = new int16[][](3);
        for (uint256 v; v < 3; ++v) {
            scores[v] = new int16[](7);
            for (uint256 t; t < 7; ++t) {
                uint256 draw = uint256(keccak256(abi.encode(seed, v, t)));
                scores[v][t] = draw % 6 == 0 ? UNAVAILABLE : int16(int256(draw % 4_000) - 2_000);
            }
        }
        _voted();
        (bool answered, uint256[] memory indices, Outcome memory outcome) = ledger.previewSettlement(
            run,
            ballots()
        );
        isTrue(answered, "answered");
        address settler = ledger.proposerOf(run, 0);
        settle();
        for (uint256 i; i < 7; ++i) {
            equal(indices[i], ledger.memberOf(run, trainers[i]).index, "lineup order");
            equal(vault.creditOf(run, trainers[i]), outcome.verdicts[i].rewardWei, "reward");
            (uint32 trust, uint64 note) = ledger.trustOf(run, trainers[i]);
            equal(trust, outcome.verdicts[i].trust, "trust");
            equal(note, outcome.verdicts[i].note, "note");
        }
        for (uint256 i; i < 3; ++i) {
            address validator = ledger.committeeOf(run)[i].validator;
            uint256 expected = outcome.seats[i].rewardWei + (validator == settler ? outcome.settlerWei : 0);
            equal(vault.creditOf(run, validator), expected, "reward of a seat");
        }
        assertTokensAddUp();
    }

    /// In chunks of any size the result is the same, and nobody can stop it or change it in between.
    function testFuzz_ChunksAddUpToTheWhole(uint16 limit) public {
        limit = uint16(bound(limit, 1, 8));
        _voted();
        address settler = ledger.proposerOf(run, 0);
        (, uint256[] memory indices, Outcome memory outcome) = ledger.previewSettlement(run, ballots());
        settle(limit);
        for (uint256 applied = limit; applied < 7; applied += limit) {
            equal(ledger.stateOf(run).applied, applied, "applied");
            passDeadline();
            vm.expectPartialRevert(IRunLedgerErrors.RunLedgerSettlementUnderway.selector);
            ledger.closePhase(run);
            _settleAs(
                address(this),
                ballots(),
                certificate(),
                IRunLedgerErrors.RunLedgerSettlementUnderway.selector
            );
            uint128 reward = outcome.verdicts[0].rewardWei;
            outcome.verdicts[0].rewardWei = reward + 1;
            vm.expectPartialRevert(IRunLedgerErrors.RunLedgerOutcomeMismatch.selector);
            ledger.continueSettlement(run, indices, outcome, limit);
            outcome.verdicts[0].rewardWei = reward;
            vm.expectPartialRevert(IRunLedgerErrors.RunLedgerInvalidLimit.selector);
            ledger.continueSettlement(run, indices, outcome, 0);
            ledger.continueSettlement(run, indices, outcome, limit);
        }
        equal(ledger.stateOf(run).number, 1, "over");
        for (uint256 i; i < 7; ++i)
            equal(vault.creditOf(run, trainers[i]), ((POOL_WEI / 10) * 7) / 10, "reward");
        isTrue(vault.creditOf(run, settler) >= POOL_WEI / 100, "the settler is who decided");
        assertTokensAddUp();
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerNoSettlementUnderway.selector);
        ledger.continueSettlement(run, indices, outcome, limit);
    }

    /// The event of a split settlement carries what the next chunk needs.
    function test_ASplitSettlementCanBeContinuedFromItsEvent() public {
        _voted();
        (, uint256[] memory indices, ) = ledger.previewSettlement(run, ballots());
        vm.recordLogs();
        settle(3);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        bytes memory encoded;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IRunLedgerEvents.SettlementSplit.selector) {
                (, encoded) = abi.decode(logs[i].data, (uint16, bytes));
            }
        }
        ledger.continueSettlement(run, indices, abi.decode(encoded, (Outcome)), 4);
        equal(ledger.stateOf(run).number, 1, "over");
    }

    /// While ballots are still to be revealed, a settlement that brings all of them reveals them.
    function testFuzz_ASettlementMayReveal(uint8 subset) public {
        openAndPropose();
        commitAll();
        for (uint256 i; i < 3; ++i) if ((subset >> i) & 1 == 1) reveal(i);
        isTrue(ledger.phaseOf(run) == (subset & 7 == 7 ? Phase.Settlement : Phase.Reveal), "phase");
        // The helper collects the ballots of those that have revealed; here all are handed over.
        Ballots memory supplied = allBallots();
        Certificate memory certified = certificate();
        address proposer = ledger.proposerOf(run, 0);
        _settleAs(address(this), supplied, certified, IRunLedgerErrors.RunLedgerNotProposer.selector);
        Certificate memory none;
        _settleAs(proposer, supplied, none, IRunLedgerErrors.RunLedgerCertificateMissing.selector);
        ledger.previewSettlement(run, supplied);
        vm.recordLogs();
        _settleAs(proposer, supplied, certified, 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        uint256 revealed;
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == IRunLedgerEvents.BallotRevealed.selector) ++revealed;
        }
        equal(
            revealed,
            3 - (subset & 1) - ((subset >> 1) & 1) - ((subset >> 2) & 1),
            "revealed by the settlement"
        );
        equal(ledger.stateOf(run).number, 1, "over");
        equal(vault.creditOf(run, trainers[0]), ((POOL_WEI / 10) * 7) / 10, "reward");
        assertTokensAddUp();
    }

    /// A ballot that is held back holds up a settlement only until the reveal's deadline.
    function test_ASettlementCannotLeaveACommittedBallotOut() public {
        openAndPropose();
        commitAll();
        reveal(0);
        reveal(2);
        _settleAs(
            ledger.proposerOf(run, 0),
            ballots(),
            certificate(),
            IRunLedgerErrors.RunLedgerInvalidLength.selector
        );
        passDeadline();
        _settleAs(
            ledger.proposerOf(run, 0),
            allBallots(),
            certificate(),
            IRunLedgerErrors.RunLedgerPhaseOverdue.selector
        );
        ledger.closePhase(run);
        settle();
        equal(ledger.stateOf(run).number, 1, "over");
    }

    function test_ARoundIsSettledOnce() public {
        _voted();
        Ballots memory supplied = ballots();
        Certificate memory certified = certificate();
        address settler = ledger.proposerOf(run, 0);
        _settleAs(settler, supplied, certified, 0);
        _settleAs(settler, supplied, certified, IRunLedgerErrors.RunLedgerWrongPhase.selector);
        ledger.openRound(run);
        _settleAs(settler, supplied, certified, IRunLedgerErrors.RunLedgerWrongPhase.selector);
    }

    // --------------------------------------------------------------------------------------------- whose turn

    /// A proposer in its window, with a certificate; after three windows anybody, with or without.
    function testFuzz_SettlersTakeTurns(uint256 afterSeconds, bool certified, bool stranger) public {
        _voted();
        afterSeconds = bound(afterSeconds, 0, 300);
        pass(afterSeconds);
        uint256 attempt =
            afterSeconds <= 60
                ? 0
                : afterSeconds <= 120
                    ? 1
                    : afterSeconds <= 180
                        ? 2
                        : 3;
        address settler = stranger ? address(this) : ledger.proposerOf(run, attempt % 3);
        Certificate memory none;
        bytes4 refusal;
        if (afterSeconds > 240) refusal = IRunLedgerErrors.RunLedgerPhaseOverdue.selector;
        else if (attempt < 3 && stranger) refusal = IRunLedgerErrors.RunLedgerNotProposer.selector;
        else if (attempt < 3 && !certified) refusal = IRunLedgerErrors.RunLedgerCertificateMissing.selector;
        bytes32 before = ledger.releaseOf(run);
        bytes32 digest = modelDigest();
        _settleAs(settler, ballots(), certified ? certificate() : none, refusal);
        if (refusal != 0) return;
        equal(ledger.releaseOf(run), certified ? digest : before, "release");
        if (stranger)
            equal(vault.creditOf(run, address(this)), POOL_WEI / 100, "anybody who settles is paid");
        assertTokensAddUp();
    }

    function testFuzz_ACertificateTakesAQuorum(uint8 signers) public {
        _voted();
        uint32 bits = signers & 7;
        uint256 count = (bits & 1) + ((bits >> 1) & 1) + (bits >> 2);
        _settleAs(
            ledger.proposerOf(run, 0),
            ballots(),
            certificate(bits),
            count >= 2 ? bytes4(0) : IRunLedgerErrors.RunLedgerNoQuorum.selector
        );
    }

    function test_ACertificateForAnotherModelIsRefused() public {
        _voted();
        Certificate memory certified = certificate();
        certified.modelDigest = keccak256("another model");
        _settleAs(
            ledger.proposerOf(run, 0),
            ballots(),
            certified,
            IRunLedgerErrors.RunLedgerInvalidSignature.selector
        );
    }

    /// A certificate has one attempt: a rotation of proposers makes it neither worthless nor a second statement.
    function testFuzz_ACertificateHasOneAttempt(uint8 attempt) public {
        _voted();
        pass(61);
        Certificate memory certified = certificate();
        bytes32 digest = certified.modelDigest;
        if (attempt > 0) {
            Endorsement memory endorsement = endorse(
                StatementKind.Certificate,
                attempt,
                certificateParent(),
                digest,
                7
            );
            _settleAs(
                ledger.proposerOf(run, 1),
                ballots(),
                Certificate(digest, endorsement),
                IRunLedgerErrors.RunLedgerInvalidAttempt.selector
            );
        }
        _settleAs(ledger.proposerOf(run, 1), ballots(), certified, 0);
        equal(ledger.releaseOf(run), digest, "released by the second proposer");
    }

    /// What was signed of another history does not count here: other ballots, lineup or release make another parent.
    function testFuzz_ACertificateIsBoundToWhatWasMerged(uint8 what, int16 score) public {
        scores = new int16[][](3);
        for (uint256 v; v < 3; ++v) scores[v] = [int16(10), 20, 30, 40, 50, 60, 70];
        _voted();
        (bytes32 release, bytes32 lineupHash_) = (ledger.releaseOf(run), ledger.lineupHashOf(run));
        (, , Outcome memory outcome) = ledger.previewSettlement(run, ballots());
        uint256[] memory verdicts = new uint256[](7);
        for (uint256 i; i < 7; ++i) verdicts[i] = VerdictCodec.pack(outcome.verdicts[i], scores[0][i]);
        bool same = what % 4 == 0 || (what % 4 == 3 && score == 40);
        if (what % 4 == 1) release = keccak256(abi.encode(score));
        if (what % 4 == 2) lineupHash_ = keccak256(abi.encode(score));
        if (what % 4 == 3) verdicts[3] = VerdictCodec.pack(outcome.verdicts[3], score);
        bytes32 decided = keccak256(abi.encodePacked(verdicts));
        bytes32 parent = keccak256(abi.encode(release, lineupHash_, decided));
        Endorsement memory endorsement = endorse(StatementKind.Certificate, parent, modelDigest(), 7);
        _settleAs(
            ledger.proposerOf(run, 0),
            ballots(),
            Certificate(modelDigest(), endorsement),
            same ? bytes4(0) : IRunLedgerErrors.RunLedgerInvalidSignature.selector
        );
    }

    // ---------------------------------------------------------------------------------- what a settler supplies

    function testFuzz_AWrongTallyIsRefused(uint256 entry, int16 claim) public {
        _voted();
        Ballots memory supplied = ballots();
        entry = bound(entry, 0, 6);
        int16 right = int16(
            uint16(bytes2(abi.encodePacked(supplied.tallies[2 * entry], supplied.tallies[2 * entry + 1])))
        );
        supplied.tallies[2 * entry] = bytes1(uint8(uint16(claim) >> 8));
        supplied.tallies[2 * entry + 1] = bytes1(uint8(uint16(claim)));
        _settleAs(
            ledger.proposerOf(run, 0),
            supplied,
            certificate(),
            claim == right ? bytes4(0) : IRunLedgerErrors.RunLedgerTallyMismatch.selector
        );
    }

    function testFuzz_AForgedBallotIsRefused(uint256 position, uint8 change, bool salt) public {
        _voted();
        Ballots memory supplied = ballots();
        if (salt) supplied.salts[position % 3] ^= bytes32(uint256(change) + 1);
        else supplied.scores[position % 42] ^= bytes1(uint8(bound(change, 1, 255)));
        _settleAs(
            ledger.proposerOf(run, 0),
            supplied,
            certificate(),
            IRunLedgerErrors.RunLedgerCommitmentMismatch.selector
        );
    }

    function testFuzz_AnotherLineupIsRefused(uint256 bits, bytes32 root) public {
        _voted();
        Ballots memory supplied = ballots();
        if (bits == supplied.lineup.trainers[0] && root == supplied.lineup.receiptsRoot) return;
        (supplied.lineup.trainers[0], supplied.lineup.receiptsRoot) = (bits, root);
        _settleAs(
            ledger.proposerOf(run, 0),
            supplied,
            certificate(),
            IRunLedgerErrors.RunLedgerLineupMismatch.selector
        );
    }

    function test_SuppliedListsMustBeComplete() public {
        _voted();
        address settler = ledger.proposerOf(run, 0);
        bytes4 refusal = IRunLedgerErrors.RunLedgerInvalidLength.selector;
        Ballots memory supplied = ballots();
        supplied.tallies = new bytes(12);
        _settleAs(settler, supplied, certificate(), refusal);
        supplied = ballots();
        supplied.scores = new bytes(28);
        _settleAs(settler, supplied, certificate(), refusal);
        supplied = ballots();
        supplied.salts = new bytes32[](2);
        _settleAs(settler, supplied, certificate(), refusal);
        supplied = ballots();
        supplied.lineup.round = 1;
        _settleAs(settler, supplied, certificate(), IRunLedgerErrors.RunLedgerWrongRound.selector);
        supplied = ballots();
        Certificate memory certified = certificate();
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerInvalidLimit.selector);
        vm.prank(settler);
        ledger.settle(run, supplied, certified, 0);
    }

    // ------------------------------------------------------------------------------------------------ accuracy

    /// A run that scores accuracy has one entry more on every ballot: the base model's.
    function test_TheBaseModelIsTalliedToo() public {
        RunConfig memory config = defaultConfig(policy);
        config.rules.scoresBase = true;
        delete trainers;
        delete validators;
        startRun(config, 2, 3);
        scores = [
            [int16(30), int16(40), int16(9_100)],
            [int16(31), int16(41), int16(9_000)],
            [int16(32), int16(42), int16(9_200)]
        ];
        _voted();
        vm.recordLogs();
        settle();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IRunLedgerEvents.RoundSettled.selector) continue;
            (, int16 baseTally, , , uint256[] memory verdicts, ) = abi.decode(
                logs[i].data,
                (bool, int16, uint128, bytes32, uint256[], uint256[])
            );
            equal(baseTally, 9_100, "base");
            equal(int16(uint16(verdicts[0] >> 232)), 31, "tally");
            return;
        }
        revert("RoundSettled was not emitted");
    }

    // -------------------------------------------------------------------------------------------------- claims

    function testFuzz_OneClaimPaysAllRounds(uint8 rounds) public {
        uint256 count = bound(rounds, 1, 4);
        for (uint256 i; i < count; ++i) wholeRound();
        equal(claim(trainers[2]), count * (((POOL_WEI / 10) * 7) / 10), "all rounds");
        equal(token.balanceOf(trainers[2]), count * (((POOL_WEI / 10) * 7) / 10), "paid");
        vm.expectPartialRevert(IRewardVault.RewardVaultNothingToClaim.selector);
        claim(trainers[2]);
        vm.expectPartialRevert(IRewardVault.RewardVaultNothingToClaim.selector);
        claim(address(0xbad));
        wholeRound();
        equal(claim(trainers[2]), ((POOL_WEI / 10) * 7) / 10, "the next one");
        assertTokensAddUp();
    }

    function testFuzz_FundingIsABudget(uint96 amountWei) public {
        amountWei = uint96(bound(amountWei, 1, 1e26));
        uint256 before = vault.budgetOf(run);
        fund(amountWei);
        equal(vault.budgetOf(run), before + amountWei, "budget");
        assertTokensAddUp();
        vm.expectPartialRevert(IRewardVault.RewardVaultUnknownRun.selector);
        vault.fund(run + 1, 1);
    }

    /// The ledger never asks for it; the vault would not do it.
    function test_TheVaultCreditsNoMoreThanTheBudget() public {
        uint256[] memory credits = new uint256[](1);
        credits[0] = (uint256(2) << 128) | (BUDGET_WEI + 1);
        vm.expectPartialRevert(IRewardVault.RewardVaultInsufficientBudget.selector);
        vm.prank(address(ledger));
        vault.credit(run, credits);
    }
}
