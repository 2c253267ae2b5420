// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunSettlement} from "../interfaces/IRunSettlement.sol";
import {Statements} from "../libraries/Statements.sol";
import {Equivocation} from "../types/RunTypes.sol";
import {Activity} from "./Activity.sol";
import {Quorums} from "./Quorums.sol";

/// @title Evidence
/// @notice Two contradictory statements by one key are proof enough; nobody has to be believed.
abstract contract Evidence is Activity, Quorums, IRunSettlement {
    uint16 private constant EQUIVOCATION_PENALTY_BP = 5_000;

    /// @inheritdoc IRunSettlement
    function proveEquivocation(uint256 run, Equivocation calldata proof) external nonReentrant {
        Run storage r = _run(run);
        address offender = _offender(run, proof);
        if (r.members[offender].index == 0) revert RunLedgerNotMember(run, offender);
        bytes32 key = keccak256(abi.encode(offender, proof.kind, proof.number, proof.attempt, proof.parent));
        if (r.proven[key]) revert RunLedgerAlreadyProven(key);
        if (_isRelated(run, msg.sender, offender)) revert RunLedgerReporterRelated(msg.sender, offender);

        r.proven[key] = true;
        uint32 reporter = _number(run, r, msg.sender);
        uint256 penaltyWei = _penalise(run, r, offender, EQUIVOCATION_PENALTY_BP);
        if (r.members[offender].active) _deactivate(run, r, offender, _nextRound(_state(r)));
        uint256 reporterWei = penaltyWei / 2;
        _credit(run, reporter, reporterWei);
        emit EquivocationProven(run, offender, msg.sender, proof.kind, proof.number, penaltyWei, reporterWei);
    }

    /// Who signed both statements.
    function _offender(uint256 run, Equivocation calldata proof) private view returns (address offender) {
        if (proof.firstContent == proof.secondContent) revert RunLedgerNotEquivocation(proof.firstContent);
        offender = _signer(run, proof, proof.firstContent, proof.firstSignature);
        address second = _signer(run, proof, proof.secondContent, proof.secondSignature);
        if (offender != second || offender == address(0)) revert RunLedgerDifferentSigners(offender, second);
    }

    function _signer(
        uint256 run,
        Equivocation calldata proof,
        bytes32 content,
        bytes calldata signature
    ) private view returns (address) {
        if (signature.length != Statements.SIGNATURE_LENGTH) {
            revert RunLedgerInvalidSignaturesLength(signature.length, Statements.SIGNATURE_LENGTH);
        }
        bytes32 digest = _hashTypedDataV4(
            Statements.structHash(proof.kind, run, proof.number, proof.attempt, proof.parent, content)
        );
        return Statements.signer(digest, signature, 0);
    }

    /// The offender, whom it bonded, who bonded it, and whom the same account bonded: reporting oneself must not be
    /// cheaper than being reported.
    function _isRelated(uint256 run, address reporter, address offender) private view returns (bool) {
        return
            reporter == offender ||
            REGISTRY.bonderOf(run, reporter) == REGISTRY.bonderOf(run, offender) ||
            REGISTRY.bonderOf(run, reporter) == offender ||
            REGISTRY.bonderOf(run, offender) == reporter;
    }
}
