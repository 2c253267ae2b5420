// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {StatementKind} from "../types/RunTypes.sol";

/// @title Statements
/// @notice The one shape of everything a node signs for the chain (EIP-712, the domain is the ledger's).
///
/// | kind        | number   | attempt                  | parent              | content                        |
/// |-------------|----------|--------------------------|---------------------|--------------------------------|
/// | Receipt     | sequence | 0                        | 0                   | digest of the receipt's fields |
/// | Lineup      | round    | proposers failed, 0 to 2 | newest release      | lineup hash                    |
/// | Certificate | round    | 0                        | what was merged (*) | digest of the merged model     |
///
/// (*) keccak256(abi.encode(bytes32 release, bytes32 lineupHash, keccak256(abi.encodePacked(uint256[] verdicts)))): the
/// model that the merge starts from, the lineup, and the verdicts as `RoundSettled` packs them, weights included.
///
/// The parent ties a statement to the history it was made in, so that a node that signs again after a reorganisation
/// of the chain has signed something else, not something contradictory. A certificate's changes whenever the merged
/// model can change, and with nothing else: signatures survive a rotation of proposers.
library Statements {
    bytes32 internal constant TYPE_HASH = keccak256(
        "Statement(uint8 kind,uint256 run,uint64 number,uint8 attempt,bytes32 parent,bytes32 content)"
    );
    uint256 internal constant SIGNATURE_LENGTH = 64;

    function structHash(
        StatementKind kind,
        uint256 run,
        uint64 number,
        uint8 attempt,
        bytes32 parent,
        bytes32 content
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPE_HASH, kind, run, number, attempt, parent, content));
    }

    /// The signer of one of several 64-byte signatures (EIP-2098); nobody if it is malformed.
    function signer(
        bytes32 digest,
        bytes calldata signatures,
        uint256 position
    ) internal pure returns (address account) {
        uint256 offset = position * SIGNATURE_LENGTH;
        bytes32 r = bytes32(signatures[offset:offset + 32]);
        bytes32 vs = bytes32(signatures[offset + 32:offset + 64]);
        (account, , ) = ECDSA.tryRecover(digest, r, vs);
    }
}
