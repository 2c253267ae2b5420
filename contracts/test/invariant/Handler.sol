// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Outcome, TRUST_ONE, UNAVAILABLE} from "../../src/interfaces/IPolicy.sol";
import "../../src/types/RunTypes.sol";
import {Network} from "../kit/Network.sol";
import {PaysEverybody} from "../kit/PaysEverybody.sol";

/// @dev Everything that can happen to a run, in any order. No handler may revert: each does what is possible in the
/// state it finds, or nothing. Where something must be refused, the handler tries it and remembers if it was not.
contract Handler is Network {
    /// What must never have happened.
    uint256 public secondBallots;
    uint256 public secondSettlements;
    uint256 public overpaidRounds;
    uint256 public overPenalties;
    uint256 public changedVerdicts;
    uint256 public roundsBackwards;
    /// What should have happened, for the campaign to mean something.
    uint256 public settledRounds;
    uint256 public voidRounds;

    uint32 private _lastRound;
    mapping(address trainer => uint256) private _trustAtLastSettlement;

    constructor() {
        deployContracts();
        startRun(defaultConfig(new PaysEverybody()), 5, 4);
        fund(3 * POOL_WEI);
        for (uint256 i; i < trainers.length; ++i) _trustAtLastSettlement[trainers[i]] = TRUST_ONE / 2;
    }

    modifier watched() {
        _;
        uint32 round = ledger.stateOf(run).number;
        if (round < _lastRound) ++roundsBackwards;
        _lastRound = round;
        for (uint256 i; i < trainers.length; ++i) {
            if (_standing(trainers[i]) != _trustAtLastSettlement[trainers[i]]) ++changedVerdicts;
        }
    }

    // ----------------------------------------------------------------------------------------------- time, phases

    function passTime(uint32 timeSeconds) external watched {
        pass(bound(timeSeconds, 1, 400));
    }

    function open() external watched {
        (uint256 active, uint256 seated) = ledger.activeOf(run);
        RoundState memory state = ledger.stateOf(run);
        if (state.phase != Phase.Gathering || state.paused || active == 0 || seated == 0) return;
        ledger.openRound(run);
    }

    /// At whichever attempt the quorum signs.
    function propose(uint8 dice) external watched {
        if (!_inTime(Phase.Training)) return;
        setLineup();
        if (lineup.trainers[0] == 0) return;
        _setScores();
        uint8 attempt = dice % 3;
        Endorsement memory endorsement = endorse(
            StatementKind.Lineup,
            attempt,
            ledger.releaseOf(run),
            lineupHash(),
            everySeat()
        );
        vm.prank(ledger.proposerOf(run, attempt));
        ledger.proposeLineup(run, lineup, endorsement);
    }

    function commitSome(uint8 seats) external watched {
        uint256 count = ledger.stateOf(run).seats;
        for (uint256 i; i < count; ++i) {
            if (!_inTime(Phase.Commit)) return;
            if ((seats >> i) & 1 == 0 || (ledger.stateOf(run).committed >> i) & 1 == 1) continue;
            commit(i);
            address validator = ledger.committeeOf(run)[i].validator;
            vm.prank(validator);
            try ledger.commit(run, lineup.round, uint8(i), keccak256("another")) {
                ++secondBallots;
            } catch {}
        }
    }

    function revealSome(uint8 seats) external watched {
        uint256 count = ledger.stateOf(run).seats;
        for (uint256 i; i < count; ++i) {
            if (!_inTime(Phase.Reveal)) return;
            RoundState memory state = ledger.stateOf(run);
            if ((seats >> i) & 1 == 0 || (state.committed >> i) & 1 == 0 || (state.revealed >> i) & 1 == 1)
                continue;
            reveal(i);
        }
    }

    function settleSome(uint8 limit, bool certified) external watched {
        RoundState memory state = ledger.stateOf(run);
        if (state.applied > 0 || !(_inTime(Phase.Settlement) || _inTime(Phase.Reveal))) return;
        Ballots memory supplied = allBallots();
        if (state.phase == Phase.Settlement) supplied = ballots();
        uint256 left = ledger.deadlineOf(run) - block.timestamp;
        bool anybody = state.phase == Phase.Settlement && left < 60;
        Certificate memory endorsed;
        if (certified || !anybody) endorsed = certificate();
        uint256 budgetWei = vault.budgetOf(run);
        uint256 attempt =
            state.phase == Phase.Reveal || left >= 180
                ? 0
                : left >= 120
                    ? 1
                    : 2;
        (, uint256[] memory indices, Outcome memory outcome) = ledger.previewSettlement(run, supplied);
        address settler = anybody ? address(this) : ledger.proposerOf(run, attempt);
        uint16 chunk = uint16(bound(limit, 1, 8));
        vm.prank(settler);
        ledger.settle(run, supplied, endorsed, chunk);
        while (ledger.stateOf(run).applied > 0) ledger.continueSettlement(run, indices, outcome, chunk);

        ++settledRounds;
        uint256 paidWei = outcome.settlerWei;
        for (uint256 i; i < outcome.verdicts.length; ++i) {
            paidWei += outcome.verdicts[i].rewardWei;
            _trustAtLastSettlement[ledger.accountOf(run, indices[i])] =
                uint256(outcome.verdicts[i].trust) | (uint256(outcome.verdicts[i].note) << 32);
        }
        for (uint256 i; i < outcome.seats.length; ++i) paidWei += outcome.seats[i].rewardWei;
        if (paidWei > POOL_WEI || paidWei > budgetWei) ++overpaidRounds;
        vm.prank(settler);
        try ledger.settle(run, supplied, endorsed, chunk) {
            ++secondSettlements;
        } catch {}
    }

    function closeOverdue() external watched {
        if (_ended() || block.timestamp <= ledger.deadlineOf(run)) return;
        RoundState memory state = ledger.stateOf(run);
        if (state.phase == Phase.Gathering && state.paused) return;
        uint8 voids = state.voids;
        ledger.closePhase(run);
        if (ledger.stateOf(run).voids > voids) ++voidRounds;
    }

    // ---------------------------------------------------------------------------------------------------- members

    function joinTrainer() external watched {
        if (_ended() || trainers.length >= 9) return;
        _trustAtLastSettlement[addTrainer()] = TRUST_ONE / 2;
    }

    function joinValidator(uint96 bondWei) external watched {
        if (_ended() || validators.length >= 7) return;
        addValidator(uint96(bound(bondWei, VALIDATOR_BOND_WEI, 5 * uint256(VALIDATOR_BOND_WEI))));
    }

    function leave(uint8 who) external watched {
        address account = _member(who);
        if (ledger.memberOf(run, account).role == Role.None && registry.bondOf(run, account) == 0) return;
        vm.prank(account);
        ledger.leaveRun(run);
    }

    function topUpAndCheckIn(uint8 who, uint96 amountWei) external watched {
        address account = _member(who);
        Member memory member = ledger.memberOf(run, account);
        if (_ended() || member.role == Role.None || (member.active && member.role == Role.Trainer)) return;
        bond(account, uint96(bound(amountWei, 1, 1e21)));
        RoundState memory state = ledger.stateOf(run);
        uint256 round = state.phase == Phase.Gathering ? state.number : state.number + 1;
        uint96 neededWei = member.role == Role.Trainer ? TRAINER_BOND_WEI : VALIDATOR_BOND_WEI;
        if (round < registry.jailedUntil(run, account) || registry.bondOf(run, account) <= neededWei / 2)
            return;
        vm.prank(account);
        ledger.checkIn(run);
    }

    function equivocate(uint8 who, uint64 number) external watched {
        address offender = _member(who);
        Equivocation memory proof;
        (proof.number, proof.firstContent, proof.secondContent) = (number, "a", "b");
        proof.firstSignature = signCompact(keyOf[offender], _digest(number, "a"));
        proof.secondSignature = signCompact(keyOf[offender], _digest(number, "b"));
        uint256 reachWei = reachOf(offender);
        try ledger.proveEquivocation(run, proof) {
            if (reachOf(offender) > reachWei || reachWei - reachOf(offender) > reachWei) ++overPenalties;
        } catch {
            // Only what is proven already is refused here.
        }
    }

    function withdraw(uint8 who) external watched {
        address account = _member(who);
        (uint96 unbondingWei, uint40 releaseAt) = registry.unbondingOf(run, account);
        if (unbondingWei == 0 || block.timestamp < releaseAt) return;
        vm.prank(account);
        registry.withdraw(run);
    }

    // ------------------------------------------------------------------------------------------------ money, Sponsor

    function claimCredit(uint8 who) external watched {
        address account = _member(who);
        if (vault.creditOf(run, account) > 0) claim(account);
    }

    function addBudget(uint96 amountWei) external watched {
        fund(bound(amountWei, 1, POOL_WEI));
    }

    function pauseOrResume() external watched {
        if (_ended()) return;
        bool paused = ledger.stateOf(run).paused;
        vm.prank(sponsor);
        if (paused) ledger.resume(run);
        else ledger.pause(run);
    }

    /// Seldom, so that most campaigns live.
    function finish(uint256 dice) external watched {
        if (_ended() || dice % 16 != 0) return;
        vm.prank(sponsor);
        ledger.finish(run);
    }

    // ---------------------------------------------------------------------------------------------------- questions

    /// Reverts if tokens do not add up.
    function checkTokens() external view {
        assertTokensAddUp();
    }

    function checkTrust() external view {
        for (uint256 i; i < trainers.length; ++i) {
            (uint32 trust, ) = ledger.trustOf(run, trainers[i]);
            atMost(trust, TRUST_ONE, "trust");
        }
    }

    /// From here, with nobody doing anything but closing what is overdue, the run ends; the state is thrown away.
    function wayForward() external returns (uint256 steps) {
        if (ledger.stateOf(run).paused) {
            pass(86_401);
            if (!_ended()) ledger.finish(run);
        }
        for (; !_ended(); ++steps) {
            if (steps > 40) revert("no way forward");
            passDeadline();
            ledger.closePhase(run);
        }
    }

    // ------------------------------------------------------------------------------------------------------- parts

    function _ended() private view returns (bool) {
        Phase phase = ledger.phaseOf(run);
        return phase == Phase.Finished || phase == Phase.Halted;
    }

    function _inTime(Phase phase) private view returns (bool) {
        return ledger.phaseOf(run) == phase && block.timestamp <= ledger.deadlineOf(run);
    }

    function _member(uint8 who) private view returns (address) {
        uint256 position = who % (trainers.length + validators.length);
        return position < trainers.length ? trainers[position] : validators[position - trainers.length];
    }

    function _standing(address trainer) private view returns (uint256) {
        (uint32 trust, uint64 note) = ledger.trustOf(run, trainer);
        return uint256(trust) | (uint256(note) << 32);
    }

    function _digest(uint64 number, bytes32 content) private view returns (bytes32) {
        return ledger.statementDigest(StatementKind.Receipt, run, number, 0, 0, content);
    }

    /// Honest, poisoned and unavailable updates, as the round's number has it.
    function _setScores() private {
        delete scores;
        uint256 round = ledger.stateOf(run).number;
        for (uint256 v; v < validators.length; ++v) {
            scores.push();
            for (uint256 t; t < 9; ++t) {
                uint256 draw = uint256(keccak256(abi.encode(round, t))) % 5;
                int16 score =
                    draw == 0
                        ? int16(-3_000)
                        : draw == 1
                            ? UNAVAILABLE
                            : int16(int256(50 + v));
                scores[v].push(score);
            }
        }
    }
}
