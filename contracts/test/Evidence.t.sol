// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunLedgerErrors} from "../src/interfaces/IRunLedgerErrors.sol";
import "../src/types/RunTypes.sol";
import {Network} from "./kit/Network.sol";
import {PaysEverybody} from "./kit/PaysEverybody.sol";

contract EvidenceTest is Network {
    function setUp() public {
        deployContracts();
        startRun(defaultConfig(new PaysEverybody()), 3, 3);
    }

    function _proof(
        address offender,
        StatementKind kind,
        uint64 number,
        bytes32 first,
        bytes32 second
    ) private view returns (Equivocation memory proof) {
        proof.kind = kind;
        proof.number = number;
        proof.parent = keccak256("parent");
        (proof.firstContent, proof.secondContent) = (first, second);
        proof.firstSignature = _signed(offender, proof, first);
        proof.secondSignature = _signed(offender, proof, second);
    }

    function _signed(
        address signer,
        Equivocation memory proof,
        bytes32 content
    ) private view returns (bytes memory) {
        bytes32 digest = ledger.statementDigest(
            proof.kind,
            run,
            proof.number,
            proof.attempt,
            proof.parent,
            content
        );
        return signCompact(keyOf[signer], digest);
    }

    function testFuzz_TwoStatementsWhereOneWasDueCostHalfTheBond(
        uint8 kind,
        uint64 number,
        bytes32 first,
        bytes32 second
    ) public {
        if (first == second) second = ~first;
        address offender = kind % 3 == 0 ? trainers[1] : validators[1];
        if (number % 2 == 0) bond(offender, 10 * VALIDATOR_BOND_WEI);
        uint256 bondWei = reachOf(offender);
        Equivocation memory proof = _proof(offender, StatementKind(kind % 3), number, first, second);
        ledger.proveEquivocation(run, proof);

        equal(reachOf(offender), bondWei - bondWei / 2, "bond");
        equal(vault.creditOf(run, address(this)), bondWei / 4, "reporter");
        equal(vault.budgetOf(run), BUDGET_WEI + bondWei / 2 - bondWei / 4, "budget");
        isTrue(!ledger.memberOf(run, offender).active, "inactive");
        assertTokensAddUp();

        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerAlreadyProven.selector);
        ledger.proveEquivocation(run, proof);
    }

    function testFuzz_APenaltyReachesWhatIsUnbonding(bool withdrawnLate) public {
        address offender = validators[0];
        vm.prank(offender);
        ledger.leaveRun(run);
        Equivocation memory proof = _proof(offender, StatementKind.Lineup, 0, "a", "b");
        (, uint40 releaseAt) = registry.unbondingOf(run, offender);
        vm.warp(withdrawnLate ? releaseAt : releaseAt - 1);
        ledger.proveEquivocation(run, proof);
        equal(reachOf(offender), VALIDATOR_BOND_WEI / 2, "half");
        vm.warp(releaseAt);
        vm.prank(offender);
        registry.withdraw(run);
        equal(token.balanceOf(offender), VALIDATOR_BOND_WEI / 2, "the rest");
        assertTokensAddUp();
    }

    function testFuzz_TheSameStatementTwiceIsNone(bytes32 content) public {
        Equivocation memory proof = _proof(trainers[0], StatementKind.Receipt, 4, content, content);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerNotEquivocation.selector);
        ledger.proveEquivocation(run, proof);
    }

    function test_StatementsOfTwoMembersAreNone() public {
        Equivocation memory proof = _proof(trainers[0], StatementKind.Receipt, 4, "a", "b");
        proof.secondSignature = _signed(trainers[1], proof, "b");
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerDifferentSigners.selector);
        ledger.proveEquivocation(run, proof);
    }

    /// Another round, attempt, kind or parent is another statement.
    function testFuzz_StatementsOfDifferentOccasionsAreNone(uint8 what) public {
        Equivocation memory other = _proof(validators[0], StatementKind.Lineup, 4, "a", "b");
        if (what % 4 == 0) other.number = 5;
        else if (what % 4 == 1) other.attempt = 1;
        else if (what % 4 == 2) other.kind = StatementKind.Certificate;
        else other.parent = keccak256("another history");
        bytes memory signature = _signed(validators[0], other, "b");
        Equivocation memory proof = _proof(validators[0], StatementKind.Lineup, 4, "a", "b");
        proof.secondSignature = signature;
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerDifferentSigners.selector);
        ledger.proveEquivocation(run, proof);
    }

    function test_StrangersCannotEquivocateAndSignaturesHaveALength() public {
        address stranger = vm.addr(99);
        keyOf[stranger] = 99;
        Equivocation memory proof = _proof(stranger, StatementKind.Receipt, 4, "a", "b");
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerNotMember.selector);
        ledger.proveEquivocation(run, proof);
        proof.firstSignature = new bytes(65);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerInvalidSignaturesLength.selector);
        ledger.proveEquivocation(run, proof);
        (proof.firstSignature, proof.secondSignature) = (new bytes(64), new bytes(64));
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerDifferentSigners.selector);
        ledger.proveEquivocation(run, proof);
    }

    /// Nobody gets half of its own penalty back: not the offender, not whom it bonded, not who bonded it.
    function testFuzz_RelativesAreNotPaid(uint8 relation) public {
        address offender = validators[0];
        address friend = vm.addr(77);
        token.mint(offender, TRAINER_BOND_WEI);
        vm.startPrank(offender);
        token.approve(address(registry), TRAINER_BOND_WEI);
        registry.bond(run, friend, TRAINER_BOND_WEI);
        vm.stopPrank();

        Equivocation memory proof = _proof(offender, StatementKind.Lineup, 0, "a", "b");
        vm.prank(relation % 2 == 0 ? offender : friend);
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerReporterRelated.selector);
        ledger.proveEquivocation(run, proof);
        ledger.proveEquivocation(run, proof);
    }

    function test_WhoBondedAnOffenderIsNotPaid() public {
        address offender = vm.addr(88);
        keyOf[offender] = 88;
        token.mint(address(this), TRAINER_BOND_WEI);
        token.approve(address(registry), TRAINER_BOND_WEI);
        registry.bond(run, offender, TRAINER_BOND_WEI);
        vm.prank(offender);
        ledger.joinRun(run, Role.Trainer);
        Equivocation memory proof = _proof(offender, StatementKind.Receipt, 0, "a", "b");
        vm.expectPartialRevert(IRunLedgerErrors.RunLedgerReporterRelated.selector);
        ledger.proveEquivocation(run, proof);
    }
}
