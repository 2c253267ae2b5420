// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunLedger} from "./IRunLedger.sol";

/// @title IRewardVault
/// @notice Holds the tokens of all budgets and of all rewards that were earned and not yet claimed.
///
/// Settling a round moves no tokens: it turns budget into credits, which are kept under the account's number in the run
/// and only ever grow, as does what was claimed of them. One claim therefore pays everything that all settled rounds of
/// a run have credited, and nothing can be claimed twice. Tokens in the vault are, at any time, the sum of all budgets
/// and of all credits less claims (and what somebody sent here by mistake, which stays).
interface IRewardVault {
    event BudgetFunded(uint256 indexed run, address indexed funder, uint256 amountWei);
    event RewardsCredited(uint256 indexed run, uint256 totalWei);
    event RewardsClaimed(uint256 indexed run, address indexed account, uint256 amountWei);

    error RewardVaultUnauthorizedCaller(address caller, address ledger);
    error RewardVaultUnknownRun(uint256 run);
    error RewardVaultInsufficientBudget(uint256 run, uint256 budgetWei, uint256 neededWei);
    error RewardVaultNothingToClaim(uint256 run, address account);

    /// Adds `amountWei` of the caller's tokens to the budget of a run.
    function fund(uint256 run, uint256 amountWei) external;

    /// Pays the caller all its credits in the run.
    /// @return amountWei What was paid.
    function claim(uint256 run) external returns (uint256 amountWei);

    /// Ledger only: turns budget into credits.
    /// @param credits Account number in the upper 128 bits, amount in the lower.
    function credit(uint256 run, uint256[] calldata credits) external;

    function budgetOf(uint256 run) external view returns (uint256);

    /// What `account` could claim now.
    function creditOf(uint256 run, address account) external view returns (uint256);

    /// The one contract that may use the functions marked "ledger only".
    function LEDGER() external view returns (IRunLedger);
}
