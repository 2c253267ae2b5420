// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Bitmap} from "../libraries/Bitmap.sol";
import {Statements} from "../libraries/Statements.sol";
import {CommitteeSeat, Endorsement, RoundState, Rules, StatementKind} from "../types/RunTypes.sol";
import {LedgerBase} from "./LedgerBase.sol";

/// @title Quorums
/// @notice When enough of a committee's bond stands behind something.
abstract contract Quorums is LedgerBase, EIP712 {
    constructor() EIP712("FLoBC", "1") {}

    /// More than half of the committee's bond, more than two thirds in a large committee (or as the run says).
    function _isQuorum(
        uint256 bondWei,
        uint256 totalWei,
        uint256 seats,
        Rules memory rules
    ) internal pure returns (bool) {
        return
            seats < rules.largeFrom
                ? bondWei * rules.quorumDenominator > totalWei * rules.quorumNumerator
                : bondWei * rules.largeDenominator > totalWei * rules.largeNumerator;
    }

    /// True if the Validators of these seats are a quorum.
    function _isQuorumOfSeats(
        Run storage r,
        RoundState memory state,
        uint32 seats
    ) internal view returns (bool) {
        uint256 bondWei;
        for (uint256 bits = seats; bits != 0; bits &= bits - 1) {
            bondWei += r.committee[Bitmap.lowest(bits)].bondWei;
        }
        return _isQuorum(bondWei, r.stake.bondWei, state.seats, _rules(r));
    }

    /// Reverts unless the attempt that was signed is one of so many.
    function _requireAttempt(Endorsement calldata endorsement, uint256 attempts) internal pure {
        if (endorsement.attempt >= attempts) revert RunLedgerInvalidAttempt(endorsement.attempt, attempts);
    }

    /// Reverts unless a quorum of the committee has signed the statement.
    function _requireEndorsed(
        uint256 run,
        Run storage r,
        RoundState memory state,
        StatementKind kind,
        bytes32 parent,
        bytes32 content,
        Endorsement calldata endorsement
    ) internal view {
        bytes32 statement = Statements.structHash(
            kind,
            run,
            state.number,
            endorsement.attempt,
            parent,
            content
        );
        uint256 bondWei = _bondOfSigners(r, state.seats, _hashTypedDataV4(statement), endorsement);
        uint256 totalWei = r.stake.bondWei;
        if (!_isQuorum(bondWei, totalWei, state.seats, _rules(r))) {
            revert RunLedgerNoQuorum(bondWei, totalWei);
        }
    }

    /// Bond behind the signatures, each of which must be that of the Validator in its seat.
    function _bondOfSigners(
        Run storage r,
        uint256 seats,
        bytes32 digest,
        Endorsement calldata endorsement
    ) private view returns (uint256 bondWei) {
        bytes calldata signatures = endorsement.signatures;
        uint256 neededLength = Bitmap.count(endorsement.signers) * Statements.SIGNATURE_LENGTH;
        if (signatures.length != neededLength) {
            revert RunLedgerInvalidSignaturesLength(signatures.length, neededLength);
        }
        uint256 position;
        for (uint256 bits = endorsement.signers; bits != 0; bits &= bits - 1) {
            uint256 seat = Bitmap.lowest(bits);
            if (seat >= seats) revert RunLedgerNotSeated(address(0), seat);
            CommitteeSeat memory signer = r.committee[seat];
            address recovered = Statements.signer(digest, signatures, position++);
            if (recovered != signer.validator) {
                revert RunLedgerInvalidSignature(seat, recovered, signer.validator);
            }
            bondWei += signer.bondWei;
        }
    }
}
