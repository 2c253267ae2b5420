// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IBondRegistry} from "../interfaces/IBondRegistry.sol";
import {IRewardVault} from "../interfaces/IRewardVault.sol";
import {IRunLedgerErrors} from "../interfaces/IRunLedgerErrors.sol";
import {IRunLedgerEvents} from "../interfaces/IRunLedgerEvents.sol";
import {EligibilityMap} from "../libraries/Eligibility.sol";
import {HalfMap} from "../libraries/Halves.sol";
import {RoundStates} from "../libraries/RoundStates.sol";
import {
    CommitteeSeat,
    Lineup,
    Member,
    Phase,
    PROPOSERS,
    RoundStake,
    RoundState,
    Rules,
    RunConfig,
    Windows
} from "../types/RunTypes.sol";

/// @title LedgerBase
/// @notice The storage of the ledger, and what every part of it asks about a run.
abstract contract LedgerBase is IRunLedgerEvents, IRunLedgerErrors, ReentrancyGuardTransient {
    /// @dev Members at large; changes with every join and leave, read when a round is opened.
    struct Roll {
        uint32 joins;
        uint32 activeTrainers;
        uint32 activeValidators;
        uint32 initialTrust;
    }

    struct Run {
        /// `RoundState`, as `RoundStates` packs it; 0 for a run that does not exist.
        uint256 state;
        bytes32 lineupHash;
        bytes32 release;
        RoundStake stake;
        Roll roll;
        RunConfig config;
        address sponsor;
        /// Block time of the last pause, or of the end.
        uint40 stoppedAt;
        /// Who decided the settlement that is being applied in chunks, and the digest of what was decided.
        address settler;
        bytes32 outcomeDigest;
        /// Account by number; the first is nobody, so that 0 means a stranger.
        address[] accounts;
        /// Active Validators, in no order that matters.
        address[] roster;
        mapping(address account => Member) members;
        EligibilityMap eligibility;
        /// Trust (32 bits) and the policy's note (64 bits) by account number.
        HalfMap standings;
        mapping(uint256 seat => CommitteeSeat) committee;
        mapping(uint256 seat => bytes32) commitments;
        mapping(bytes32 key => bool) proven;
    }

    /// @dev Where the tokens are.
    struct Holdings {
        IBondRegistry registry;
        IRewardVault vault;
    }

    IBondRegistry public immutable REGISTRY;
    IRewardVault public immutable VAULT;

    uint256 internal _runCount;
    mapping(uint256 run => Run) internal _runs;

    constructor(Holdings memory holdings) {
        REGISTRY = holdings.registry;
        VAULT = holdings.vault;
    }

    // ------------------------------------------------------------------------------------------------ look-up

    function _run(uint256 run) internal view returns (Run storage r) {
        r = _runs[run];
        if (r.state == 0) revert RunLedgerUnknownRun(run);
    }

    /// The run, if it has not ended.
    function _liveRun(uint256 run) internal view returns (Run storage r) {
        r = _run(run);
        Phase phase = _state(r).phase;
        if (_ended(phase)) revert RunLedgerEnded(run, phase);
    }

    // One place each for unpacking and packing a slot: inlined everywhere, they would be a third of the code.

    function _state(Run storage r) internal view returns (RoundState memory) {
        return RoundStates.unpack(r.state);
    }

    function _setState(Run storage r, RoundState memory state) internal {
        r.state = RoundStates.pack(state);
    }

    function _setRosterChanged(Run storage r) internal {
        RoundState memory state = _state(r);
        state.rosterChanged = true;
        _setState(r, state);
    }

    function _windows(Run storage r) internal view returns (Windows memory) {
        return r.config.windows;
    }

    function _rules(Run storage r) internal view returns (Rules memory) {
        return r.config.rules;
    }

    function _roll(Run storage r) internal view returns (Roll memory) {
        return r.roll;
    }

    function _ended(Phase phase) internal pure returns (bool) {
        return phase == Phase.Finished || phase == Phase.Halted;
    }

    function _requirePhase(uint256 run, RoundState memory state, Phase needed) internal pure {
        if (state.phase != needed) revert RunLedgerWrongPhase(run, state.phase, needed);
    }

    function _requireRound(uint256 run, RoundState memory state, uint256 round) internal pure {
        if (state.number != round) revert RunLedgerWrongRound(run, round, state.number);
    }

    function _requireInTime(uint256 run, RoundState memory state) internal view {
        if (block.timestamp > state.deadline) {
            revert RunLedgerPhaseOverdue(run, block.timestamp, state.deadline);
        }
    }

    // -------------------------------------------------------------------------------------------------- rounds

    /// The first round that a change of membership made now takes effect in.
    function _nextRound(RoundState memory state) internal pure returns (uint32) {
        return state.phase == Phase.Gathering ? state.number : state.number + 1;
    }

    function _length(Phase phase, Windows memory windows) internal view returns (uint256) {
        if (phase == Phase.Gathering) return windows.gatheringSeconds;
        if (phase == Phase.Training) return windows.trainingSeconds + PROPOSERS * windows.lineupSeconds;
        if (phase == Phase.Commit) return uint256(windows.openingSeconds) + windows.commitSeconds;
        if (phase == Phase.Reveal) return windows.revealSeconds;
        // The three proposers of a settlement, then anybody.
        if (phase == Phase.Settlement) return (PROPOSERS + 1) * windows.settlementSeconds;
        // The end of a run does not end.
        return type(uint40).max - block.timestamp;
    }

    /// How many proposers of a settlement have let their time pass, 3 when it is everybody's turn: counted back from the
    /// deadline, which is the end of the last window.
    function _attempt(RoundState memory state, Windows memory windows) internal view returns (uint256) {
        uint256 left = (state.deadline - block.timestamp) / windows.settlementSeconds;
        return left < PROPOSERS ? PROPOSERS - left : 0;
    }

    function _lineupHash(uint256 run, Lineup calldata lineup) internal pure returns (bytes32) {
        return keccak256(abi.encode(run, lineup.round, lineup.trainers, lineup.receiptsRoot));
    }

    /// Entries of a ballot: the lineup, and the base model's accuracy if the run scores it.
    function _ballotWidth(Run storage r, RoundState memory state) internal view returns (uint256) {
        return state.lineupSize + (r.config.rules.scoresBase ? 1 : 0);
    }

    /// Reverts unless the ballot is what the Validator in the seat has committed to. The commitment names its author, so
    /// it does not matter who brings the ballot.
    function _checkBallot(
        uint256 run,
        Run storage r,
        uint32 round,
        bytes32 lineupHash,
        uint256 seat,
        bytes calldata ballot,
        bytes32 salt
    ) internal view returns (address validator) {
        validator = r.committee[seat].validator;
        bytes32 commitment = keccak256(abi.encode(run, round, lineupHash, validator, ballot, salt));
        bytes32 needed = r.commitments[seat];
        if (commitment != needed) revert RunLedgerCommitmentMismatch(validator, commitment, needed);
    }

    /// Begins a phase: everything about it but its event.
    function _enter(RoundState memory state, Phase phase, Windows memory windows) internal view {
        state.phase = phase;
        state.deadline = uint40(block.timestamp + _length(phase, windows));
    }

    function _start(uint256 run, RoundState memory state, Phase phase, Windows memory windows) internal {
        _enter(state, phase, windows);
        emit PhaseStarted(run, state.number, phase, state.deadline);
    }

    // ------------------------------------------------------------------------------------------------- draws

    /// What everything random in a round is drawn from: fixed before the round opens, and by nobody alone. It names no
    /// run: the first release is the configuration's digest, so followers who know nothing of the ledger draw the same.
    function _seed(uint32 round, bytes32 release) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(round, release)));
    }

    function _proposer(
        Run storage r,
        RoundState memory state,
        uint256 attempt
    ) internal view returns (address) {
        uint256 seats = state.seats;
        if (seats == 0) return address(0);
        uint256 first = _seed(state.number, r.release) % seats;
        return r.committee[(first + attempt) % seats].validator;
    }

    // ------------------------------------------------------------------------------------------------ accounts

    /// The number of an account in the run; it receives one if it has none.
    function _number(uint256 run, Run storage r, address account) internal returns (uint32 index) {
        Member storage member = r.members[account];
        index = member.index;
        if (index == 0) {
            index = uint32(r.accounts.length);
            r.accounts.push(account);
            member.index = index;
            emit AccountNumbered(run, account, index);
        }
    }

    function _credit(uint256 run, uint256 index, uint256 amountWei) internal {
        uint256[] memory credits = new uint256[](1);
        credits[0] = (index << 128) | amountWei;
        VAULT.credit(run, credits);
    }
}
