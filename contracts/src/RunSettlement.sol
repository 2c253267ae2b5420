// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunSettlement} from "./interfaces/IRunSettlement.sol";
import {Evidence} from "./ledger/Evidence.sol";
import {LedgerBase} from "./ledger/LedgerBase.sol";
import {Settling} from "./ledger/Settling.sol";
import {RunConfig} from "./types/RunTypes.sol";

/// @title RunSettlement
/// @notice The second half of the ledger's code, apart only because of the size limit of a contract. It has the same
/// storage layout, owns nothing, and means something only when `RunLedger` delegates to it.
contract RunSettlement is Settling, Evidence {
    constructor(Holdings memory holdings) LedgerBase(holdings) {}

    /// @inheritdoc IRunSettlement
    function configOf(uint256 run) external view returns (RunConfig memory) {
        return _run(run).config;
    }
}
