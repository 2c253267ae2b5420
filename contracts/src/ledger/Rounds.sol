// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunLedger} from "../interfaces/IRunLedger.sol";
import {Bitmap} from "../libraries/Bitmap.sol";
import {Eligibility, EligibilityMap} from "../libraries/Eligibility.sol";
import {
    Endorsement,
    Lineup,
    MAX_TRAINERS,
    Phase,
    PROPOSERS,
    RoundState,
    StatementKind,
    Terms,
    Windows
} from "../types/RunTypes.sol";
import {Boundary} from "./Boundary.sol";
import {Committees} from "./Committees.sol";
import {Quorums} from "./Quorums.sol";

/// @title Rounds
/// @notice Opening, lineup, commit and reveal, and the way out of every phase that is overdue.
abstract contract Rounds is Boundary, Committees, Quorums, IRunLedger {
    using Eligibility for EligibilityMap;

    // ------------------------------------------------------------------------------------------------ opening

    /// @inheritdoc IRunLedger
    function openRound(uint256 run) external {
        Run storage r = _run(run);
        RoundState memory state = _state(r);
        _requirePhase(run, state, Phase.Gathering);
        if (state.paused) revert RunLedgerPaused(run);
        Roll memory roll = _roll(r);
        if (!_isGathered(r, roll)) {
            revert RunLedgerTooFewMembers(roll.activeTrainers, roll.activeValidators);
        }
        _open(run, r, state, roll);
    }

    function _isGathered(Run storage r, Roll memory roll) private view returns (bool) {
        Terms memory terms = r.config.terms;
        return roll.activeTrainers >= terms.minTrainers && roll.activeValidators >= terms.minValidators;
    }

    function _open(uint256 run, Run storage r, RoundState memory state, Roll memory roll) private {
        uint96 bondWei = state.rosterChanged ? _seatCommittee(run, r, state) : r.stake.bondWei;
        // Nothing but this round can take from the budget until it is over: to write the pool down is to reserve it.
        uint256 budgetWei = VAULT.budgetOf(run);
        uint96 poolWei = r.config.terms.poolWei;
        if (budgetWei < poolWei) poolWei = uint96(budgetWei);
        r.stake.poolWei = poolWei;
        r.stake.bondWei = bondWei;
        r.stake.joins = roll.joins;
        Windows memory windows = _windows(r);
        _enter(state, Phase.Training, windows);
        _setState(r, state);
        emit RoundOpened(
            run,
            state.number,
            poolWei,
            roll.joins,
            uint40(block.timestamp + windows.trainingSeconds)
        );
    }

    // ------------------------------------------------------------------------------------------------- lineup

    /// @inheritdoc IRunLedger
    function proposeLineup(uint256 run, Lineup calldata lineup, Endorsement calldata endorsement) external {
        Run storage r = _run(run);
        RoundState memory state = _state(r);
        Windows memory windows = _windows(r);
        _requirePhase(run, state, Phase.Training);
        _requireRound(run, state, lineup.round);
        _requireInTime(run, state);
        // Whose turn it is has been decided by the quorum that signed the attempt: it knows who is silent, a clock does not.
        _requireAttempt(endorsement, PROPOSERS);
        address proposer = _proposer(r, state, endorsement.attempt);
        if (msg.sender != proposer) revert RunLedgerNotProposer(msg.sender, proposer);
        state.lineupSize = _requireEligible(r, lineup);
        bytes32 lineupHash = _lineupHash(run, lineup);
        _requireEndorsed(run, r, state, StatementKind.Lineup, r.release, lineupHash, endorsement);

        r.lineupHash = lineupHash;
        emit LineupAccepted(
            run,
            lineup.round,
            msg.sender,
            lineupHash,
            lineup.trainers,
            lineup.receiptsRoot,
            endorsement.signers
        );
        _start(run, state, Phase.Commit, windows);
        _setState(r, state);
    }

    /// Reverts unless the lineup is a set of 1 to 256 Trainers whose receipts count in the round.
    function _requireEligible(Run storage r, Lineup calldata lineup) private view returns (uint16) {
        uint256 size;
        for (uint256 i; i < lineup.trainers.length; ++i) {
            uint256 bits = lineup.trainers[i];
            uint256 ineligible = bits & ~r.eligibility.wordAt(i, lineup.round);
            if (ineligible != 0) revert RunLedgerIneligibleTrainer((i << 8) | Bitmap.lowest(ineligible));
            size += Bitmap.count(bits);
        }
        if (size == 0 || size > MAX_TRAINERS) revert RunLedgerInvalidLineup(size, MAX_TRAINERS);
        return uint16(size);
    }

    // ------------------------------------------------------------------------------------------------ ballots

    /// @inheritdoc IRunLedger
    function commit(uint256 run, uint32 round, uint8 seat, bytes32 commitment) external {
        Run storage r = _runs[run];
        RoundState memory state = _requireVoting(run, r, round, Phase.Commit);
        if (seat >= state.seats || r.committee[seat].validator != msg.sender) {
            revert RunLedgerNotSeated(msg.sender, seat);
        }
        uint32 bit = uint32(1 << seat);
        if (state.committed & bit != 0) revert RunLedgerAlreadyVoted(seat, round);

        r.commitments[seat] = commitment;
        state.committed |= bit;
        emit BallotCommitted(run, round, msg.sender, commitment);
        if (state.committed == Bitmap.full(state.seats)) _start(run, state, Phase.Reveal, _windows(r));
        _setState(r, state);
    }

    /// @inheritdoc IRunLedger
    function reveal(
        uint256 run,
        uint32 round,
        uint32 seats,
        bytes calldata scores,
        bytes32[] calldata salts
    ) external {
        Run storage r = _runs[run];
        RoundState memory state = _requireVoting(run, r, round, Phase.Reveal);
        uint256 length = 2 * _ballotWidth(r, state);
        uint256 voters = Bitmap.count(seats);
        if (voters == 0 || salts.length != voters) revert RunLedgerInvalidLength(salts.length, voters);
        if (scores.length != voters * length) revert RunLedgerInvalidLength(scores.length, voters * length);
        if (seats & ~state.committed != 0) {
            revert RunLedgerNothingCommitted(Bitmap.lowest(seats & ~state.committed), round);
        }
        if (seats & state.revealed != 0)
            revert RunLedgerAlreadyVoted(Bitmap.lowest(seats & state.revealed), round);

        bytes32 lineupHash = r.lineupHash;
        uint256 bits = seats;
        for (uint256 i; i < voters; ++i) {
            bytes calldata ballot = scores[i * length:(i + 1) * length];
            address validator = _checkBallot(
                run,
                r,
                round,
                lineupHash,
                Bitmap.lowest(bits),
                ballot,
                salts[i]
            );
            emit BallotRevealed(run, round, validator, ballot, salts[i]);
            bits &= bits - 1;
        }
        state.revealed |= seats;
        if (state.revealed == state.committed) _start(run, state, Phase.Settlement, _windows(r));
        _setState(r, state);
    }

    function _requireVoting(
        uint256 run,
        Run storage r,
        uint32 round,
        Phase phase
    ) private view returns (RoundState memory state) {
        state = _state(r);
        _requirePhase(run, state, phase);
        _requireRound(run, state, round);
        _requireInTime(run, state);
    }

    // ------------------------------------------------------------------------------------------- overdue phases

    /// @inheritdoc IRunLedger
    function closePhase(uint256 run) external nonReentrant {
        Run storage r = _liveRun(run);
        RoundState memory state = _state(r);
        Windows memory windows = _windows(r);
        if (state.phase == Phase.Gathering) return _closeGathering(run, r, state, windows);
        // A settlement that is decided is not undone: what is left of it can be applied by anybody.
        if (state.applied > 0) revert RunLedgerSettlementUnderway(run, state.number);
        _requireOverdue(run, state.deadline);

        if (state.phase == Phase.Training) {
            // Nobody was asked for a ballot, so nobody missed one.
            _void(run, r, state);
        } else {
            bool committing = state.phase == Phase.Commit;
            uint32 acted = committing ? state.committed : state.revealed;
            if (state.phase == Phase.Settlement || !_isQuorumOfSeats(r, state, acted)) {
                _recordMisses(run, r, state, acted);
                return _void(run, r, state);
            }
            _start(run, state, committing ? Phase.Reveal : Phase.Settlement, windows);
            _setState(r, state);
        }
    }

    function _closeGathering(
        uint256 run,
        Run storage r,
        RoundState memory state,
        Windows memory windows
    ) private {
        if (state.paused) {
            _requireOverdue(run, uint256(r.stoppedAt) + r.config.terms.maxPauseSeconds);
            _end(run, r, state, Phase.Finished);
            _setState(r, state);
            return _afterRound(run, r, state);
        }
        _requireOverdue(run, state.deadline);
        Roll memory roll = _roll(r);
        if (_isGathered(r, roll)) _open(run, r, state, roll);
        else _void(run, r, state);
    }

    function _requireOverdue(uint256 run, uint256 deadline) private view {
        if (block.timestamp <= deadline) revert RunLedgerPhaseNotOverdue(run, block.timestamp, deadline);
    }
}
