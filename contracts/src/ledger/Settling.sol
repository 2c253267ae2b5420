// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunSettlement} from "../interfaces/IRunSettlement.sol";
import {LineupEntry, Outcome, Round, Seat, UNAVAILABLE, Verdict} from "../interfaces/IPolicy.sol";
import {Bitmap} from "../libraries/Bitmap.sol";
import {HalfMap, Halves} from "../libraries/Halves.sol";
import {PolicyGuard} from "../libraries/PolicyGuard.sol";
import {Tally} from "../libraries/Tally.sol";
import {VerdictCodec} from "../libraries/VerdictCodec.sol";
import {
    Ballots,
    Certificate,
    CommitteeSeat,
    Phase,
    PROPOSERS,
    Role,
    RoundState,
    StatementKind,
    Windows
} from "../types/RunTypes.sol";
import {Boundary} from "./Boundary.sol";
import {Quorums} from "./Quorums.sol";

/// @title Settling
/// @notice From revealed ballots to verdicts, trust, rewards and penalties.
///
/// `settle` checks what the settler supplies, asks the policy, announces the outcome and applies it. All that is decided
/// is decided in that one transaction; where a lineup is too long to be applied in it as well, `continueSettlement`
/// carries on with the same outcome, whoever calls it.
abstract contract Settling is Boundary, Quorums, IRunSettlement {
    using Halves for HalfMap;

    /// @dev The part of an outcome that one transaction applies: Trainers [from, to) of the lineup, and with the last
    /// of them the committee and the settler.
    struct Chunk {
        uint256 from;
        uint256 to;
        bool last;
        uint256 seats;
        address settler;
    }

    // ------------------------------------------------------------------------------------------------ deciding

    /// @inheritdoc IRunSettlement
    function previewSettlement(
        uint256 run,
        Ballots calldata ballots
    ) external view returns (bool answered, uint256[] memory trainers, Outcome memory outcome) {
        Run storage r = _run(run);
        RoundState memory state = _state(r);
        _closeReveal(run, state);
        Round memory round;
        (trainers, round) = _round(run, r, state, ballots);
        (answered, outcome) = PolicyGuard.consult(r.config.rules.policy, r.config.rules.policyGas, round);
    }

    /// @inheritdoc IRunSettlement
    function settle(
        uint256 run,
        Ballots calldata ballots,
        Certificate calldata certificate,
        uint16 limit
    ) external nonReentrant {
        Run storage r = _run(run);
        RoundState memory state = _state(r);
        uint32 unrevealed = _closeReveal(run, state);
        _requireTurn(run, r, state, certificate.modelDigest, unrevealed != 0);
        (uint256[] memory trainers, Round memory round) = _round(run, r, state, ballots);
        if (unrevealed != 0) _announceBallots(run, r, state, ballots, unrevealed);
        (bool answered, Outcome memory outcome) = PolicyGuard.consult(
            r.config.rules.policy,
            r.config.rules.policyGas,
            round
        );
        uint256[] memory verdicts = _packedVerdicts(round, outcome);
        if (certificate.modelDigest != 0) _release(run, r, state, verdicts, certificate);
        _announce(run, round, outcome, answered, certificate.modelDigest, verdicts);
        if (limit < trainers.length) {
            r.settler = msg.sender;
            bytes memory encoded = abi.encode(outcome);
            r.outcomeDigest = keccak256(abi.encode(trainers, encoded));
            emit SettlementSplit(run, state.number, limit, encoded);
        }
        _apply(run, r, state, trainers, outcome, limit, msg.sender);
    }

    /// @inheritdoc IRunSettlement
    function continueSettlement(
        uint256 run,
        uint256[] calldata trainers,
        Outcome calldata outcome,
        uint16 limit
    ) external nonReentrant {
        Run storage r = _run(run);
        RoundState memory state = _state(r);
        if (state.applied == 0) revert RunLedgerNoSettlementUnderway(run);
        bytes32 outcomeDigest = keccak256(abi.encode(trainers, abi.encode(outcome)));
        if (outcomeDigest != r.outcomeDigest) revert RunLedgerOutcomeMismatch(outcomeDigest, r.outcomeDigest);
        emit SettlementContinued(run, state.number, limit);
        _apply(run, r, state, trainers, outcome, limit, r.settler);
    }

    /// In the reveal phase a settlement brings all the ballots that were committed and not yet revealed: it takes their
    /// place, and the reveal phase is over with it. Its first proposer may do so until the deadline of the phase.
    /// @return unrevealed Seats whose ballots the settlement reveals.
    function _closeReveal(uint256 run, RoundState memory state) private pure returns (uint32 unrevealed) {
        if (state.phase != Phase.Reveal) {
            _requirePhase(run, state, Phase.Settlement);
            return 0;
        }
        unrevealed = state.committed & ~state.revealed;
        state.revealed = state.committed;
        state.phase = Phase.Settlement;
    }

    /// The proposer of the moment may settle with a certificate; when three have let their time pass, anybody may, and
    /// without one: pay and punish, release nothing.
    function _requireTurn(
        uint256 run,
        Run storage r,
        RoundState memory state,
        bytes32 modelDigest,
        bool revealing
    ) private view {
        if (state.applied > 0) revert RunLedgerSettlementUnderway(run, state.number);
        _requireInTime(run, state);
        uint256 attempt = revealing ? 0 : _attempt(state, _windows(r));
        if (attempt == PROPOSERS) return;
        address proposer = _proposer(r, state, attempt);
        if (msg.sender != proposer) revert RunLedgerNotProposer(msg.sender, proposer);
        if (modelDigest == 0) revert RunLedgerCertificateMissing(run, state.number);
    }

    // ------------------------------------------------------------------------------------- what was supplied

    /// The round as the policy sees it, every part of it checked against what the chain knows.
    function _round(
        uint256 run,
        Run storage r,
        RoundState memory state,
        Ballots calldata ballots
    ) private view returns (uint256[] memory trainers, Round memory round) {
        _requireRound(run, state, ballots.lineup.round);
        bytes32 lineupHash = _lineupHash(run, ballots.lineup);
        if (lineupHash != r.lineupHash) revert RunLedgerLineupMismatch(lineupHash, r.lineupHash);
        trainers = Bitmap.members(ballots.lineup.trainers);

        round.number = state.number;
        round.joins = r.stake.joins;
        round.poolWei = r.stake.poolWei;
        uint256[] memory bondsWei;
        (round.committee, bondsWei) = _committee(run, r, state, ballots, lineupHash);
        (round.lineup, round.baseTally) = _lineup(r, state, ballots, trainers, bondsWei);
    }

    /// The committee with its ballots, each checked against the commitment of its Validator.
    function _committee(
        uint256 run,
        Run storage r,
        RoundState memory state,
        Ballots calldata ballots,
        bytes32 lineupHash
    ) private view returns (Seat[] memory committee, uint256[] memory bondsWei) {
        uint256 voters = Bitmap.count(state.revealed);
        uint256 length = 2 * _ballotWidth(r, state);
        _requireLength(ballots.scores.length, voters * length);
        _requireLength(ballots.salts.length, voters);
        committee = new Seat[](state.seats);
        bondsWei = new uint256[](voters);
        uint256 voter;
        for (uint256 i; i < committee.length; ++i) {
            CommitteeSeat memory seat = r.committee[i];
            committee[i].bondWei = seat.bondWei;
            if ((state.revealed >> i) & 1 == 0) {
                committee[i].missed = true;
                continue;
            }
            bytes calldata ballot = ballots.scores[voter * length:(voter + 1) * length];
            _checkBallot(run, r, state.number, lineupHash, i, ballot, ballots.salts[voter]);
            committee[i].ballot = ballot;
            bondsWei[voter++] = seat.bondWei;
        }
    }

    /// The lineup with its tallies, each checked against the ballots.
    function _lineup(
        Run storage r,
        RoundState memory state,
        Ballots calldata ballots,
        uint256[] memory trainers,
        uint256[] memory bondsWei
    ) private view returns (LineupEntry[] memory lineup, int16 baseTally) {
        uint256 width = _ballotWidth(r, state);
        _requireLength(ballots.tallies.length, 2 * width);
        bytes memory tallies = ballots.tallies;
        bytes memory scores = ballots.scores;
        uint256 totalWei;
        for (uint256 i; i < bondsWei.length; ++i) totalWei += bondsWei[i];
        lineup = new LineupEntry[](trainers.length);
        uint256[] memory standings = r.standings.getAll(trainers);
        for (uint256 i; i < trainers.length; ++i) {
            LineupEntry memory entry = lineup[i];
            entry.tally = _checkedTally(scores, width, i, bondsWei, totalWei, tallies);
            entry.trust = uint32(standings[i]);
            entry.note = uint64(standings[i] >> 32);
        }
        baseTally =
            width > trainers.length
                ? _checkedTally(scores, width, trainers.length, bondsWei, totalWei, tallies)
                : UNAVAILABLE;
    }

    function _checkedTally(
        bytes memory scores,
        uint256 width,
        uint256 entry,
        uint256[] memory bondsWei,
        uint256 totalWei,
        bytes memory tallies
    ) private pure returns (int16 tally) {
        tally = Tally.scoreAt(tallies, entry);
        if (!Tally.isTally(scores, width, entry, bondsWei, totalWei, tally))
            revert RunLedgerTallyMismatch(entry, tally);
    }

    function _requireLength(uint256 length, uint256 needed) private pure {
        if (length != needed) revert RunLedgerInvalidLength(length, needed);
    }

    function _announceBallots(
        uint256 run,
        Run storage r,
        RoundState memory state,
        Ballots calldata ballots,
        uint32 seats
    ) private {
        uint256 length = 2 * _ballotWidth(r, state);
        uint256 voter;
        for (uint256 bits = state.revealed; bits != 0; bits &= bits - 1) {
            uint256 seat = Bitmap.lowest(bits);
            if ((seats >> seat) & 1 == 1) {
                bytes calldata ballot = ballots.scores[voter * length:(voter + 1) * length];
                address validator = r.committee[seat].validator;
                emit BallotRevealed(run, state.number, validator, ballot, ballots.salts[voter]);
            }
            ++voter;
        }
    }

    function _packedVerdicts(
        Round memory round,
        Outcome memory outcome
    ) private pure returns (uint256[] memory verdicts) {
        verdicts = new uint256[](round.lineup.length);
        for (uint256 i; i < verdicts.length; ++i) {
            verdicts[i] = VerdictCodec.pack(outcome.verdicts[i], round.lineup[i].tally);
        }
    }

    /// Releases the model that a quorum has signed as the one that follows from these verdicts.
    function _release(
        uint256 run,
        Run storage r,
        RoundState memory state,
        uint256[] memory verdicts,
        Certificate calldata certificate
    ) private {
        _requireAttempt(certificate.endorsement, 1);
        bytes32 decided;
        // keccak256(abi.encodePacked(verdicts)), which would copy them first.
        assembly ("memory-safe") {
            decided := keccak256(add(verdicts, 0x20), mul(mload(verdicts), 0x20))
        }
        bytes32 parent = keccak256(abi.encode(r.release, r.lineupHash, decided));
        _requireEndorsed(
            run,
            r,
            state,
            StatementKind.Certificate,
            parent,
            certificate.modelDigest,
            certificate.endorsement
        );
        r.release = certificate.modelDigest;
    }

    function _announce(
        uint256 run,
        Round memory round,
        Outcome memory outcome,
        bool answered,
        bytes32 modelDigest,
        uint256[] memory verdicts
    ) private {
        uint256[] memory seats = new uint256[](round.committee.length);
        for (uint256 i; i < seats.length; ++i) {
            seats[i] = VerdictCodec.pack(outcome.seats[i], round.committee[i]);
        }
        emit RoundSettled(
            run,
            round.number,
            msg.sender,
            answered,
            round.baseTally,
            outcome.settlerWei,
            modelDigest,
            verdicts,
            seats
        );
    }

    // ------------------------------------------------------------------------------------------------ applying

    /// Applies the outcome to the next `limit` Trainers and, after the last of them, to the committee; then the round
    /// is over. State first; registry and vault, which move or book tokens, after it.
    function _apply(
        uint256 run,
        Run storage r,
        RoundState memory state,
        uint256[] memory trainers,
        Outcome memory outcome,
        uint256 limit,
        address settler
    ) private {
        if (limit == 0) revert RunLedgerInvalidLimit(limit);
        Chunk memory chunk = _chunk(state, trainers.length, limit, settler);
        uint32 round = state.number;
        _setStandings(r, trainers, outcome, chunk);
        if (chunk.last) {
            _recordMisses(run, r, state, state.revealed);
            state.voids = 0;
            _endRound(run, r, state);
        } else {
            state.applied = uint16(chunk.to);
        }
        _setState(r, state);

        VAULT.credit(run, _credits(run, r, trainers, outcome, chunk));
        _punish(run, r, trainers, outcome, chunk, round);
        if (chunk.last) _afterRound(run, r, state);
    }

    function _chunk(
        RoundState memory state,
        uint256 size,
        uint256 limit,
        address settler
    ) private pure returns (Chunk memory chunk) {
        chunk.from = state.applied;
        chunk.last = limit >= size - chunk.from;
        chunk.to = chunk.last ? size : chunk.from + limit;
        chunk.seats = chunk.last ? state.seats : 0;
        chunk.settler = settler;
    }

    function _setStandings(
        Run storage r,
        uint256[] memory trainers,
        Outcome memory outcome,
        Chunk memory chunk
    ) private {
        uint256[] memory standings = new uint256[](trainers.length);
        for (uint256 i = chunk.from; i < chunk.to; ++i) {
            Verdict memory verdict = outcome.verdicts[i];
            standings[i] = uint256(verdict.trust) | (uint256(verdict.note) << 32);
        }
        r.standings.setAll(trainers, standings, chunk.from, chunk.to);
    }

    /// Credits of Trainers, seats and settler as the vault takes them.
    function _credits(
        uint256 run,
        Run storage r,
        uint256[] memory trainers,
        Outcome memory outcome,
        Chunk memory chunk
    ) private returns (uint256[] memory credits) {
        credits = new uint256[](chunk.to - chunk.from + chunk.seats + 1);
        uint256 size;
        for (uint256 i = chunk.from; i < chunk.to; ++i) {
            uint256 rewardWei = outcome.verdicts[i].rewardWei;
            if (rewardWei > 0) credits[size++] = (trainers[i] << 128) | rewardWei;
        }
        for (uint256 i; i < chunk.seats; ++i) {
            uint256 rewardWei = outcome.seats[i].rewardWei;
            if (rewardWei == 0) continue;
            credits[size++] = (uint256(r.members[r.committee[i].validator].index) << 128) | rewardWei;
        }
        if (chunk.last && outcome.settlerWei > 0) {
            credits[size++] = (uint256(_number(run, r, chunk.settler)) << 128) | outcome.settlerWei;
        }
        assembly ("memory-safe") {
            mstore(credits, size)
        }
    }

    function _punish(
        uint256 run,
        Run storage r,
        uint256[] memory trainers,
        Outcome memory outcome,
        Chunk memory chunk,
        uint32 round
    ) private {
        for (uint256 i = chunk.from; i < chunk.to; ++i) {
            Verdict memory verdict = outcome.verdicts[i];
            if (verdict.penaltyBp == 0 && verdict.jailRounds == 0) continue;
            address trainer = r.accounts[trainers[i]];
            if (verdict.penaltyBp > 0) _penalise(run, r, trainer, verdict.penaltyBp);
            if (verdict.jailRounds > 0) _jail(run, r, trainer, round + 1, verdict.jailRounds);
        }
        for (uint256 i; i < chunk.seats; ++i) {
            uint16 penaltyBp = outcome.seats[i].penaltyBp;
            if (penaltyBp > 0) _penalise(run, r, r.committee[i].validator, penaltyBp);
        }
    }
}
