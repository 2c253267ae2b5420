// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunLedger} from "../interfaces/IRunLedger.sol";
import {TRUST_ONE} from "../interfaces/IPolicy.sol";
import {PolicyGuard} from "../libraries/PolicyGuard.sol";
import {Phase, RoundState, Rules, RunConfig, Terms, Windows} from "../types/RunTypes.sol";
import {Boundary} from "./Boundary.sol";

/// @title Lifecycle
/// @notice From creation to the end: created, paused, resumed, finished, halted.
abstract contract Lifecycle is Boundary, IRunLedger {
    /// A phase this short would be over before a transaction gets in; one this long would never end.
    uint256 private constant MIN_WINDOW_SECONDS = 2;
    uint256 private constant MAX_WINDOW_SECONDS = 365 days;
    /// Leaves room for the rest of a settlement below the 16.78 million gas that a transaction may use (EIP-7825).
    uint256 private constant MAX_POLICY_GAS = 11_000_000;

    modifier onlySponsor(uint256 run) {
        address sponsor = _run(run).sponsor;
        if (msg.sender != sponsor) revert RunLedgerNotSponsor(msg.sender, sponsor);
        _;
    }

    /// @inheritdoc IRunLedger
    function createRun(RunConfig calldata config) external returns (uint256 run) {
        _requireRules(config.rules);
        _requireWindows(config.windows);
        _requireTerms(config.terms);
        uint256 trust = PolicyGuard.initialTrust(config.rules.policy, config.rules.policyGas);
        if (trust > TRUST_ONE) revert RunLedgerInvalidConfig("policy");

        run = _runCount++;
        Run storage r = _runs[run];
        r.config = config;
        r.sponsor = msg.sender;
        r.roll.initialTrust = uint32(trust);
        r.release = config.configurationDigest;
        RoundState memory state;
        _enter(state, Phase.Gathering, config.windows);
        _setState(r, state);
        r.accounts.push(address(0));
        emit RunCreated(run, msg.sender, uint32(trust), config);
        _number(run, r, msg.sender);
    }

    /// @inheritdoc IRunLedger
    function pause(uint256 run) external onlySponsor(run) {
        Run storage r = _liveRun(run);
        RoundState memory state = _state(r);
        if (state.paused) revert RunLedgerPaused(run);
        state.paused = true;
        _setState(r, state);
        r.stoppedAt = uint40(block.timestamp);
        emit RunPaused(run);
    }

    /// @inheritdoc IRunLedger
    function resume(uint256 run) external onlySponsor(run) {
        Run storage r = _liveRun(run);
        RoundState memory state = _state(r);
        if (!state.paused) revert RunLedgerNotPaused(run);
        state.paused = false;
        if (state.phase == Phase.Gathering) _enter(state, Phase.Gathering, _windows(r));
        _setState(r, state);
        emit RunResumed(run);
    }

    /// @inheritdoc IRunLedger
    function finish(uint256 run) external nonReentrant {
        Run storage r = _liveRun(run);
        RoundState memory state = _state(r);
        if (msg.sender != r.sponsor && !_pausedTooLong(r, state)) {
            revert RunLedgerNotSponsor(msg.sender, r.sponsor);
        }
        if (state.phase == Phase.Gathering) {
            _end(run, r, state, Phase.Finished);
            _setState(r, state);
            _releaseBudget(run, r);
        } else {
            state.finishing = true;
            _setState(r, state);
            emit RunFinishing(run);
        }
    }

    /// @inheritdoc IRunLedger
    function releaseBudget(uint256 run) external nonReentrant {
        Run storage r = _run(run);
        Phase phase = _state(r).phase;
        if (!_ended(phase)) revert RunLedgerWrongPhase(run, phase, Phase.Finished);
        _releaseBudget(run, r);
    }

    // ------------------------------------------------------------------------------------------ configuration

    function _requireRules(Rules calldata rules) private pure {
        if (rules.policyGas == 0 || rules.policyGas > MAX_POLICY_GAS)
            revert RunLedgerInvalidConfig("policyGas");
        // Below one half two quorums could decide differently; at 1 or above nothing could ever be decided.
        if (!_isMajority(rules.quorumNumerator, rules.quorumDenominator))
            revert RunLedgerInvalidConfig("quorum");
        if (!_isMajority(rules.largeNumerator, rules.largeDenominator))
            revert RunLedgerInvalidConfig("largeQuorum");
    }

    function _isMajority(uint256 numerator, uint256 denominator) private pure returns (bool) {
        return numerator < denominator && 2 * numerator >= denominator;
    }

    function _requireWindows(Windows calldata windows) private pure {
        _requireWindow(windows.gatheringSeconds, "gatheringSeconds");
        _requireWindow(windows.trainingSeconds, "trainingSeconds");
        _requireWindow(windows.lineupSeconds, "lineupSeconds");
        _requireWindow(windows.openingSeconds, "openingSeconds");
        _requireWindow(windows.commitSeconds, "commitSeconds");
        _requireWindow(windows.revealSeconds, "revealSeconds");
        _requireWindow(windows.settlementSeconds, "settlementSeconds");
        _requireWindow(windows.evidenceSeconds, "evidenceSeconds");
    }

    function _requireWindow(uint256 length, string memory field) private pure {
        if (length < MIN_WINDOW_SECONDS || length > MAX_WINDOW_SECONDS) revert RunLedgerInvalidConfig(field);
    }

    function _requireTerms(Terms calldata terms) private pure {
        _requireWindow(terms.maxPauseSeconds, "maxPauseSeconds");
        if (terms.minTrainers == 0) revert RunLedgerInvalidConfig("minTrainers");
        if (terms.minValidators == 0) revert RunLedgerInvalidConfig("minValidators");
        // Without a bond a vote would weigh nothing and a penalty would cost nothing.
        if (terms.trainerBondWei == 0) revert RunLedgerInvalidConfig("trainerBondWei");
        if (terms.validatorBondWei == 0) revert RunLedgerInvalidConfig("validatorBondWei");
    }
}
