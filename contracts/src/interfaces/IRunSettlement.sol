// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ballots, Certificate, Equivocation, RunConfig} from "../types/RunTypes.sol";
import {Outcome} from "./IPolicy.sol";
import {IRunLedgerErrors} from "./IRunLedgerErrors.sol";
import {IRunLedgerEvents} from "./IRunLedgerEvents.sol";

/// @title IRunSettlement
/// @notice The half of the ledger in which tokens and trust change: settlements and evidence.
interface IRunSettlement is IRunLedgerEvents, IRunLedgerErrors {
    // ---------------------------------------------------------------------------------------------- settlement

    /// What `settle` with the same ballots would decide. Reverts where it would.
    /// @return answered False if the policy gives no valid answer and the outcome is the fallback.
    /// @return trainers Account numbers in lineup order.
    function previewSettlement(
        uint256 run,
        Ballots calldata ballots
    ) external view returns (bool answered, uint256[] memory trainers, Outcome memory outcome);

    /// Decides the round, once and for all, and applies the outcome to the first `limit` Trainers of the lineup; to all
    /// of them, and to the committee, if there are no more. Open to the proposer of the moment, and to everybody when
    /// three proposers have let their time pass; only then is a certificate not needed.
    ///
    /// While ballots are still to be revealed, the first proposer may settle with all the committed ballots, whose
    /// authors have handed them to it: that reveals them, and spares the round the transactions of a reveal.
    function settle(
        uint256 run,
        Ballots calldata ballots,
        Certificate calldata certificate,
        uint16 limit
    ) external;

    /// Applies a decided outcome to the next `limit` Trainers. Open to everybody: nothing is left to decide.
    function continueSettlement(
        uint256 run,
        uint256[] calldata trainers,
        Outcome calldata outcome,
        uint16 limit
    ) external;

    // -------------------------------------------------------------------------------------------- equivocation

    /// Takes half of the bond of a member that signed two different statements where one was due. The reporter is
    /// credited half of that, the run's budget keeps the rest.
    function proveEquivocation(uint256 run, Equivocation calldata proof) external;

    // --------------------------------------------------------------------------------------------------- views

    /// What the Sponsor decided. (Here only because there is room.)
    function configOf(uint256 run) external view returns (RunConfig memory);
}
