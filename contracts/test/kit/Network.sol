// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {FlobcToken} from "../../src/FlobcToken.sol";
import {IBondRegistry} from "../../src/interfaces/IBondRegistry.sol";
import {IPolicy, Outcome} from "../../src/interfaces/IPolicy.sol";
import {IRewardVault} from "../../src/interfaces/IRewardVault.sol";
import {IRunLedger} from "../../src/interfaces/IRunLedger.sol";
import {Tally} from "../../src/libraries/Tally.sol";
import {VerdictCodec} from "../../src/libraries/VerdictCodec.sol";
import "../../src/types/RunTypes.sol";
import {Artifacts} from "./Artifacts.sol";
import {MedianReference} from "./MedianReference.sol";

/// @dev A whole network on the test chain: contracts, a Sponsor, Trainers and Validators with keys, and one function
/// for each step of a round. Validators are known by their position here; where they sit is asked of the ledger.
abstract contract Network is Artifacts {
    uint96 internal constant CAP_WEI = 1e27;
    uint96 internal constant TRAINER_BOND_WEI = 100e18;
    uint96 internal constant VALIDATOR_BOND_WEI = 1_000e18;
    uint96 internal constant POOL_WEI = 1_000e18;
    uint256 internal constant BUDGET_WEI = 1_000_000e18;
    uint256 private constant KEYS = 0xf10bc0000;

    FlobcToken internal token;
    IRewardVault internal vault;
    IBondRegistry internal registry;
    IRunLedger internal ledger;
    address internal settlement;

    uint256 internal run;
    address internal sponsor = address(0x5905);
    address[] internal trainers;
    address[] internal validators;
    mapping(address validator => uint256 key) internal keyOf;

    /// What the ballots of the current round will say: scores[validator][lineup entry].
    int16[][] internal scores;
    Lineup internal lineup;

    // ------------------------------------------------------------------------------------------------- set-up

    function deployContracts() internal {
        vm.warp(1_800_000_000);
        token = new FlobcToken(address(this), CAP_WEI);
        uint256 nonce = vm.getNonce(address(this));
        address future = vm.computeCreateAddress(address(this), nonce + 3);
        vault = IRewardVault(deploy("RewardVault", abi.encode(token, future)));
        registry = IBondRegistry(deploy("BondRegistry", abi.encode(token, vault, future)));
        settlement = deploy("RunSettlement", abi.encode(registry, vault));
        ledger = IRunLedger(deploy("RunLedger", abi.encode(registry, vault, settlement)));
    }

    function defaultConfig(IPolicy policy) internal pure returns (RunConfig memory) {
        return
            RunConfig({
                configurationDigest: keccak256("configuration"),
                rules: Rules({
                    policy: policy,
                    policyGas: 8_000_000,
                    scoresBase: false,
                    quorumNumerator: 1,
                    quorumDenominator: 2,
                    largeNumerator: 2,
                    largeDenominator: 3,
                    largeFrom: 4
                }),
                windows: Windows({
                    gatheringSeconds: 3_600,
                    trainingSeconds: 600,
                    lineupSeconds: 60,
                    openingSeconds: 60,
                    commitSeconds: 120,
                    revealSeconds: 120,
                    settlementSeconds: 60,
                    evidenceSeconds: 86_400
                }),
                terms: Terms({
                    maxPauseSeconds: 86_400,
                    minTrainers: 1,
                    minValidators: 1,
                    poolWei: POOL_WEI,
                    trainerBondWei: TRAINER_BOND_WEI,
                    validatorBondWei: VALIDATOR_BOND_WEI
                })
            });
    }

    function startRun(RunConfig memory config, uint256 trainerCount, uint256 validatorCount) internal {
        vm.prank(sponsor);
        run = ledger.createRun(config);
        fund(BUDGET_WEI);
        for (uint256 i; i < trainerCount; ++i) addTrainer();
        for (uint256 i; i < validatorCount; ++i) addValidator(VALIDATOR_BOND_WEI);
    }

    function fund(uint256 amountWei) internal {
        token.mint(sponsor, amountWei);
        vm.startPrank(sponsor);
        token.approve(address(vault), amountWei);
        vault.fund(run, amountWei);
        vm.stopPrank();
    }

    function addTrainer() internal returns (address trainer) {
        trainer = vm.addr(KEYS + 100_000 + trainers.length);
        keyOf[trainer] = KEYS + 100_000 + trainers.length;
        trainers.push(trainer);
        bond(trainer, TRAINER_BOND_WEI);
        vm.prank(trainer);
        ledger.joinRun(run, Role.Trainer);
    }

    function addValidator(uint96 bondWei) internal returns (address validator) {
        validator = vm.addr(KEYS + validators.length);
        keyOf[validator] = KEYS + validators.length;
        validators.push(validator);
        bond(validator, bondWei);
        vm.prank(validator);
        ledger.joinRun(run, Role.Validator);
    }

    function bond(address account, uint96 amountWei) internal {
        token.mint(account, amountWei);
        vm.startPrank(account);
        token.approve(address(registry), amountWei);
        registry.bond(run, account, amountWei);
        vm.stopPrank();
    }

    // -------------------------------------------------------------------------------------------------- a round

    /// Everything from opening to settlement with a certificate, all Validators present.
    function wholeRound() internal {
        openAndPropose();
        commitAll();
        revealAll();
        settle();
    }

    function openAndPropose() internal {
        ledger.openRound(run);
        proposeLineup();
    }

    /// Opens nothing, proposes all eligible Trainers, and fills in ballots if the test has not.
    function proposeLineup() internal {
        setLineup();
        Endorsement memory endorsement = endorse(
            StatementKind.Lineup,
            ledger.releaseOf(run),
            lineupHash(),
            everySeat()
        );
        vm.prank(ledger.proposerOf(run, 0));
        ledger.proposeLineup(run, lineup, endorsement);
    }

    function setLineup() internal {
        uint32 round = ledger.stateOf(run).number;
        uint256 words = (trainers.length + validators.length + 2) / 256 + 1;
        lineup.round = round;
        lineup.trainers = new uint256[](words);
        lineup.receiptsRoot = keccak256(abi.encode("receipts", round));
        for (uint256 i; i < trainers.length; ++i) {
            uint256 index = ledger.memberOf(run, trainers[i]).index;
            if (ledger.isEligible(run, index, round)) lineup.trainers[index >> 8] |= 1 << (index & 0xff);
        }
    }

    function lineupHash() internal view returns (bytes32) {
        return keccak256(abi.encode(run, lineup.round, lineup.trainers, lineup.receiptsRoot));
    }

    function everySeat() internal view returns (uint32) {
        return uint32((1 << uint256(ledger.stateOf(run).seats)) - 1);
    }

    function endorse(
        StatementKind kind,
        bytes32 parent,
        bytes32 content,
        uint32 signers
    ) internal view returns (Endorsement memory) {
        return endorse(kind, 0, parent, content, signers);
    }

    function endorse(
        StatementKind kind,
        uint8 attempt,
        bytes32 parent,
        bytes32 content,
        uint32 signers
    ) internal view returns (Endorsement memory endorsement) {
        endorsement.attempt = attempt;
        endorsement.signers = signers;
        uint32 round = ledger.stateOf(run).number;
        bytes32 digest = ledger.statementDigest(kind, run, round, attempt, parent, content);
        CommitteeSeat[] memory committee = ledger.committeeOf(run);
        for (uint256 i; i < committee.length; ++i) {
            if ((signers >> i) & 1 == 0) continue;
            endorsement.signatures = bytes.concat(
                endorsement.signatures,
                signCompact(keyOf[committee[i].validator], digest)
            );
        }
    }

    function signCompact(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, bytes32(uint256(s) | (v == 28 ? 1 << 255 : 0)));
    }

    /// The score of a Validator for an entry: what the test has put into `scores`, else something plausible.
    function scoreOf(uint256 validator, uint256 entry) internal view virtual returns (int16) {
        if (validator < scores.length && entry < scores[validator].length) return scores[validator][entry];
        uint256 noise = uint256(keccak256(abi.encode(ledger.stateOf(run).number, validator, entry))) % 40;
        return int16(int256(100 + 10 * (entry % 7) + noise));
    }

    function positionOf(address validator) internal view returns (uint256 position) {
        while (validators[position] != validator) ++position;
    }

    function ballotWidth() internal view returns (uint256) {
        return ledger.stateOf(run).lineupSize + (ledger.configOf(run).rules.scoresBase ? 1 : 0);
    }

    function ballotOf(address validator) internal view returns (bytes memory packed) {
        uint256 position = positionOf(validator);
        uint256 width = ballotWidth();
        packed = new bytes(2 * width);
        for (uint256 i; i < width; ++i) {
            uint16 score = uint16(scoreOf(position, i));
            packed[2 * i] = bytes1(uint8(score >> 8));
            packed[2 * i + 1] = bytes1(uint8(score));
        }
    }

    function saltOf(address validator) internal view returns (bytes32) {
        return keccak256(abi.encode("salt", validator, ledger.stateOf(run).number));
    }

    function commitmentOf(address validator) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(run, lineup.round, lineupHash(), validator, ballotOf(validator), saltOf(validator))
            );
    }

    function commit(uint256 seat) internal {
        address validator = ledger.committeeOf(run)[seat].validator;
        bytes32 commitment = commitmentOf(validator);
        vm.prank(validator);
        ledger.commit(run, lineup.round, uint8(seat), commitment);
    }

    function reveal(uint256 seat) internal {
        address validator = ledger.committeeOf(run)[seat].validator;
        bytes memory ballot = ballotOf(validator);
        bytes32 salt = saltOf(validator);
        bytes32[] memory salts = new bytes32[](1);
        salts[0] = salt;
        vm.prank(validator);
        ledger.reveal(run, lineup.round, uint32(1 << seat), ballot, salts);
    }

    function commitAll() internal {
        for (uint256 i; i < ledger.stateOf(run).seats; ++i) commit(i);
    }

    function revealAll() internal {
        for (uint256 i; i < ledger.stateOf(run).seats; ++i) reveal(i);
    }

    /// The ballots of those that have revealed, with the tallies that follow from them.
    function ballots() internal view returns (Ballots memory) {
        return ballotsOf(ledger.stateOf(run).revealed);
    }

    /// The ballots of all that have committed.
    function allBallots() internal view returns (Ballots memory) {
        return ballotsOf(ledger.stateOf(run).committed);
    }

    function ballotsOf(uint32 seats) internal view returns (Ballots memory supplied) {
        supplied.lineup = lineup;
        CommitteeSeat[] memory committee = ledger.committeeOf(run);
        uint256 width = ballotWidth();
        uint256 voters;
        for (uint256 i; i < committee.length; ++i) voters += (seats >> i) & 1;
        uint256[] memory bondsWei = new uint256[](voters);
        int256[][] memory columns = new int256[][](width);
        for (uint256 j; j < width; ++j) columns[j] = new int256[](voters);
        supplied.salts = new bytes32[](voters);
        uint256 voter;
        for (uint256 i; i < committee.length; ++i) {
            if ((seats >> i) & 1 == 0) continue;
            address validator = committee[i].validator;
            supplied.scores = bytes.concat(supplied.scores, ballotOf(validator));
            supplied.salts[voter] = saltOf(validator);
            bondsWei[voter] = committee[i].bondWei;
            for (uint256 j; j < width; ++j) columns[j][voter] = scoreOf(positionOf(validator), j);
            ++voter;
        }
        for (uint256 j; j < width; ++j) {
            supplied.tallies = abi.encodePacked(
                supplied.tallies,
                MedianReference.tally(columns[j], bondsWei)
            );
        }
    }

    function modelDigest() internal view returns (bytes32) {
        return keccak256(abi.encode("model", ledger.stateOf(run).number));
    }

    function certificate() internal view returns (Certificate memory) {
        return certificate(everySeat());
    }

    function certificate(uint32 signers) internal view returns (Certificate memory) {
        bytes32 digest = modelDigest();
        return Certificate(digest, endorse(StatementKind.Certificate, certificateParent(), digest, signers));
    }

    /// What a certificate over the outcome of the ballots builds on: those revealed, all that are committed before.
    function certificateParent() internal view returns (bytes32) {
        Ballots memory supplied = ledger.phaseOf(run) == Phase.Reveal ? allBallots() : ballots();
        (, , Outcome memory outcome) = ledger.previewSettlement(run, supplied);
        uint256[] memory verdicts = new uint256[](outcome.verdicts.length);
        for (uint256 i; i < verdicts.length; ++i) {
            verdicts[i] = VerdictCodec.pack(outcome.verdicts[i], Tally.scoreAt(supplied.tallies, i));
        }
        bytes32 decided = keccak256(abi.encodePacked(verdicts));
        return keccak256(abi.encode(ledger.releaseOf(run), ledger.lineupHashOf(run), decided));
    }

    function settle() internal {
        settle(type(uint16).max);
    }

    function settle(uint16 limit) internal {
        Ballots memory supplied = ballots();
        Certificate memory certified = certificate();
        vm.prank(ledger.proposerOf(run, 0));
        ledger.settle(run, supplied, certified, limit);
    }

    function pass(uint256 timeSeconds) internal {
        vm.warp(block.timestamp + timeSeconds);
    }

    /// Until the current phase is overdue.
    function passDeadline() internal {
        vm.warp(ledger.deadlineOf(run) + 1);
    }

    // ------------------------------------------------------------------------------------------------- money

    function claim(address account) internal returns (uint256) {
        vm.prank(account);
        return vault.claim(run);
    }

    /// Everything that the vault owes in this run: the budget and what everybody could claim.
    function owedByVault() internal view returns (uint256 owedWei) {
        owedWei = vault.budgetOf(run) + vault.creditOf(run, sponsor) + vault.creditOf(run, address(this));
        for (uint256 i; i < trainers.length; ++i) owedWei += vault.creditOf(run, trainers[i]);
        for (uint256 i; i < validators.length; ++i) owedWei += vault.creditOf(run, validators[i]);
    }

    function owedByRegistry() internal view returns (uint256 owedWei) {
        for (uint256 i; i < trainers.length; ++i) owedWei += reachOf(trainers[i]);
        for (uint256 i; i < validators.length; ++i) owedWei += reachOf(validators[i]);
    }

    /// Bond and unbonding together: what a penalty can reach.
    function reachOf(address account) internal view returns (uint256) {
        (uint96 unbondingWei, ) = registry.unbondingOf(run, account);
        return uint256(registry.bondOf(run, account)) + unbondingWei;
    }

    function assertTokensAddUp() internal view {
        equal(token.balanceOf(address(vault)), owedByVault(), "tokens of the vault");
        equal(token.balanceOf(address(registry)), owedByRegistry(), "tokens of the registry");
        equal(token.balanceOf(address(ledger)), 0, "tokens of the ledger");
    }
}
