// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {UNAVAILABLE} from "../src/interfaces/IPolicy.sol";
import {Tally} from "../src/libraries/Tally.sol";
import {Assertions} from "./kit/Assertions.sol";
import {MedianReference} from "./kit/MedianReference.sol";

contract TallyTest is Assertions {
    /// One column of ballots, each score drawn from few enough values that ties and `UNAVAILABLE` are common.
    function _column(
        uint256 seed,
        uint256 size
    ) private pure returns (int256[] memory scores, uint256[] memory bondsWei, bytes memory packed) {
        scores = new int256[](size);
        bondsWei = new uint256[](size);
        for (uint256 i; i < size; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            scores[i] = draw % 5 == 0 ? int256(UNAVAILABLE) : int256(draw % 7) - 3;
            bondsWei[i] = 1 + ((draw >> 128) % (seed % 3 == 0 ? 3 : 1e24));
            packed = abi.encodePacked(packed, int16(scores[i]));
        }
    }

    function _sum(uint256[] memory bondsWei) private pure returns (uint256 totalWei) {
        for (uint256 i; i < bondsWei.length; ++i) totalWei += bondsWei[i];
    }

    function testFuzz_ExactlyTheMedianIsATally(uint256 seed, uint256 size, int16 claim) public pure {
        (int256[] memory scores, uint256[] memory bondsWei, bytes memory packed) = _column(
            seed,
            bound(size, 1, 32)
        );
        int16 median = MedianReference.tally(scores, bondsWei);

        isTrue(Tally.isTally(packed, 1, 0, bondsWei, _sum(bondsWei), median), "the median");
        int256 other = claim % 5;
        isTrue(
            other == median || !Tally.isTally(packed, 1, 0, bondsWei, _sum(bondsWei), other),
            "anything near it"
        );
        isTrue(
            claim == median || !Tally.isTally(packed, 1, 0, bondsWei, _sum(bondsWei), claim),
            "anything else"
        );
        bool unavailable = Tally.isTally(packed, 1, 0, bondsWei, _sum(bondsWei), UNAVAILABLE);
        isTrue(unavailable == (median == UNAVAILABLE), "unavailable");
    }

    function testFuzz_ColumnsOfWideBallotsAreTheirOwn(uint256 seed, uint8 at) public pure {
        uint256 column = at % 5;
        (int256[] memory scores, uint256[] memory bondsWei, ) = _column(seed, 7);
        bytes memory packed;
        for (uint256 i; i < 7; ++i) {
            for (uint256 j; j < 5; ++j) {
                packed = abi.encodePacked(
                    packed,
                    j == column ? int16(scores[i]) : int16(int256(1000 * j + i))
                );
            }
        }
        isTrue(
            Tally.isTally(
                packed,
                5,
                column,
                bondsWei,
                _sum(bondsWei),
                MedianReference.tally(scores, bondsWei)
            ),
            "the median of its column"
        );
    }

    function testFuzz_ScoreAtReadsWhatWasPacked(int16[9] memory list) public pure {
        bytes memory packed;
        for (uint256 i; i < 9; ++i) packed = abi.encodePacked(packed, list[i]);
        for (uint256 i; i < 9; ++i) equal(Tally.scoreAt(packed, i), list[i], "score");
    }

    function test_HalfOfTheBondIsNotMoreThanHalf() public pure {
        uint256[] memory bondsWei = new uint256[](2);
        (bondsWei[0], bondsWei[1]) = (5, 5);
        bytes memory packed = abi.encodePacked(UNAVAILABLE, int16(-7));
        isTrue(Tally.isTally(packed, 1, 0, bondsWei, 10, -7), "the one that scored it");
        isTrue(!Tally.isTally(packed, 1, 0, bondsWei, _sum(bondsWei), UNAVAILABLE), "not unavailable");
    }

    function test_AnEvenSplitGivesTheLowerScore() public pure {
        uint256[] memory bondsWei = new uint256[](2);
        (bondsWei[0], bondsWei[1]) = (5, 5);
        bytes memory packed = abi.encodePacked(int16(20), int16(10));
        isTrue(Tally.isTally(packed, 1, 0, bondsWei, 10, 10), "lower");
        isTrue(!Tally.isTally(packed, 1, 0, bondsWei, 10, 20), "upper");
    }
}
