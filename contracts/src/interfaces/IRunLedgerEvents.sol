// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Phase, Role, RunConfig, StatementKind} from "../types/RunTypes.sol";

/// @title IRunLedgerEvents
/// @notice What happened in a run. Whoever replays these events knows the state of the run, without reading storage.
interface IRunLedgerEvents {
    // ---------------------------------------------------------------------------------------------------- runs

    event RunCreated(uint256 indexed run, address indexed sponsor, uint32 initialTrust, RunConfig config);
    event RunPaused(uint256 indexed run);
    event RunResumed(uint256 indexed run);
    /// The run will finish at the next round boundary.
    event RunFinishing(uint256 indexed run);
    event RunFinished(uint256 indexed run, uint32 rounds);
    event RunHalted(uint256 indexed run, uint32 rounds);
    event BudgetReleased(uint256 indexed run, address indexed sponsor, uint256 amountWei);

    // ------------------------------------------------------------------------------------------------- members

    /// An account received its number in the run: the bit in a lineup, the key of its credits.
    event AccountNumbered(uint256 indexed run, address indexed account, uint32 index);
    event MemberJoined(
        uint256 indexed run,
        address indexed account,
        Role role,
        uint32 index,
        uint32 fromRound
    );
    event MemberLeft(uint256 indexed run, address indexed account, uint32 fromRound, uint40 releaseAt);
    event MemberCheckedIn(uint256 indexed run, address indexed account, uint32 fromRound);
    /// Jailed, short of bond, or (a Validator) two rounds missed in a row; until it checks in.
    event MemberInactive(uint256 indexed run, address indexed account, uint32 fromRound);

    // -------------------------------------------------------------------------------------------------- rounds

    /// The committee of this round and, until the next such event, of those that follow.
    event CommitteeSeated(uint256 indexed run, uint32 indexed round, address[] validators, uint96[] bondsWei);
    event RoundOpened(
        uint256 indexed run,
        uint32 indexed round,
        uint96 poolWei,
        uint32 joins,
        uint40 trainingEndsAt
    );
    event LineupAccepted(
        uint256 indexed run,
        uint32 indexed round,
        address indexed proposer,
        bytes32 lineupHash,
        uint256[] trainers,
        bytes32 receiptsRoot,
        uint32 signers
    );
    event BallotCommitted(
        uint256 indexed run,
        uint32 indexed round,
        address indexed validator,
        bytes32 commitment
    );
    event BallotRevealed(
        uint256 indexed run,
        uint32 indexed round,
        address indexed validator,
        bytes scores,
        bytes32 salt
    );
    /// Commit, reveal or settlement began, and closes at `deadline` at the latest.
    event PhaseStarted(uint256 indexed run, uint32 indexed round, Phase phase, uint40 deadline);
    /// @param answered False if the policy gave no valid answer.
    /// @param modelDigest Digest of the released model; 0 if nothing is released.
    /// @param verdicts In lineup order: tally (16 bits), accepted (8), trust (32), merge weight (64), reward (128), from
    /// bit 8 up to 255 from the highest down; see `RunLedger.packVerdict`.
    /// @param seats In committee order: missed (8 bits), penalty in basis points (16), reward (128), from bit 152 down.
    event RoundSettled(
        uint256 indexed run,
        uint32 indexed round,
        address indexed settler,
        bool answered,
        int16 baseTally,
        uint128 settlerWei,
        bytes32 modelDigest,
        uint256[] verdicts,
        uint256[] seats
    );
    /// The settlement is decided but not applied to everybody yet; `outcome` (ABI-encoded) is what the next chunk needs.
    event SettlementSplit(uint256 indexed run, uint32 indexed round, uint16 applied, bytes outcome);
    event SettlementContinued(uint256 indexed run, uint32 indexed round, uint16 applied);
    event RoundVoided(uint256 indexed run, uint32 indexed round, Phase phase, uint8 voids);
    event EquivocationProven(
        uint256 indexed run,
        address indexed offender,
        address indexed reporter,
        StatementKind kind,
        uint64 number,
        uint256 penaltyWei,
        uint256 reporterWei
    );
}
