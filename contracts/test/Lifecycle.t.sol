// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import "../src/types/RunTypes.sol";
import {Network} from "./kit/Network.sol";
import {PaysEverybody} from "./kit/PaysEverybody.sol";

contract LifecycleTest is Network {
    function setUp() public {
        deployContracts();
        startRun(defaultConfig(new PaysEverybody()), 10, 3);
    }

    function test_AWholeRoundPaysAndReleases() public {
        wholeRound();

        RoundState memory state = ledger.stateOf(run);
        equal(state.number, 1, "round");
        isTrue(state.phase == Phase.Gathering, "phase");
        equal(ledger.releaseOf(run), keccak256(abi.encode("model", uint256(0))), "release");
        for (uint256 i; i < trainers.length; ++i) {
            equal(vault.creditOf(run, trainers[i]), ((POOL_WEI / 10) * 7) / 10, "reward");
            (uint32 trust, uint64 note) = ledger.trustOf(run, trainers[i]);
            equal(trust, 550_000_000, "trust");
            equal(note, 1, "note");
        }
        assertTokensAddUp();
        uint256 paid = claim(trainers[3]);
        equal(token.balanceOf(trainers[3]), paid, "claimed");
        assertTokensAddUp();
    }
}
