// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {UNAVAILABLE} from "../src/interfaces/IPolicy.sol";
import {Tally} from "../src/libraries/Tally.sol";
import {Assertions} from "./kit/Assertions.sol";

/// @dev The vectors that the TypeScript tally is pinned to: an array of {bonds, ballots (a row for each Validator),
/// tallies (a number, or "unavailable")}. Both sides must find the same tallies, and this side no other.
contract TallyVectorsTest is Assertions {
    function test_TheTalliesOfTheVectorsAreTallies() public view {
        string memory json = vm.readFile(string.concat(vm.projectRoot(), "/test/vectors/tally.json"));
        uint256 cases;
        uint256 entries;
        for (; vm.keyExistsJson(json, _key(cases, "")); ++cases) entries += _check(json, cases);
        isTrue(cases > 10 && entries > cases, "there are vectors");
    }

    function _key(uint256 index, string memory field) private pure returns (string memory) {
        return string.concat("$[", vm.toString(index), "]", field);
    }

    function _check(string memory json, uint256 index) private view returns (uint256 width) {
        string[] memory bonds = vm.parseJsonStringArray(json, _key(index, ".bonds"));
        uint256[] memory bondsWei = new uint256[](bonds.length);
        uint256 totalWei;
        bytes memory scores;
        for (uint256 i; i < bonds.length; ++i) {
            bondsWei[i] = vm.parseUint(bonds[i]);
            totalWei += bondsWei[i];
            string memory row = string.concat(".ballots[", vm.toString(i), "]");
            int256[] memory ballot = vm.parseJsonIntArray(json, _key(index, row));
            width = ballot.length;
            for (uint256 j; j < width; ++j) scores = abi.encodePacked(scores, int16(ballot[j]));
        }
        // A seat without a bond is not possible on chain (`MembersTest`), so a committee without any needs no tally.
        if (totalWei == 0) return width;
        for (uint256 j; j < width; ++j) {
            int256 tally = _tally(json, _key(index, string.concat(".tallies[", vm.toString(j), "]")));
            isTrue(Tally.isTally(scores, width, j, bondsWei, totalWei, tally), "a tally of the vectors");
            bool another = Tally.isTally(
                scores,
                width,
                j,
                bondsWei,
                totalWei,
                tally == UNAVAILABLE ? int256(0) : tally + 1
            );
            isTrue(!another, "only that one");
        }
    }

    function _tally(string memory json, string memory key) private view returns (int256) {
        try vm.parseJsonInt(json, key) returns (int256 tally) {
            return tally;
        } catch {
            return UNAVAILABLE;
        }
    }
}
