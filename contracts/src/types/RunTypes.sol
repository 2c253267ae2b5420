// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPolicy} from "../interfaces/IPolicy.sol";

/// @dev Where a run stands. `Gathering` is the boundary between rounds: the only phase in which a round can be opened,
/// and the one in which pause and finish take effect.
enum Phase {
    None,
    Gathering,
    Training,
    Commit,
    Reveal,
    Settlement,
    Finished,
    Halted
}

enum Role {
    None,
    Trainer,
    Validator
}

/// @dev What a signed statement is about. Two different statements of one signer with the same kind, run, number,
/// attempt and parent are equivocation.
enum StatementKind {
    Receipt,
    Lineup,
    Certificate
}

/// @dev How long each phase may last, by block time. One storage slot.
struct Windows {
    /// Between rounds: after this long without enough members the round is void.
    uint32 gatheringSeconds;
    /// From the opening of a round until training should be over; a lineup that a quorum signs earlier counts earlier.
    uint32 trainingSeconds;
    /// Once for each of the three proposers of a lineup, on top of that: then the round is void.
    uint32 lineupSeconds;
    /// For publishing the keys of sealed updates; counts together with `commitSeconds`.
    uint32 openingSeconds;
    uint32 commitSeconds;
    uint32 revealSeconds;
    /// For each of the three proposers of a settlement, and once more for anybody.
    uint32 settlementSeconds;
    /// How much longer than a whole round the bond of a leaver stays within reach of a penalty.
    uint32 evidenceSeconds;
}

/// @dev How a round is decided. One storage slot.
struct Rules {
    IPolicy policy;
    /// Gas that the policy may use to judge a round.
    uint32 policyGas;
    /// True if ballots end with the accuracy of the base model as one more entry.
    bool scoresBase;
    /// A decision needs more than `quorumNumerator / quorumDenominator` of the bond of the committee.
    uint8 quorumNumerator;
    uint8 quorumDenominator;
    /// The share that holds once the committee has `largeFrom` seats.
    uint8 largeNumerator;
    uint8 largeDenominator;
    uint8 largeFrom;
}

/// @dev What a run asks and pays.
struct Terms {
    uint32 maxPauseSeconds;
    uint16 minTrainers;
    uint16 minValidators;
    /// What a round may pay at most.
    uint96 poolWei;
    /// The least bond of an active Trainer, and of an active Validator.
    uint96 trainerBondWei;
    uint96 validatorBondWei;
}

/// @dev What the Sponsor decides once, when the run is created.
struct RunConfig {
    /// Digest of the whole run configuration, of which the rest is the part that the chain must know.
    bytes32 configurationDigest;
    Rules rules;
    Windows windows;
    Terms terms;
}

/// @dev What every transaction of a round reads and writes: one storage slot.
struct RoundState {
    /// The round that is open, or, while gathering, the next one to be opened. Never decreases.
    uint32 number;
    Phase phase;
    /// Last block time at which the phase is not overdue.
    uint40 deadline;
    /// Bitmaps over the seats of the committee.
    uint32 committed;
    uint32 revealed;
    /// Seats whose Validator missed the round before as well.
    uint32 missedBefore;
    uint8 seats;
    /// Void rounds in a row.
    uint8 voids;
    bool paused;
    bool finishing;
    /// True if somebody joined, left, was penalised or checked in, so that the committee must be seated anew.
    bool rosterChanged;
    uint16 lineupSize;
    /// Trainers of the lineup to whom the settlement has been applied; above 0 only between two chunks.
    uint16 applied;
}

/// @dev What was fixed when the round was opened.
struct RoundStake {
    uint96 poolWei;
    /// Bond of the whole committee.
    uint96 bondWei;
    /// Trainers that had joined by then.
    uint32 joins;
}

/// @dev A seat of the committee with the bond that weighs its votes in this round: one storage slot.
struct CommitteeSeat {
    address validator;
    uint96 bondWei;
}

struct Member {
    /// The account's number within the run; 0 for a stranger. Credits and trust are kept under it.
    uint32 index;
    /// `None` for an account that is not, or no longer, a member.
    Role role;
    /// Only active members are in lineups and committees.
    bool active;
    /// A Validator that missed the last round in which it had a seat.
    bool missed;
    /// True once the account has been a Trainer: its trust outlives leaving and joining again.
    bool trained;
    /// A Validator's position in the roster.
    uint32 position;
}

/// @dev The ordered set of receipts that count in a round.
struct Lineup {
    uint32 round;
    /// Bitmap over the account numbers of the run, lowest bit first: the order of the lineup is ascending.
    uint256[] trainers;
    /// Root over the receipts, in the order of the lineup.
    bytes32 receiptsRoot;
}

/// @dev Signatures of a quorum, as 64 bytes each (EIP-2098), in the order of the seats.
struct Endorsement {
    /// The attempt that was signed: how many proposers had failed before.
    uint8 attempt;
    /// Bitmap over the seats of the committee.
    uint32 signers;
    bytes signatures;
}

/// @dev What the settler supplies again because the chain keeps only digests of it, and the tallies it claims.
struct Ballots {
    Lineup lineup;
    /// Big-endian int16, one for each Trainer of the lineup, and the base model's last if the run scores it.
    bytes tallies;
    /// The revealed ballots one after the other, in the order of the seats.
    bytes scores;
    /// Their salts.
    bytes32[] salts;
}

/// @dev The agreement of a quorum to release a model; all zero to settle without releasing anything.
struct Certificate {
    bytes32 modelDigest;
    Endorsement endorsement;
}

struct Equivocation {
    StatementKind kind;
    /// Sequence number of a receipt, or the round.
    uint64 number;
    uint8 attempt;
    bytes32 parent;
    bytes32 firstContent;
    bytes32 secondContent;
    /// 64 bytes each (EIP-2098), by the same key.
    bytes firstSignature;
    bytes secondSignature;
}

uint256 constant MAX_TRAINERS = 256;
uint256 constant MAX_SEATS = 32;
uint256 constant MAX_VOIDS = 5;
uint256 constant PROPOSERS = 3;
uint256 constant BASIS_POINTS = 10_000;
