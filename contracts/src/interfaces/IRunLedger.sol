// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    CommitteeSeat,
    Endorsement,
    Lineup,
    Member,
    Phase,
    Role,
    RoundStake,
    RoundState,
    RunConfig,
    StatementKind
} from "../types/RunTypes.sol";
import {IRunSettlement} from "./IRunSettlement.sol";

/// @title IRunLedger
/// @notice Runs, members, rounds, lineups, ballots, settlements: who may do what, and until when.
///
/// A round goes Gathering -> Training -> Commit -> Reveal -> Settlement -> Gathering. Each phase has a deadline by block
/// time, and `closePhase`, open to everybody, leads out of a phase that is overdue: forward where a quorum has acted,
/// into a void round otherwise. Five void rounds in a row halt the run.
///
/// The ledger holds no tokens. It tells `BondRegistry` whom to penalise and `RewardVault` whom to credit, within limits
/// that neither Sponsor, Validators nor policy can move: a round pays at most its pool, a penalty is at most the bond,
/// trust stays within [0, 1].
///
/// What a round needs again later is kept as a digest and supplied again as calldata: lineup, ballots, tallies. Calldata
/// is checked against the digests and costs a tenth of storage.
///
/// Assumptions: the token moves exactly what is asked and has no hooks that matter (`FlobcToken`); block time is right
/// within seconds; more than the quorum of the bond of a committee is honest.
interface IRunLedger is IRunSettlement {
    // ---------------------------------------------------------------------------------------------------- runs

    /// Creates a run; the caller is its Sponsor. Its budget is funded at the vault, by anybody, at any time.
    function createRun(RunConfig calldata config) external returns (uint256 run);

    /// Sponsor only: no round is opened after the current one, until `resume`. Bonds go on unbonding.
    function pause(uint256 run) external;

    function resume(uint256 run) external;

    /// Ends the run at the next round boundary, at once while gathering. Sponsor only; anybody once the run has been
    /// paused for longer than `maxPauseSeconds`.
    function finish(uint256 run) external;

    /// After the end, credits what is left of the budget to the Sponsor. Open to everybody, as often as needed.
    function releaseBudget(uint256 run) external;

    // ------------------------------------------------------------------------------------------------- members

    /// Joins from the next round on. Needs the bond of the role; a former Trainer finds its trust as it left it.
    function joinRun(uint256 run, Role role) external;

    /// Leaves from the next round on and starts to unbond. An account that never joined gets its bond back this way.
    function leaveRun(uint256 run) external;

    /// Returns an inactive member from the next round on (a jailed one when its jail is over). An active Validator has
    /// its committee seated anew, so that a higher bond counts.
    function checkIn(uint256 run) external;

    // -------------------------------------------------------------------------------------------------- rounds

    /// Opens the next round, draws its committee and reserves its pool. Open to everybody.
    function openRound(uint256 run) external;

    /// Puts the lineup on chain, with the signatures of a quorum over its hash and the attempt. Open to the proposer at
    /// that attempt, at any time of the phase: a quorum agrees that it is its turn, so nobody waits for a dead one here.
    function proposeLineup(uint256 run, Lineup calldata lineup, Endorsement calldata endorsement) external;

    /// Commits the Validator in `seat` to a ballot: keccak256(abi.encode(run, round, lineupHash, validator, scores, salt)).
    function commit(uint256 run, uint32 round, uint8 seat, bytes32 commitment) external;

    /// Reveals ballots: for each seat of the bitmap, lowest first, one big-endian int16 for each Trainer of the lineup
    /// (and the base model's if the run scores it), and the salt. Open to everybody, because a commitment names its
    /// author: Validators hand their ballots to one of them, and bring them themselves if it does not.
    function reveal(
        uint256 run,
        uint32 round,
        uint32 seats,
        bytes calldata scores,
        bytes32[] calldata salts
    ) external;

    /// Leads out of an overdue phase. Open to everybody.
    function closePhase(uint256 run) external;

    // --------------------------------------------------------------------------------------------------- views

    function runs() external view returns (uint256);

    /// `None` for a run that does not exist.
    function phaseOf(uint256 run) external view returns (Phase);

    function sponsorOf(uint256 run) external view returns (address);

    function stateOf(uint256 run) external view returns (RoundState memory);

    function stakeOf(uint256 run) external view returns (RoundStake memory);

    /// Block time after which the current phase is overdue.
    function deadlineOf(uint256 run) external view returns (uint256);

    function lineupHashOf(uint256 run) external view returns (bytes32);

    /// Digest of the newest released model; the configuration digest before the first release. Seeds every draw.
    function releaseOf(uint256 run) external view returns (bytes32);

    function memberOf(uint256 run, address account) external view returns (Member memory);

    /// Account behind a number of the run.
    function accountOf(uint256 run, uint256 index) external view returns (address);

    /// The same for several, in their order: a preview has as many as its lineup.
    function accountsOf(uint256 run, uint256[] calldata indices) external view returns (address[] memory);

    /// Active Trainers and Validators, newcomers included.
    function activeOf(uint256 run) external view returns (uint256 trainers, uint256 validators);

    function trustOf(uint256 run, address account) external view returns (uint32 trust, uint64 note);

    function isEligible(uint256 run, uint256 index, uint32 round) external view returns (bool);

    function committeeOf(uint256 run) external view returns (CommitteeSeat[] memory);

    function commitmentOf(uint256 run, uint256 seat) external view returns (bytes32);

    /// The Validator that proposes at the given attempt (0, 1, 2) of the current round.
    function proposerOf(uint256 run, uint256 attempt) external view returns (address);

    /// EIP-712 digest of a statement, as the nodes sign it.
    function statementDigest(
        StatementKind kind,
        uint256 run,
        uint64 number,
        uint8 attempt,
        bytes32 parent,
        bytes32 content
    ) external view returns (bytes32);
}
