// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Assertions} from "../kit/Assertions.sol";
import {Handler} from "./Handler.sol";

/// @dev The four invariants, in English in contracts/README.md.
contract InvariantsTest is Assertions {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Handler private _handler;

    function setUp() public {
        _handler = new Handler();
        // Trust of the first Trainers is known from the start.
        _handler.checkTokens();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[16] memory chosen = [
            Handler.passTime.selector,
            Handler.open.selector,
            Handler.propose.selector,
            Handler.commitSome.selector,
            Handler.revealSome.selector,
            Handler.settleSome.selector,
            Handler.closeOverdue.selector,
            Handler.joinTrainer.selector,
            Handler.joinValidator.selector,
            Handler.leave.selector,
            Handler.topUpAndCheckIn.selector,
            Handler.equivocate.selector,
            Handler.withdraw.selector,
            Handler.claimCredit.selector,
            Handler.pauseOrResume.selector,
            Handler.finish.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0].addr = address(_handler);
        targets[0].selectors = new bytes4[](16);
        for (uint256 i; i < 16; ++i) targets[0].selectors[i] = chosen[i];
    }

    /// 1. Tokens held are tokens owed.
    function invariant_TokensAddUp() public view {
        _handler.checkTokens();
    }

    /// 2. One ballot for each Validator and round, one settlement for each round, and a verdict does not change.
    function invariant_WhatIsDecidedStays() public view {
        equal(_handler.secondBallots(), 0, "second ballots");
        equal(_handler.secondSettlements(), 0, "second settlements");
        equal(_handler.changedVerdicts(), 0, "changed verdicts");
    }

    /// 3. No penalty above the bond, no round above its pool.
    function invariant_LimitsHold() public view {
        equal(_handler.overPenalties(), 0, "penalties above the bond");
        equal(_handler.overpaidRounds(), 0, "rounds above their pool");
    }

    /// 4. Trust in [0, 1], rounds go forward, and every state has a way out.
    function invariant_TheRunGoesForward() public {
        _handler.checkTrust();
        equal(_handler.roundsBackwards(), 0, "rounds backwards");
        _handler.wayForward();
    }

    /// A campaign that never settles would prove little: here is one path through the handler that does.
    function test_TheHandlerReachesSettlements() public {
        _handler.open();
        _handler.propose(0);
        _handler.commitSome(15);
        _handler.revealSome(5);
        _handler.settleSome(2, true);
        equal(_handler.settledRounds(), 1, "settled rounds");
        _handler.open();
        for (uint256 i; i < 3; ++i) _handler.passTime(399);
        _handler.closeOverdue();
        equal(_handler.voidRounds(), 1, "void rounds");
    }
}
