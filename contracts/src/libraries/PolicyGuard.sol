// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    IPolicy,
    LineupEntry,
    Outcome,
    Round,
    Seat,
    SeatOutcome,
    TRUST_ONE,
    UNAVAILABLE,
    Verdict
} from "../interfaces/IPolicy.sol";
import {BASIS_POINTS} from "../types/RunTypes.sol";

/// @title PolicyGuard
/// @notice Asks a policy about a round and believes nothing of what it says.
///
/// The call is static, so a policy can change nothing and re-enter nothing that matters; it has a gas limit; and its
/// answer is copied only if it is exactly as long as the one ABI encoding of an outcome for this round, so neither a
/// huge answer nor a crooked one costs the caller anything. Everything that goes wrong is "no answer".
library PolicyGuard {
    error PolicyGuardInsufficientGas(uint256 gasLeft, uint256 needed);

    /// Words of an encoded outcome around its arrays: offset, the tuple's head (2 offsets, settlerWei), two lengths.
    uint256 private constant FRAME_WORDS = 6;
    uint256 private constant VERDICT_WORDS = 7;
    uint256 private constant SEAT_WORDS = 2;

    /// @return answered False if the policy gave no valid answer and the outcome is the fallback.
    function consult(
        IPolicy policy,
        uint256 gasLimit,
        Round memory round
    ) internal view returns (bool answered, Outcome memory outcome) {
        bytes memory question = abi.encodeCall(IPolicy.evaluate, (round));
        uint256 size =
            32 * (FRAME_WORDS + VERDICT_WORDS * round.lineup.length + SEAT_WORDS * round.committee.length);
        // Otherwise a settler could starve the policy (only 63/64 of the gas is passed on) and force the fallback.
        uint256 needed = gasLimit + gasLimit / 32 + 50_000;
        if (gasleft() < needed) revert PolicyGuardInsufficientGas(gasleft(), needed);

        bytes memory answer = new bytes(size);
        assembly ("memory-safe") {
            answered := staticcall(gasLimit, policy, add(question, 0x20), mload(question), 0, 0)
            answered := and(answered, eq(returndatasize(), size))
            if answered {
                returndatacopy(add(answer, 0x20), 0, size)
            }
        }
        if (answered) (answered, outcome) = _decode(answer, round);
        if (!answered) outcome = fallbackOutcome(round);
    }

    /// The trust of a newcomer, or `TRUST_ONE + 1` if the policy has no valid answer.
    function initialTrust(IPolicy policy, uint256 gasLimit) internal view returns (uint256 trust) {
        bytes memory question = abi.encodeCall(IPolicy.initialTrust, ());
        assembly ("memory-safe") {
            let answered := staticcall(gasLimit, policy, add(question, 0x20), mload(question), 0, 0x20)
            trust := add(TRUST_ONE, 1)
            if and(answered, eq(returndatasize(), 0x20)) {
                trust := mload(0)
            }
        }
    }

    /// No reward, no penalty, unchanged trust; every available update is accepted.
    function fallbackOutcome(Round memory round) internal pure returns (Outcome memory outcome) {
        uint256 size = round.lineup.length;
        outcome.verdicts = new Verdict[](size);
        outcome.seats = new SeatOutcome[](round.committee.length);
        for (uint256 i; i < size; ++i) {
            LineupEntry memory entry = round.lineup[i];
            Verdict memory verdict = outcome.verdicts[i];
            verdict.accepted = entry.tally != UNAVAILABLE;
            verdict.trust = entry.trust;
            verdict.mergeWeight = verdict.accepted ? entry.trust : 0;
            verdict.note = entry.note;
        }
    }

    /// Reads an answer in place: a struct of value types has the same words in memory as in the ABI encoding, so a
    /// checked answer becomes an `Outcome` by pointing at its parts.
    function _decode(
        bytes memory answer,
        Round memory round
    ) private pure returns (bool valid, Outcome memory outcome) {
        uint256 trainers = round.lineup.length;
        uint256 seats = round.committee.length;
        uint256 seatsAt = 32 * (5 + VERDICT_WORDS * trainers);
        valid =
            _word(answer, 0) == 0x20 &&
            _word(answer, 32) == 0x60 &&
            _word(answer, 64) == seatsAt - 32 &&
            _word(answer, 128) == trainers &&
            _word(answer, seatsAt) == seats;
        if (!valid) return (false, outcome);

        uint256 paid = _word(answer, 96);
        valid = paid <= type(uint128).max;
        outcome.settlerWei = uint128(paid);
        uint256[] memory verdicts = _pointers(answer, 160, VERDICT_WORDS, trainers);
        uint256[] memory rewards = _pointers(answer, seatsAt + 32, SEAT_WORDS, seats);
        for (uint256 i; i < trainers && valid; ++i) {
            uint256 reward;
            (valid, reward) = _checkVerdict(verdicts[i], round.lineup[i].tally);
            paid += reward;
        }
        for (uint256 i; i < seats && valid; ++i) {
            uint256 reward;
            (valid, reward) = _checkSeat(rewards[i]);
            paid += reward;
        }
        valid = valid && paid <= round.poolWei;
        if (!valid) return (false, outcome);

        Verdict[] memory typedVerdicts;
        SeatOutcome[] memory typedSeats;
        assembly ("memory-safe") {
            typedVerdicts := verdicts
            typedSeats := rewards
        }
        outcome.verdicts = typedVerdicts;
        outcome.seats = typedSeats;
    }

    /// Every field within its type and its limit; a refused update is not merged, an unavailable one not accepted.
    function _checkVerdict(uint256 pointer, int16 tally) private pure returns (bool valid, uint256 reward) {
        bool available = tally != UNAVAILABLE;
        assembly ("memory-safe") {
            let accepted := mload(pointer)
            let mergeWeight := mload(add(pointer, 0x40))
            reward := mload(add(pointer, 0xc0))
            let wrong := gt(accepted, available)
            wrong := or(wrong, gt(mload(add(pointer, 0x20)), TRUST_ONE))
            wrong := or(wrong, or(shr(64, mergeWeight), gt(mergeWeight, mul(accepted, mergeWeight))))
            wrong := or(wrong, shr(64, mload(add(pointer, 0x60))))
            wrong := or(wrong, gt(mload(add(pointer, 0x80)), BASIS_POINTS))
            wrong := or(wrong, shr(16, mload(add(pointer, 0xa0))))
            wrong := or(wrong, shr(128, reward))
            valid := iszero(wrong)
        }
    }

    function _checkSeat(uint256 pointer) private pure returns (bool valid, uint256 reward) {
        uint256 penaltyBp;
        assembly ("memory-safe") {
            reward := mload(pointer)
            penaltyBp := mload(add(pointer, 0x20))
        }
        valid = reward <= type(uint128).max && penaltyBp <= BASIS_POINTS;
    }

    /// Memory addresses of `size` structs of `words` words each, the first at `offset` of the answer.
    function _pointers(
        bytes memory answer,
        uint256 offset,
        uint256 words,
        uint256 size
    ) private pure returns (uint256[] memory list) {
        list = new uint256[](size);
        uint256 start;
        assembly ("memory-safe") {
            start := add(add(answer, 0x20), offset)
        }
        for (uint256 i; i < size; ++i) list[i] = start + i * words * 32;
    }

    function _word(bytes memory data, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), offset))
        }
    }
}
