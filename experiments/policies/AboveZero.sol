// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Round, TRUST_ONE, Verdict} from "flobc/interfaces/IPolicy.sol";
import {SplitPolicy} from "flobc/policies/SplitPolicy.sol";

/// @title AboveZero
/// @notice The simplest policy that looks at updates: whoever makes the model no worse is accepted, counts and is paid
/// like everybody else; nobody is punished. A place to start from: `flobc policy test experiments/policies/AboveZero.sol`.
contract AboveZero is SplitPolicy {
    function initialTrust() external pure override returns (uint32) {
        return TRUST_ONE;
    }

    function _judge(
        Round calldata round
    ) internal pure override returns (Verdict[] memory verdicts, uint256[] memory weights) {
        verdicts = new Verdict[](round.lineup.length);
        weights = new uint256[](round.lineup.length);
        for (uint256 i; i < verdicts.length; ++i) {
            verdicts[i].trust = round.lineup[i].trust;
            // What nobody could read has the least tally that there is.
            if (round.lineup[i].tally < 0) continue;
            verdicts[i].accepted = true;
            verdicts[i].mergeWeight = TRUST_ONE;
            weights[i] = 1;
        }
    }
}
