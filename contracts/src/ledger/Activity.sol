// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Eligibility, EligibilityMap} from "../libraries/Eligibility.sol";
import {Member, Role, RoundState} from "../types/RunTypes.sol";
import {LedgerBase} from "./LedgerBase.sol";

/// @title Activity
/// @notice Which members count: active ones are in lineups and committees, inactive ones are not.
///
/// Changes take effect at a round boundary. Trainers are bits in a map that knows this round's and the next round's
/// value; Validators are a roster that is copied to the seats of a committee only when a round is opened.
abstract contract Activity is LedgerBase {
    using Eligibility for EligibilityMap;

    /// What joining takes. More than half of it keeps a member active, so that a small penalty is a price and not an end.
    function _bondOfRole(Run storage r, Role role) internal view returns (uint256) {
        return role == Role.Trainer ? r.config.terms.trainerBondWei : r.config.terms.validatorBondWei;
    }

    function _leastBondOfRole(Run storage r, Role role) internal view returns (uint256) {
        return _bondOfRole(r, role) / 2 + 1;
    }

    function _activate(Run storage r, address account, Member storage member, uint32 fromRound) internal {
        member.active = true;
        if (member.role == Role.Trainer) {
            ++r.roll.activeTrainers;
            r.eligibility.set(member.index, true, fromRound);
        } else {
            ++r.roll.activeValidators;
            member.position = uint32(r.roster.length);
            r.roster.push(account);
            _setRosterChanged(r);
        }
    }

    function _deactivate(uint256 run, Run storage r, address account, uint32 fromRound) internal {
        Member storage member = r.members[account];
        member.active = false;
        if (member.role == Role.Trainer) {
            --r.roll.activeTrainers;
            r.eligibility.set(member.index, false, fromRound);
        } else {
            --r.roll.activeValidators;
            address last = r.roster[r.roster.length - 1];
            r.roster[member.position] = last;
            r.members[last].position = member.position;
            r.roster.pop();
            _setRosterChanged(r);
        }
        emit MemberInactive(run, account, fromRound);
    }

    /// Takes the penalty and, if too little bond is left, the member's activity.
    function _penalise(
        uint256 run,
        Run storage r,
        address account,
        uint16 penaltyBp
    ) internal returns (uint256 penaltyWei) {
        penaltyWei = REGISTRY.penalise(run, account, penaltyBp);
        Member storage member = r.members[account];
        if (!member.active) return penaltyWei;
        if (REGISTRY.bondOf(run, account) < _leastBondOfRole(r, member.role)) {
            _deactivate(run, r, account, _nextRound(_state(r)));
        } else if (member.role == Role.Validator) {
            _setRosterChanged(r);
        }
    }

    /// Keeps a Trainer's receipts from counting for `rounds` rounds from `fromRound` on; then it may check in.
    function _jail(uint256 run, Run storage r, address account, uint32 fromRound, uint32 rounds) internal {
        REGISTRY.jail(run, account, fromRound + rounds);
        Member storage member = r.members[account];
        if (member.active && member.role == Role.Trainer) _deactivate(run, r, account, fromRound);
    }

    /// Remembers who missed the round that ends; a Validator that missed two in a row becomes inactive.
    /// @param acted Bitmap of the seats that did what the round asked of them.
    function _recordMisses(uint256 run, Run storage r, RoundState memory state, uint32 acted) internal {
        uint32 missed = uint32((1 << state.seats) - 1) & ~acted;
        uint32 changed = missed | state.missedBefore;
        if (changed == 0) return;
        for (uint256 i; i < state.seats; ++i) {
            uint32 bit = uint32(1 << i);
            if (changed & bit == 0) continue;
            address validator = r.committee[i].validator;
            Member storage member = r.members[validator];
            if (!member.active || member.role != Role.Validator) continue;
            bool twice = missed & state.missedBefore & bit != 0;
            member.missed = missed & bit != 0 && !twice;
            if (twice) {
                _deactivate(run, r, validator, state.number + 1);
                state.rosterChanged = true;
            }
        }
        state.missedBefore = missed;
    }
}
