// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TRUST_ONE} from "../interfaces/IPolicy.sol";
import {ProportionalPolicy} from "./ProportionalPolicy.sol";

/// @title EmaPolicy
/// @notice Judges and pays like `ProportionalPolicy`, but trust is an exponential average of the tally itself, clipped
/// to [0, cap] and scaled by the cap: it measures what a Trainer contributes rather than how it compares with the round.
contract EmaPolicy is ProportionalPolicy {
    error EmaPolicyParameter(string parameter, uint256 value, uint256 limit);

    /// Share of the newest tally in the average, in basis points.
    uint16 public immutable alphaBp;

    /// The tally, in basis points, that stands for full trust.
    int16 public immutable capBp;

    /// @param alphaBp_ 1 to 10,000.
    /// @param capBp_ 1 to 32,767.
    constructor(uint16 alphaBp_, uint16 capBp_) {
        if (alphaBp_ == 0 || alphaBp_ > 10_000) revert EmaPolicyParameter("alphaBp", alphaBp_, 10_000);
        if (capBp_ == 0 || capBp_ > 32_767) revert EmaPolicyParameter("capBp", capBp_, 32_767);
        alphaBp = alphaBp_;
        capBp = int16(capBp_);
    }

    /// @inheritdoc ProportionalPolicy
    function _trustAfter(
        int256 tally,
        uint256 trust,
        bool accepted,
        int256
    ) internal view override returns (uint256) {
        int256 cap = capBp;
        uint256 aim = accepted ? (uint256(_clamp(tally, 0, cap)) * TRUST_ONE) / uint256(cap) : 0;
        return (trust * (10_000 - alphaBp) + aim * alphaBp) / 10_000;
    }
}
