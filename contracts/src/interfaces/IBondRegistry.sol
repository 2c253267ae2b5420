// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunLedger} from "./IRunLedger.sol";

/// @title IBondRegistry
/// @notice Keeps the bonds of all runs: the only tokens that a member risks.
///
/// A bond belongs to one account in one run, so that a penalty in one run never reaches another. It has two parts: what
/// is bonded, and what is unbonding. Unbonding starts when the account leaves its run and takes longer than any window
/// in which a penalty for what it did can still arrive; until then a penalty takes from both parts. Only the ledger
/// starts unbonding, penalises and jails; nobody at all can move a bond anywhere but to its account or, as a penalty,
/// to the run's budget.
///
/// Anybody may bond for an account (an operator for its nodes). The tokens then belong to that account. The first to
/// have bonded for an account is remembered as its bonder, because a reporter of an equivocation must not be the
/// offender's own creature; so that nobody can be made one against its will for a trifle, bonding for somebody else
/// takes at least the bond of a Trainer.
interface IBondRegistry {
    event Bonded(uint256 indexed run, address indexed account, address indexed bonder, uint256 amountWei);
    event UnbondingStarted(uint256 indexed run, address indexed account, uint256 amountWei, uint40 releaseAt);
    event BondWithdrawn(uint256 indexed run, address indexed account, uint256 amountWei);
    event Penalised(uint256 indexed run, address indexed account, uint256 penaltyWei, uint256 remainingWei);
    event Jailed(uint256 indexed run, address indexed account, uint32 untilRound);

    error BondRegistryUnauthorizedCaller(address caller, address ledger);
    error BondRegistryUnknownRun(uint256 run);
    error BondRegistryInsufficientAmount(address account, uint256 amountWei, uint256 neededWei);
    error BondRegistryNothingUnbonding(uint256 run, address account);
    error BondRegistryStillUnbonding(address account, uint256 time, uint256 releaseAt);

    /// Locks `amountWei` of the caller's tokens as the bond of `account`.
    function bond(uint256 run, address account, uint96 amountWei) external;

    /// Pays out what the caller has unbonded, once its time has come.
    function withdraw(uint256 run) external;

    /// Ledger only: starts the unbonding of the whole bond. What was unbonding already waits for the new release.
    function startUnbonding(uint256 run, address account, uint40 releaseAt) external;

    /// Ledger only: takes `penaltyBp` basis points of bond and unbonding together and funds the run's budget with them.
    /// @return penaltyWei What was taken, the bonded part first.
    function penalise(uint256 run, address account, uint16 penaltyBp) external returns (uint256 penaltyWei);

    /// Ledger only: keeps the account from checking in before round `untilRound`.
    function jail(uint256 run, address account, uint32 untilRound) external;

    function bondOf(uint256 run, address account) external view returns (uint96);

    function bondsOf(uint256 run, address[] calldata accounts) external view returns (uint96[] memory);

    function unbondingOf(
        uint256 run,
        address account
    ) external view returns (uint96 amountWei, uint40 releaseAt);

    function jailedUntil(uint256 run, address account) external view returns (uint32 round);

    /// The account whose tokens the bond was first made of; the account itself if nobody bonded.
    function bonderOf(uint256 run, address account) external view returns (address);

    /// The one contract that may use the functions marked "ledger only".
    function LEDGER() external view returns (IRunLedger);
}
