// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MAX_VOIDS, Phase, RoundState} from "../types/RunTypes.sol";
import {Activity} from "./Activity.sol";

/// @title Boundary
/// @notice What lies between two rounds, and after the last.
abstract contract Boundary is Activity {
    /// The boundary after a settled or a void round. The caller stores `state`, then calls `_afterRound`.
    function _endRound(uint256 run, Run storage r, RoundState memory state) internal {
        state.number += 1;
        _enter(state, Phase.Gathering, _windows(r));
        state.committed = 0;
        state.revealed = 0;
        state.lineupSize = 0;
        state.applied = 0;
        if (state.voids >= MAX_VOIDS) _end(run, r, state, Phase.Halted);
        else if (state.finishing) _end(run, r, state, Phase.Finished);
    }

    /// What an ended run still has to do with its tokens.
    function _afterRound(uint256 run, Run storage r, RoundState memory state) internal {
        if (_ended(state.phase)) _releaseBudget(run, r);
    }

    /// A round without verdicts: nothing is paid, nobody is punished, receipts carry over.
    function _void(uint256 run, Run storage r, RoundState memory state) internal {
        state.voids += 1;
        emit RoundVoided(run, state.number, state.phase, state.voids);
        _endRound(run, r, state);
        _setState(r, state);
        _afterRound(run, r, state);
    }

    function _end(uint256 run, Run storage r, RoundState memory state, Phase phase) internal {
        _enter(state, phase, _windows(r));
        r.stoppedAt = uint40(block.timestamp);
        if (phase == Phase.Halted) emit RunHalted(run, state.number);
        else emit RunFinished(run, state.number);
    }

    function _pausedTooLong(Run storage r, RoundState memory state) internal view returns (bool) {
        return state.paused && block.timestamp > uint256(r.stoppedAt) + r.config.terms.maxPauseSeconds;
    }

    function _releaseBudget(uint256 run, Run storage r) internal {
        uint256 amountWei = VAULT.budgetOf(run);
        if (amountWei == 0) return;
        emit BudgetReleased(run, r.sponsor, amountWei);
        _credit(run, r.members[r.sponsor].index, amountWei);
    }
}
