// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunLedger} from "../interfaces/IRunLedger.sol";
import {HalfMap, Halves} from "../libraries/Halves.sol";
import {Member, Phase, Role, Windows} from "../types/RunTypes.sol";
import {Activity} from "./Activity.sol";

/// @title Members
/// @notice Joining, leaving, checking in.
abstract contract Members is Activity, IRunLedger {
    using Halves for HalfMap;

    /// @inheritdoc IRunLedger
    function joinRun(uint256 run, Role role) external {
        Run storage r = _liveRun(run);
        if (role == Role.None) revert RunLedgerInvalidRole(msg.sender);
        Member storage member = r.members[msg.sender];
        if (member.role != Role.None) revert RunLedgerAlreadyMember(run, msg.sender);
        _requireFit(run, r, msg.sender, _bondOfRole(r, role));

        uint32 index = _number(run, r, msg.sender);
        uint32 fromRound = _nextRound(_state(r));
        member.role = role;
        if (role == Role.Trainer) {
            ++r.roll.joins;
            if (!member.trained) {
                member.trained = true;
                r.standings.set(index, r.roll.initialTrust);
            }
        }
        _activate(r, msg.sender, member, fromRound);
        emit MemberJoined(run, msg.sender, role, index, fromRound);
    }

    /// @inheritdoc IRunLedger
    function leaveRun(uint256 run) external nonReentrant {
        Run storage r = _run(run);
        Member storage member = r.members[msg.sender];
        bool bonded = REGISTRY.bondOf(run, msg.sender) > 0;
        if (member.role == Role.None && !bonded) revert RunLedgerNotMember(run, msg.sender);

        uint32 fromRound = _nextRound(_state(r));
        if (member.active) _deactivate(run, r, msg.sender, fromRound);
        member.role = Role.None;
        member.missed = false;
        uint40 releaseAt = _releaseAt(r);
        emit MemberLeft(run, msg.sender, fromRound, releaseAt);

        if (bonded) REGISTRY.startUnbonding(run, msg.sender, releaseAt);
    }

    /// @inheritdoc IRunLedger
    function checkIn(uint256 run) external {
        Run storage r = _liveRun(run);
        Member storage member = r.members[msg.sender];
        if (member.role == Role.None) revert RunLedgerNotMember(run, msg.sender);
        if (member.active && member.role == Role.Trainer) revert RunLedgerAlreadyActive(run, msg.sender);
        _requireFit(run, r, msg.sender, _leastBondOfRole(r, member.role));

        uint32 fromRound = _nextRound(_state(r));
        if (member.active) _setRosterChanged(r);
        else _activate(r, msg.sender, member, fromRound);
        emit MemberCheckedIn(run, msg.sender, fromRound);
    }

    // --------------------------------------------------------------------------------------------- conditions

    /// Bonded for its role, and out of jail by the round in which it would take part.
    function _requireFit(uint256 run, Run storage r, address account, uint256 neededWei) private view {
        uint256 bondWei = REGISTRY.bondOf(run, account);
        if (bondWei < neededWei) revert RunLedgerInsufficientBond(account, bondWei, neededWei);
        uint32 round = _nextRound(_state(r));
        uint32 untilRound = REGISTRY.jailedUntil(run, account);
        if (round < untilRound) revert RunLedgerJailed(account, round, untilRound);
    }

    /// Longer than a whole round with all its extensions, so that what a leaver did in its last round can still cost
    /// it its bond. After the end of a run only evidence can arrive.
    function _releaseAt(Run storage r) private view returns (uint40) {
        Windows memory windows = _windows(r);
        if (_ended(_state(r).phase)) {
            uint256 releaseAt = uint256(r.stoppedAt) + windows.evidenceSeconds;
            return uint40(releaseAt > block.timestamp ? releaseAt : block.timestamp);
        }
        uint256 roundSeconds;
        for (uint8 phase = uint8(Phase.Training); phase <= uint8(Phase.Settlement); ++phase) {
            roundSeconds += _length(Phase(phase), windows);
        }
        return uint40(block.timestamp + roundSeconds + windows.evidenceSeconds);
    }
}
