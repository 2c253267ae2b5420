// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Phase} from "../types/RunTypes.sol";

/// @title IRunLedgerErrors
/// @notice Refusals of the ledger: the domain, the problem, then the evidence (who, what it is, what was needed).
interface IRunLedgerErrors {
    /// `field` says what of the configuration is out of range.
    error RunLedgerInvalidConfig(string field);
    error RunLedgerUnknownRun(uint256 run);
    error RunLedgerNotSponsor(address caller, address sponsor);
    error RunLedgerWrongPhase(uint256 run, Phase phase, Phase needed);
    error RunLedgerWrongRound(uint256 run, uint256 round, uint256 needed);
    error RunLedgerEnded(uint256 run, Phase phase);
    error RunLedgerPaused(uint256 run);
    error RunLedgerNotPaused(uint256 run);
    error RunLedgerPhaseNotOverdue(uint256 run, uint256 time, uint256 deadline);
    error RunLedgerPhaseOverdue(uint256 run, uint256 time, uint256 deadline);

    error RunLedgerAlreadyMember(uint256 run, address account);
    error RunLedgerNotMember(uint256 run, address account);
    error RunLedgerAlreadyActive(uint256 run, address account);
    error RunLedgerInvalidRole(address account);
    error RunLedgerInsufficientBond(address account, uint256 bondWei, uint256 neededWei);
    error RunLedgerJailed(address account, uint256 round, uint256 untilRound);
    error RunLedgerTooFewMembers(uint256 trainers, uint256 validators);

    error RunLedgerNotProposer(address caller, address proposer);
    /// A statement about an attempt that there is not: a lineup has three, a certificate one.
    error RunLedgerInvalidAttempt(uint256 attempt, uint256 limit);
    error RunLedgerInvalidLineup(uint256 size, uint256 limit);
    error RunLedgerIneligibleTrainer(uint256 index);
    error RunLedgerLineupMismatch(bytes32 lineupHash, bytes32 needed);
    error RunLedgerInvalidSignature(uint256 seat, address recovered, address needed);
    error RunLedgerInvalidSignaturesLength(uint256 length, uint256 needed);
    error RunLedgerNoQuorum(uint256 bondWei, uint256 totalWei);

    error RunLedgerNotSeated(address caller, uint256 seat);
    error RunLedgerAlreadyVoted(uint256 seat, uint256 round);
    error RunLedgerNothingCommitted(uint256 seat, uint256 round);
    error RunLedgerCommitmentMismatch(address validator, bytes32 commitment, bytes32 needed);
    error RunLedgerInvalidLength(uint256 length, uint256 needed);

    error RunLedgerTallyMismatch(uint256 entry, int256 claimed);
    error RunLedgerCertificateMissing(uint256 run, uint256 round);
    error RunLedgerSettlementUnderway(uint256 run, uint256 round);
    error RunLedgerNoSettlementUnderway(uint256 run);
    error RunLedgerOutcomeMismatch(bytes32 outcome, bytes32 needed);
    error RunLedgerInvalidLimit(uint256 limit);

    error RunLedgerNotEquivocation(bytes32 content);
    error RunLedgerDifferentSigners(address first, address second);
    error RunLedgerAlreadyProven(bytes32 key);
    error RunLedgerReporterRelated(address reporter, address offender);
}
