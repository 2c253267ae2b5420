// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Evidence} from "./ledger/Evidence.sol";
import {LedgerBase} from "./ledger/LedgerBase.sol";
import {Settling} from "./ledger/Settling.sol";

/// @title RunSettlement
/// @notice The second half of the ledger's code, apart only because of the size limit of a contract. It has the same
/// storage layout, owns nothing, and means something only when `RunLedger` delegates to it.
contract RunSettlement is Settling, Evidence {
    constructor(Holdings memory holdings) LedgerBase(holdings) {}
}
