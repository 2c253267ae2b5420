// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IPolicy, Round, SeatOutcome, TRUST_ONE, UNAVAILABLE, Verdict} from "../interfaces/IPolicy.sol";
import {SplitPolicy} from "./SplitPolicy.sol";

/// @title FlatPolicy
/// @notice The control of every experiment: every update that can be read is accepted with equal weight, everybody who
/// did anything is paid the same, nobody is punished, and trust is 1 for ever. Not for a run with strangers in it.
contract FlatPolicy is SplitPolicy {
    /// @inheritdoc IPolicy
    function initialTrust() external pure override returns (uint32) {
        return TRUST_ONE;
    }

    /// @inheritdoc SplitPolicy
    function _judge(
        Round calldata round
    ) internal pure override returns (Verdict[] memory verdicts, uint256[] memory weights) {
        verdicts = new Verdict[](round.lineup.length);
        weights = new uint256[](round.lineup.length);
        for (uint256 i; i < verdicts.length; ++i) {
            (verdicts[i].trust, verdicts[i].note) = (round.lineup[i].trust, round.lineup[i].note);
            if (round.lineup[i].tally == UNAVAILABLE) continue;
            verdicts[i].accepted = true;
            verdicts[i].mergeWeight = TRUST_ONE;
            weights[i] = 1;
        }
    }

    /// @inheritdoc SplitPolicy
    function _weigh(
        Round calldata round,
        Verdict[] memory
    ) internal pure override returns (SeatOutcome[] memory seats, uint256[] memory weights) {
        seats = new SeatOutcome[](round.committee.length);
        weights = new uint256[](seats.length);
        for (uint256 i; i < seats.length; ++i) {
            if (round.committee[i].ballot.length != 0) weights[i] = 1;
        }
    }
}
