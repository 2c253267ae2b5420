// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Outcome} from "../src/interfaces/IPolicy.sol";
import {IBondRegistry} from "../src/interfaces/IBondRegistry.sol";
import {IRewardVault} from "../src/interfaces/IRewardVault.sol";
import {IRunLedger} from "../src/interfaces/IRunLedger.sol";
import {IRunSettlement} from "../src/interfaces/IRunSettlement.sol";
import "../src/types/RunTypes.sol";
import {Network} from "./kit/Network.sol";
import {PaysEverybody} from "./kit/PaysEverybody.sol";

/// @dev Who may call what: one row for each function that changes something, in the state in which it is possible at
/// all, one column for each role. A row's letters are the roles that succeed; all others must be refused.
///
///   S the Sponsor            P the Validator that proposes   N a stranger with tokens and a bond, never joined
///   T a Trainer              V another Validator             L the ledger (as if it called)    R the registry (ditto)
///
/// `contracts.spec.ts` checks that no function of the contracts is missing here.
contract WhoMayCallWhatTest is Network {
    error Attempted(bool succeeded);

    address private constant STRANGER = address(0x57a);
    bytes private constant ROLES = "STPVNLR";

    function setUp() public {
        deployContracts();
        startRun(defaultConfig(new PaysEverybody()), 3, 3);
        bond(STRANGER, TRAINER_BOND_WEI);
    }

    function _account(bytes1 role) private view returns (address) {
        if (role == "S") return sponsor;
        if (role == "T") return trainers[0];
        if (role == "N") return STRANGER;
        if (role == "L") return address(ledger);
        if (role == "R") return address(registry);
        address proposer = ledger.proposerOf(run, 0);
        if (role == "P") return proposer == address(0) ? validators[0] : proposer;
        return validators[0] == proposer ? validators[1] : validators[0];
    }

    /// Tries the call as each role, each time from the same state.
    function _row(address target, bytes memory data, bytes memory allowed) private {
        for (uint256 i; i < ROLES.length; ++i) {
            bool expected;
            for (uint256 j; j < allowed.length; ++j) expected = expected || allowed[j] == ROLES[i];
            try this.attempt(_account(ROLES[i]), target, data) {
                revert("an attempt always reverts");
            } catch (bytes memory reason) {
                isTrue(bytes4(reason) == Attempted.selector, "the attempt itself failed");
                bool succeeded = abi.decode(_tail(reason), (bool));
                string memory role = string(abi.encodePacked(ROLES[i]));
                isTrue(succeeded == expected, string.concat(role, succeeded ? " succeeded" : " was refused"));
            }
        }
    }

    function _tail(bytes memory reason) private pure returns (bytes memory tail) {
        tail = new bytes(reason.length - 4);
        for (uint256 i; i < tail.length; ++i) tail[i] = reason[i + 4];
    }

    /// Reverts, whatever happens, so that the state stays as it was.
    function attempt(address caller, address target, bytes calldata data) external {
        token.mint(caller, 1e21);
        vm.startPrank(caller);
        token.approve(address(vault), 1e21);
        token.approve(address(registry), 1e21);
        (bool succeeded, ) = target.call(data);
        vm.stopPrank();
        revert Attempted(succeeded);
    }

    function _ledgerRow(bytes memory data, bytes memory allowed) private {
        _row(address(ledger), data, allowed);
    }

    // ---------------------------------------------------------------------------------------------------- runs

    function test_Runs() public {
        _ledgerRow(abi.encodeCall(IRunLedger.createRun, (defaultConfig(new PaysEverybody()))), "STPVNLR");
        _ledgerRow(abi.encodeCall(IRunLedger.pause, (run)), "S");
        _ledgerRow(abi.encodeCall(IRunLedger.finish, (run)), "S");
        vm.prank(sponsor);
        ledger.pause(run);
        _ledgerRow(abi.encodeCall(IRunLedger.resume, (run)), "S");
        pass(86_401);
        _ledgerRow(abi.encodeCall(IRunLedger.finish, (run)), "STPVNLR");
        _ledgerRow(abi.encodeCall(IRunLedger.releaseBudget, (run)), "");
        ledger.finish(run);
        _ledgerRow(abi.encodeCall(IRunLedger.releaseBudget, (run)), "STPVNLR");
    }

    // ------------------------------------------------------------------------------------------------- members

    function test_Members() public {
        _ledgerRow(abi.encodeCall(IRunLedger.joinRun, (run, Role.Trainer)), "N");
        _ledgerRow(abi.encodeCall(IRunLedger.joinRun, (run, Role.Validator)), "");
        _ledgerRow(abi.encodeCall(IRunLedger.leaveRun, (run)), "TPVN");
        _ledgerRow(abi.encodeCall(IRunLedger.checkIn, (run)), "PV");
    }

    // -------------------------------------------------------------------------------------------------- rounds

    function test_Rounds() public {
        _ledgerRow(abi.encodeCall(IRunLedger.openRound, (run)), "STPVNLR");
        ledger.openRound(run);
        setLineup();
        Endorsement memory endorsement = endorse(
            StatementKind.Lineup,
            ledger.releaseOf(run),
            lineupHash(),
            everySeat()
        );
        _ledgerRow(abi.encodeCall(IRunLedger.proposeLineup, (run, lineup, endorsement)), "P");
        proposeLineup();
        uint8 seat;
        while (ledger.committeeOf(run)[seat].validator != _account("V")) ++seat;
        bytes32 commitment = commitmentOf(_account("V"));
        _ledgerRow(abi.encodeCall(IRunLedger.commit, (run, 0, seat, commitment)), "V");
        _ledgerRow(abi.encodeCall(IRunLedger.closePhase, (run)), "");
        commitAll();
        Ballots memory supplied = allBallots();
        _ledgerRow(
            abi.encodeCall(IRunLedger.reveal, (run, 0, 7, supplied.scores, supplied.salts)),
            "STPVNLR"
        );
        _ledgerRow(abi.encodeCall(IRunSettlement.settle, (run, supplied, certificate(), 9)), "P");
        revealAll();
        _ledgerRow(abi.encodeCall(IRunSettlement.settle, (run, supplied, certificate(), 9)), "P");
        pass(181);
        Certificate memory none;
        _ledgerRow(abi.encodeCall(IRunSettlement.settle, (run, supplied, none, 9)), "STPVNLR");
        pass(60);
        _ledgerRow(abi.encodeCall(IRunLedger.closePhase, (run)), "STPVNLR");
    }

    function test_Chunks() public {
        openAndPropose();
        commitAll();
        revealAll();
        (, uint256[] memory indices, Outcome memory outcome) = ledger.previewSettlement(run, ballots());
        _ledgerRow(abi.encodeCall(IRunSettlement.continueSettlement, (run, indices, outcome, 9)), "");
        settle(1);
        _ledgerRow(abi.encodeCall(IRunSettlement.continueSettlement, (run, indices, outcome, 9)), "STPVNLR");
    }

    function test_Evidence() public {
        Equivocation memory proof;
        (proof.firstContent, proof.secondContent) = ("a", "b");
        bytes32 first = ledger.statementDigest(StatementKind.Receipt, run, 0, 0, 0, "a");
        bytes32 second = ledger.statementDigest(StatementKind.Receipt, run, 0, 0, 0, "b");
        proof.firstSignature = signCompact(keyOf[trainers[0]], first);
        proof.secondSignature = signCompact(keyOf[trainers[0]], second);
        _ledgerRow(abi.encodeCall(IRunSettlement.proveEquivocation, (run, proof)), "SPVNLR");
    }

    // -------------------------------------------------------------------------------------------------- tokens

    function test_Registry() public {
        address target = address(registry);
        _row(target, abi.encodeCall(IBondRegistry.bond, (run, STRANGER, 1e20)), "STPVNLR");
        _row(target, abi.encodeCall(IBondRegistry.startUnbonding, (run, trainers[0], 0)), "L");
        _row(target, abi.encodeCall(IBondRegistry.penalise, (run, trainers[0], 1)), "L");
        _row(target, abi.encodeCall(IBondRegistry.jail, (run, trainers[0], 9)), "L");
        _row(target, abi.encodeCall(IBondRegistry.withdraw, (run)), "");
        vm.prank(trainers[0]);
        ledger.leaveRun(run);
        pass(30 days);
        _row(target, abi.encodeCall(IBondRegistry.withdraw, (run)), "T");
    }

    function test_Vault() public {
        address target = address(vault);
        _row(target, abi.encodeCall(IRewardVault.fund, (run, 1e20)), "STPVNLR");
        uint256[] memory credits = new uint256[](1);
        credits[0] = (uint256(2) << 128) | 1;
        _row(target, abi.encodeCall(IRewardVault.credit, (run, credits)), "L");
        _row(target, abi.encodeCall(IRewardVault.claim, (run)), "");
        wholeRound();
        _row(target, abi.encodeCall(IRewardVault.claim, (run)), "TPV");
    }

    function test_Token() public {
        bytes memory mint = abi.encodeCall(token.mint, (address(1), 1));
        _row(address(token), mint, "");
        token.mint(address(1), 1);
        vm.expectRevert();
        token.mint(address(1), CAP_WEI);
    }

    /// The second half of the ledger's code holds nothing and does nothing on its own.
    function test_TheOtherHalfAloneIsEmpty() public {
        Ballots memory supplied;
        Certificate memory none;
        vm.expectRevert();
        IRunSettlement(settlement).settle(run, supplied, none, 1);
        vm.expectRevert();
        IRunSettlement(settlement).configOf(run);
    }

    /// A ledger is deployed only where its registry and its vault expect it, and with the half that knows the same two.
    function test_AWronglyWiredLedgerIsNotDeployed() public {
        for (uint256 right; right < 4; ++right) {
            address future = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
            address freshVault = deploy("RewardVault", abi.encode(token, future));
            address freshRegistry = deploy("BondRegistry", abi.encode(token, freshVault, future));
            address freshHalf = deploy("RunSettlement", abi.encode(freshRegistry, freshVault));
            bytes memory wiring = abi.encode(
                right > 0 ? freshRegistry : address(registry),
                right > 1 ? freshVault : address(vault),
                right > 2 ? freshHalf : settlement
            );
            bytes memory code = bytes.concat(vm.getCode("RunLedger.sol:RunLedger"), wiring);
            address deployed;
            assembly ("memory-safe") {
                deployed := create(0, add(code, 0x20), mload(code))
            }
            equal(deployed, right == 3 ? future : address(0), "deployed");
        }
    }
}
