// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Assertions} from "./Assertions.sol";

/// @dev Deploys the artifacts that the product ships. To name a contract by `new` would compile it once more, and with
/// the settings of the tests.
abstract contract Artifacts is Assertions {
    function deploy(string memory name, bytes memory arguments) internal returns (address deployed) {
        deployed = create(creationCode(name, arguments));
        isTrue(deployed != address(0), string.concat(name, " is deployed"));
    }

    function creationCode(string memory name, bytes memory arguments) internal view returns (bytes memory) {
        return bytes.concat(vm.getCode(string.concat(name, ".sol:", name)), arguments);
    }

    /// @return deployed Nobody if the constructor reverts.
    function create(bytes memory code) internal returns (address deployed) {
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
    }
}
