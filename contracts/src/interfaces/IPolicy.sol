// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// One update of the lineup, in lineup order, as the Validators saw it.
struct LineupEntry {
    /// Bond-weighted lower median of the scores, in basis points; `UNAVAILABLE` if more than half of the revealed bond
    /// reported the update missing or malformed.
    int16 tally;
    /// The Trainer's trust before the round, scaled by `TRUST_ONE`.
    uint32 trust;
    /// What the policy wrote about this Trainer when it last judged it; 0 for a newcomer. The ledger stores these 64
    /// bits beside the trust and never reads them, so that a policy has a memory without having storage.
    uint64 note;
}

/// One seat of the round's committee, in committee order.
struct Seat {
    /// The Validator's active bond, in the token's smallest unit.
    uint128 bondWei;
    /// True if the Validator owed a commit or a reveal and did not make it. Its ballot is then empty.
    bool missed;
    /// The revealed scores: big-endian int16, entry i for lineup entry i, `UNAVAILABLE` allowed. Runs that score by
    /// accuracy append the accuracy of the base model as one more entry. The ledger has checked the length; an empty
    /// ballot means that nothing was revealed.
    bytes ballot;
}

/// Everything a policy may look at. All of it is public on chain once the ballots are revealed.
struct Round {
    /// Number of the round in its run, from 0.
    uint32 number;
    /// How many Trainers have joined the run so far, this round's newcomers included. Never decreases.
    uint32 joins;
    /// Bond-weighted lower median of the base model's accuracy, in basis points; `UNAVAILABLE` where the scoring rule
    /// of the run does not report it.
    int16 baseTally;
    /// What this round may pay at most, in the token's smallest unit.
    uint128 poolWei;
    LineupEntry[] lineup;
    Seat[] committee;
}

/// What the policy decides about the update at the same index of the lineup, and about its Trainer.
struct Verdict {
    bool accepted;
    /// The Trainer's trust after the round, scaled by `TRUST_ONE`; at most `TRUST_ONE`.
    uint32 trust;
    /// Weight of the update in the released merge, scaled by 1e9 (a ratio: only the proportions count). Must be 0 for
    /// a refused update.
    uint64 mergeWeight;
    /// Kept by the ledger and handed back as `LineupEntry.note` the next time.
    uint64 note;
    /// Basis points of the Trainer's bond to take; at most 10,000.
    uint16 penaltyBp;
    /// Number of rounds after this one in which the Trainer's receipts do not count.
    uint16 jailRounds;
    /// Credit from the pool, in the token's smallest unit.
    uint128 rewardWei;
}

/// What the policy decides about the Validator at the same index of the committee.
struct SeatOutcome {
    /// Credit from the pool, in the token's smallest unit.
    uint128 rewardWei;
    /// Basis points of the Validator's bond to take; at most 10,000.
    uint16 penaltyBp;
}

struct Outcome {
    /// As many as the lineup has entries, in the same order.
    Verdict[] verdicts;
    /// As many as the committee has seats, in the same order.
    SeatOutcome[] seats;
    /// Credit to whoever settles the round, in the token's smallest unit.
    uint128 settlerWei;
}

// The score and the tally of an update that could not be fetched, opened or parsed.
int16 constant UNAVAILABLE = type(int16).min;

// Trust 1.
uint32 constant TRUST_ONE = 1e9;

/// @title IPolicy
/// @notice A policy turns the tallies and ballots of one round into verdicts, trust, rewards and penalties.
///
/// A policy is a function, not a party. It owns no tokens, is told nothing that is not on chain, and is asked through
/// a static call with a gas limit, so it cannot change anything itself. The ledger carries out what it answers, within
/// limits that no policy can move:
///
/// - rewards of Trainers, Validators and settler together are at most `poolWei`; what is not paid stays in the budget;
/// - a trust is at most `TRUST_ONE`, a penalty at most the bond;
/// - there is one verdict for each lineup entry and one outcome for each seat.
///
/// An answer outside these limits, an answer that cannot be decoded, a revert, or running out of gas all count as
/// "no answer": the ledger then accepts every available update with its trust unchanged, pays nobody, punishes nobody,
/// and the round goes on.
///
/// What a policy should promise beyond that, and what the policies of this repository are tested for:
///
/// - the same round gives the same outcome: no dependence on block, caller or storage that changes;
/// - reordering the Trainers (or the Validators) of a round reorders the outcome and changes nothing else, unless the
///   policy's formula gives a remainder to somebody and says to whom;
/// - an update with tally `UNAVAILABLE` is refused, keeps its Trainer's trust, and costs nothing but the missed reward:
///   a Trainer must not lose its bond because a network lost its bytes;
/// - up to 256 lineup entries and 32 seats are judged within 6 million gas.
interface IPolicy {
    /// The trust of a Trainer that has just joined, scaled by `TRUST_ONE`. Must not change.
    function initialTrust() external view returns (uint32);

    /// Judges one round.
    /// @param round The tallies are already verified by the ledger against the ballots, and the committee has reached
    /// its quorum. The lineup is not empty.
    /// @return The outcome, with arrays as long as `round.lineup` and `round.committee`.
    function evaluate(Round calldata round) external view returns (Outcome memory);
}
