// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IBondRegistry} from "../interfaces/IBondRegistry.sol";
import {IRewardVault} from "../interfaces/IRewardVault.sol";
import {IRunLedgerErrors} from "../interfaces/IRunLedgerErrors.sol";
import {IRunLedgerEvents} from "../interfaces/IRunLedgerEvents.sol";
import {EligibilityMap} from "../libraries/Eligibility.sol";
import {HalfMap} from "../libraries/Halves.sol";
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
        RoundState state;
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

    Run[] internal _runs;

    constructor(Holdings memory holdings) {
        REGISTRY = holdings.registry;
        VAULT = holdings.vault;
    }

    // ------------------------------------------------------------------------------------------------ look-up

    function _run(uint256 run) internal view returns (Run storage) {
        if (run >= _runs.length) revert RunLedgerUnknownRun(run);
        return _runs[run];
    }

    /// The run, if it has not ended.
    function _liveRun(uint256 run) internal view returns (Run storage r) {
        r = _run(run);
        if (_ended(r.state.phase)) revert RunLedgerEnded(run, r.state.phase);
    }

    // One place each for unpacking and packing a slot: inlined everywhere, they would be a third of the code.

    function _state(Run storage r) internal view returns (RoundState memory) {
        return r.state;
    }

    function _setState(Run storage r, RoundState memory state) internal {
        r.state = state;
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

    function _requireInTime(uint256 run, RoundState memory state, Windows memory windows) internal view {
        uint256 deadline = _deadline(state, windows);
        if (block.timestamp > deadline) revert RunLedgerPhaseOverdue(run, block.timestamp, deadline);
    }

    // -------------------------------------------------------------------------------------------------- rounds

    /// The first round that a change of membership made now takes effect in.
    function _nextRound(RoundState memory state) internal pure returns (uint32) {
        return state.phase == Phase.Gathering ? state.number : state.number + 1;
    }

    /// Last block time at which the phase is not overdue.
    function _deadline(RoundState memory state, Windows memory windows) internal pure returns (uint256) {
        return state.since + _length(state.phase, windows);
    }

    function _length(Phase phase, Windows memory windows) internal pure returns (uint256) {
        if (phase == Phase.Gathering) return windows.gatheringSeconds;
        if (phase == Phase.Training) return windows.trainingSeconds + PROPOSERS * windows.lineupSeconds;
        if (phase == Phase.Commit) return uint256(windows.openingSeconds) + windows.commitSeconds;
        if (phase == Phase.Reveal) return windows.revealSeconds;
        // The three proposers of a settlement, then anybody.
        if (phase == Phase.Settlement) return (PROPOSERS + 1) * windows.settlementSeconds;
        return type(uint40).max;
    }

    /// How many proposers have let their time pass: 3 when it is everybody's turn.
    function _attempt(RoundState memory state, Windows memory windows) internal view returns (uint256) {
        bool training = state.phase == Phase.Training;
        uint256 start = state.since + (training ? windows.trainingSeconds : 0);
        uint256 window = training ? windows.lineupSeconds : windows.settlementSeconds;
        if (block.timestamp <= start + window) return 0;
        uint256 attempt = (block.timestamp - start - 1) / window;
        return attempt < PROPOSERS ? attempt : PROPOSERS;
    }

    function _lineupHash(uint256 run, Lineup calldata lineup) internal pure returns (bytes32) {
        return keccak256(abi.encode(run, lineup.round, lineup.trainers, lineup.receiptsRoot));
    }

    /// Entries of a ballot: the lineup, and the base model's accuracy if the run scores it.
    function _ballotWidth(Run storage r, RoundState memory state) internal view returns (uint256) {
        return state.lineupSize + (r.config.rules.scoresBase ? 1 : 0);
    }

    function _start(uint256 run, RoundState memory state, Phase phase, Windows memory windows) internal {
        state.phase = phase;
        state.since = uint40(block.timestamp);
        emit PhaseStarted(run, state.number, phase, uint40(_deadline(state, windows)));
    }

    // ------------------------------------------------------------------------------------------------- draws

    /// What everything random in a round is drawn from: fixed before the round opens, and by nobody alone.
    function _seed(uint256 run, uint32 round, bytes32 release) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(run, round, release)));
    }

    function _proposer(
        uint256 run,
        Run storage r,
        RoundState memory state,
        uint256 attempt
    ) internal view returns (address) {
        uint256 seats = state.seats;
        if (seats == 0) return address(0);
        uint256 first = _seed(run, state.number, r.release) % seats;
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
