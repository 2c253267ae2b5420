// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IRewardVault} from "./interfaces/IRewardVault.sol";
import {IRunLedger} from "./interfaces/IRunLedger.sol";
import {HalfMap, Halves} from "./libraries/Halves.sol";
import {Phase} from "./types/RunTypes.sol";

/// @title RewardVault
/// @notice See `IRewardVault`.
contract RewardVault is IRewardVault, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using Halves for HalfMap;

    IERC20 public immutable TOKEN;
    IRunLedger public immutable LEDGER;

    /// @inheritdoc IRewardVault
    mapping(uint256 run => uint256) public budgetOf;
    mapping(uint256 run => HalfMap) private _earned;
    mapping(uint256 run => HalfMap) private _claimed;

    /// @param ledger Where the ledger will be; it refuses to be deployed elsewhere.
    constructor(IERC20 token, IRunLedger ledger) {
        TOKEN = token;
        LEDGER = ledger;
    }

    /// @inheritdoc IRewardVault
    function fund(uint256 run, uint256 amountWei) external nonReentrant {
        if (LEDGER.phaseOf(run) == Phase.None) revert RewardVaultUnknownRun(run);

        budgetOf[run] += amountWei;
        emit BudgetFunded(run, msg.sender, amountWei);

        _moveTokens(msg.sender, address(this), amountWei);
    }

    /// @inheritdoc IRewardVault
    function claim(uint256 run) external nonReentrant returns (uint256 amountWei) {
        uint256 index = LEDGER.memberOf(run, msg.sender).index;
        uint128 earned = index == 0 ? 0 : _earned[run].get(index);
        amountWei = index == 0 ? 0 : earned - _claimed[run].get(index);
        if (amountWei == 0) revert RewardVaultNothingToClaim(run, msg.sender);

        _claimed[run].set(index, earned);
        emit RewardsClaimed(run, msg.sender, amountWei);

        _moveTokens(address(this), msg.sender, amountWei);
    }

    /// @inheritdoc IRewardVault
    function credit(uint256 run, uint256[] calldata credits) external {
        if (msg.sender != address(LEDGER)) revert RewardVaultUnauthorizedCaller(msg.sender, address(LEDGER));

        uint256 totalWei = _earned[run].addAll(credits);
        uint256 budgetWei = budgetOf[run];
        if (totalWei > budgetWei) revert RewardVaultInsufficientBudget(run, budgetWei, totalWei);
        budgetOf[run] = budgetWei - totalWei;
        emit RewardsCredited(run, totalWei);
    }

    /// @inheritdoc IRewardVault
    function creditOf(uint256 run, address account) external view returns (uint256) {
        uint256 index = LEDGER.memberOf(run, account).index;
        return index == 0 ? 0 : _earned[run].get(index) - _claimed[run].get(index);
    }

    /// The one way into and out of this contract for tokens.
    function _moveTokens(address from, address to, uint256 amountWei) private {
        if (from == address(this)) TOKEN.safeTransfer(to, amountWei);
        else TOKEN.safeTransferFrom(from, to, amountWei);
    }
}
