// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IRunLedger} from "../interfaces/IRunLedger.sol";
import {Eligibility, EligibilityMap} from "../libraries/Eligibility.sol";
import {HalfMap, Halves} from "../libraries/Halves.sol";
import {Statements} from "../libraries/Statements.sol";
import {CommitteeSeat, Member, Phase, RoundStake, RoundState, StatementKind} from "../types/RunTypes.sol";
import {Quorums} from "./Quorums.sol";

/// @title Views
/// @notice What anybody may ask; nothing here changes anything.
abstract contract Views is Quorums, IRunLedger {
    using Eligibility for EligibilityMap;
    using Halves for HalfMap;

    /// @inheritdoc IRunLedger
    function runs() external view returns (uint256) {
        return _runCount;
    }

    /// @inheritdoc IRunLedger
    function phaseOf(uint256 run) external view returns (Phase) {
        return _state(_runs[run]).phase;
    }

    /// @inheritdoc IRunLedger
    function sponsorOf(uint256 run) external view returns (address) {
        return _run(run).sponsor;
    }

    /// @inheritdoc IRunLedger
    function stateOf(uint256 run) external view returns (RoundState memory) {
        return _state(_run(run));
    }

    /// @inheritdoc IRunLedger
    function stakeOf(uint256 run) external view returns (RoundStake memory) {
        return _run(run).stake;
    }

    /// @inheritdoc IRunLedger
    function deadlineOf(uint256 run) external view returns (uint256) {
        return _state(_run(run)).deadline;
    }

    /// @inheritdoc IRunLedger
    function lineupHashOf(uint256 run) external view returns (bytes32) {
        return _run(run).lineupHash;
    }

    /// @inheritdoc IRunLedger
    function releaseOf(uint256 run) external view returns (bytes32) {
        return _run(run).release;
    }

    /// @inheritdoc IRunLedger
    function memberOf(uint256 run, address account) external view returns (Member memory) {
        return _run(run).members[account];
    }

    /// @inheritdoc IRunLedger
    function accountOf(uint256 run, uint256 index) external view returns (address) {
        return _run(run).accounts[index];
    }

    /// @inheritdoc IRunLedger
    function accountsOf(
        uint256 run,
        uint256[] calldata indices
    ) external view returns (address[] memory accounts) {
        Run storage r = _run(run);
        accounts = new address[](indices.length);
        for (uint256 i; i < indices.length; ++i) accounts[i] = r.accounts[indices[i]];
    }

    /// @inheritdoc IRunLedger
    function activeOf(uint256 run) external view returns (uint256 trainers, uint256 validators) {
        Roll memory roll = _roll(_run(run));
        return (roll.activeTrainers, roll.activeValidators);
    }

    /// @inheritdoc IRunLedger
    function trustOf(uint256 run, address account) external view returns (uint32 trust, uint64 note) {
        Run storage r = _run(run);
        uint128 standing = r.standings.get(r.members[account].index);
        return (uint32(standing), uint64(standing >> 32));
    }

    /// @inheritdoc IRunLedger
    function isEligible(uint256 run, uint256 index, uint32 round) external view returns (bool) {
        return (_run(run).eligibility.wordAt(index >> 8, round) >> (index & 0xff)) & 1 == 1;
    }

    /// @inheritdoc IRunLedger
    function committeeOf(uint256 run) external view returns (CommitteeSeat[] memory committee) {
        Run storage r = _run(run);
        committee = new CommitteeSeat[](_state(r).seats);
        for (uint256 i; i < committee.length; ++i) committee[i] = r.committee[i];
    }

    /// @inheritdoc IRunLedger
    function commitmentOf(uint256 run, uint256 seat) external view returns (bytes32) {
        return _run(run).commitments[seat];
    }

    /// @inheritdoc IRunLedger
    function proposerOf(uint256 run, uint256 attempt) external view returns (address) {
        Run storage r = _run(run);
        return _proposer(r, _state(r), attempt);
    }

    /// @inheritdoc IRunLedger
    function statementDigest(
        StatementKind kind,
        uint256 run,
        uint64 number,
        uint8 attempt,
        bytes32 parent,
        bytes32 content
    ) external view returns (bytes32) {
        return _hashTypedDataV4(Statements.structHash(kind, run, number, attempt, parent, content));
    }
}
