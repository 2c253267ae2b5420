// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RunSettlement} from "./RunSettlement.sol";
import {Outcome} from "./interfaces/IPolicy.sol";
import {IRunSettlement} from "./interfaces/IRunSettlement.sol";
import {LedgerBase} from "./ledger/LedgerBase.sol";
import {Lifecycle} from "./ledger/Lifecycle.sol";
import {Members} from "./ledger/Members.sol";
import {Rounds} from "./ledger/Rounds.sol";
import {Views} from "./ledger/Views.sol";
import {Delegation} from "./libraries/Delegation.sol";
import {Ballots, Certificate, Equivocation, RunConfig} from "./types/RunTypes.sol";

/// @title RunLedger
/// @notice The ledger of all runs that pay in one token. Vault, registry and the second half of its own code are
/// deployed before it, for the address that it will have, and checked when it is: there is nothing to initialise, no
/// upgrade, and nobody with a right that `IRunLedger` does not name.
contract RunLedger is Lifecycle, Members, Rounds, Views {
    /// The other half of this contract's code.
    address public immutable SETTLEMENT;

    error RunLedgerNotWired(address component, address ledger);

    constructor(Holdings memory holdings, RunSettlement settlement) LedgerBase(holdings) {
        if (address(holdings.registry.LEDGER()) != address(this)) {
            revert RunLedgerNotWired(address(holdings.registry), address(this));
        }
        if (address(holdings.vault.LEDGER()) != address(this)) {
            revert RunLedgerNotWired(address(holdings.vault), address(this));
        }
        bool sameRegistry = address(settlement.REGISTRY()) == address(holdings.registry);
        if (!sameRegistry || address(settlement.VAULT()) != address(holdings.vault)) {
            revert RunLedgerNotWired(address(settlement), address(this));
        }
        SETTLEMENT = address(settlement);
    }

    /// @inheritdoc IRunSettlement
    function previewSettlement(
        uint256,
        Ballots calldata
    ) external view returns (bool, uint256[] memory, Outcome memory) {
        Delegation.delegateView(SETTLEMENT);
    }

    /// @inheritdoc IRunSettlement
    function settle(uint256, Ballots calldata, Certificate calldata, uint16) external {
        Delegation.delegate(SETTLEMENT);
    }

    /// @inheritdoc IRunSettlement
    function continueSettlement(uint256, uint256[] calldata, Outcome calldata, uint16) external {
        Delegation.delegate(SETTLEMENT);
    }

    /// @inheritdoc IRunSettlement
    function proveEquivocation(uint256, Equivocation calldata) external {
        Delegation.delegate(SETTLEMENT);
    }

    /// @inheritdoc IRunSettlement
    function configOf(uint256) external view returns (RunConfig memory) {
        Delegation.delegateView(SETTLEMENT);
    }
}
