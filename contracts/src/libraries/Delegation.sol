// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Delegation
/// @notice Hands the whole call over to another half of the same contract, and its answer back to the caller.
library Delegation {
    /// Does not return: the caller gets what `half` returned or reverted with.
    function delegate(address half) internal {
        assembly {
            calldatacopy(0, 0, calldatasize())
            let success := delegatecall(gas(), half, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if success {
                return(0, returndatasize())
            }
            revert(0, returndatasize())
        }
    }

    /// The same for a function that the half declares as a view. The language has no static delegate call; a function
    /// pointer whose type is changed is how the compiler is told what it cannot see.
    function delegateView(address half) internal view {
        function(address) internal changing = delegate;
        function(address) internal view viewing;
        assembly ("memory-safe") {
            viewing := changing
        }
        viewing(half);
    }
}
