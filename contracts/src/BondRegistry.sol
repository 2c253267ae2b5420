// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IBondRegistry} from "./interfaces/IBondRegistry.sol";
import {IRewardVault} from "./interfaces/IRewardVault.sol";
import {IRunLedger} from "./interfaces/IRunLedger.sol";
import {BASIS_POINTS, Phase} from "./types/RunTypes.sol";

/// @title BondRegistry
/// @notice See `IBondRegistry`.
contract BondRegistry is IBondRegistry, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct Bond {
        uint96 bondWei;
        uint96 unbondingWei;
        uint40 releaseAt;
        address bonder;
        uint32 jailedUntil;
    }

    IERC20 public immutable TOKEN;
    IRunLedger public immutable LEDGER;
    IRewardVault public immutable VAULT;

    mapping(uint256 run => mapping(address account => Bond)) private _bonds;

    modifier onlyLedger() {
        if (msg.sender != address(LEDGER)) revert BondRegistryUnauthorizedCaller(msg.sender, address(LEDGER));
        _;
    }

    /// @param ledger Where the ledger will be; it refuses to be deployed elsewhere.
    constructor(IERC20 token, IRewardVault vault, IRunLedger ledger) {
        TOKEN = token;
        VAULT = vault;
        LEDGER = ledger;
        token.forceApprove(address(vault), type(uint256).max);
    }

    // ---------------------------------------------------------------------------------------------- accounts

    /// @inheritdoc IBondRegistry
    function bond(uint256 run, address account, uint96 amountWei) external nonReentrant {
        if (LEDGER.phaseOf(run) == Phase.None) revert BondRegistryUnknownRun(run);
        uint256 neededWei = account == msg.sender ? 1 : LEDGER.configOf(run).terms.trainerBondWei;
        if (amountWei == 0 || amountWei < neededWei) {
            revert BondRegistryInsufficientAmount(account, amountWei, neededWei);
        }

        Bond storage entry = _bonds[run][account];
        if (entry.bonder == address(0)) entry.bonder = msg.sender;
        entry.bondWei += amountWei;
        emit Bonded(run, account, msg.sender, amountWei);

        _moveTokens(msg.sender, address(this), amountWei);
    }

    /// @inheritdoc IBondRegistry
    function withdraw(uint256 run) external nonReentrant {
        Bond storage entry = _bonds[run][msg.sender];
        uint256 amountWei = entry.unbondingWei;
        if (amountWei == 0) revert BondRegistryNothingUnbonding(run, msg.sender);
        if (block.timestamp < entry.releaseAt) {
            revert BondRegistryStillUnbonding(msg.sender, block.timestamp, entry.releaseAt);
        }

        entry.unbondingWei = 0;
        emit BondWithdrawn(run, msg.sender, amountWei);

        _moveTokens(address(this), msg.sender, amountWei);
    }

    // ------------------------------------------------------------------------------------------------ ledger

    /// @inheritdoc IBondRegistry
    function startUnbonding(uint256 run, address account, uint40 releaseAt) external onlyLedger {
        Bond storage entry = _bonds[run][account];
        uint96 amountWei = entry.bondWei;
        entry.bondWei = 0;
        entry.unbondingWei += amountWei;
        entry.releaseAt = releaseAt;
        emit UnbondingStarted(run, account, amountWei, releaseAt);
    }

    /// @inheritdoc IBondRegistry
    function penalise(
        uint256 run,
        address account,
        uint16 penaltyBp
    ) external onlyLedger nonReentrant returns (uint256 penaltyWei) {
        Bond storage entry = _bonds[run][account];
        (uint256 bondWei, uint256 unbondingWei) = (entry.bondWei, entry.unbondingWei);
        uint256 reachWei = bondWei + unbondingWei;
        // The ledger never asks for more than the whole; the bound here keeps that true whatever the ledger does.
        penaltyWei = penaltyBp < BASIS_POINTS ? (reachWei * penaltyBp) / BASIS_POINTS : reachWei;
        uint256 fromBondWei = penaltyWei < bondWei ? penaltyWei : bondWei;
        entry.bondWei = uint96(bondWei - fromBondWei);
        entry.unbondingWei = uint96(unbondingWei - (penaltyWei - fromBondWei));
        emit Penalised(run, account, penaltyWei, reachWei - penaltyWei);

        _moveTokensToBudget(run, penaltyWei);
    }

    /// @inheritdoc IBondRegistry
    function jail(uint256 run, address account, uint32 untilRound) external onlyLedger {
        _bonds[run][account].jailedUntil = untilRound;
        emit Jailed(run, account, untilRound);
    }

    // ------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IBondRegistry
    function bondOf(uint256 run, address account) external view returns (uint96) {
        return _bonds[run][account].bondWei;
    }

    /// @inheritdoc IBondRegistry
    function bondsOf(
        uint256 run,
        address[] calldata accounts
    ) external view returns (uint96[] memory bondsWei) {
        bondsWei = new uint96[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) bondsWei[i] = _bonds[run][accounts[i]].bondWei;
    }

    /// @inheritdoc IBondRegistry
    function unbondingOf(uint256 run, address account) external view returns (uint96, uint40) {
        Bond storage entry = _bonds[run][account];
        return (entry.unbondingWei, entry.releaseAt);
    }

    /// @inheritdoc IBondRegistry
    function jailedUntil(uint256 run, address account) external view returns (uint32) {
        return _bonds[run][account].jailedUntil;
    }

    /// @inheritdoc IBondRegistry
    function bonderOf(uint256 run, address account) external view returns (address) {
        address bonder = _bonds[run][account].bonder;
        return bonder == address(0) ? account : bonder;
    }

    // ------------------------------------------------------------------------------------------------ tokens

    /// The one way into and out of this contract for an account's tokens.
    function _moveTokens(address from, address to, uint256 amountWei) private {
        if (from == address(this)) TOKEN.safeTransfer(to, amountWei);
        else TOKEN.safeTransferFrom(from, to, amountWei);
    }

    /// Penalties leave through the vault, which books them as budget in the same call.
    function _moveTokensToBudget(uint256 run, uint256 amountWei) private {
        if (amountWei > 0) VAULT.fund(run, amountWei);
    }
}
