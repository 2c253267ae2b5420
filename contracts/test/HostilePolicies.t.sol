// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {
    IPolicy,
    LineupEntry,
    Outcome,
    Round,
    SeatOutcome,
    TRUST_ONE,
    UNAVAILABLE,
    Verdict
} from "../src/interfaces/IPolicy.sol";
import "../src/types/RunTypes.sol";
import {Network} from "./kit/Network.sol";

/// @dev A policy that would be valid, and pays the whole pool to the first Trainer; the museum spoils it.
abstract contract HostilePolicy is IPolicy {
    function initialTrust() external pure virtual returns (uint32) {
        return TRUST_ONE / 4;
    }

    function _valid(Round calldata round) internal pure returns (Outcome memory outcome) {
        outcome.verdicts = new Verdict[](round.lineup.length);
        outcome.seats = new SeatOutcome[](round.committee.length);
        for (uint256 i; i < round.lineup.length; ++i) {
            outcome.verdicts[i].trust = TRUST_ONE;
            outcome.verdicts[i].note = 7;
        }
        outcome.verdicts[0].rewardWei = round.poolWei;
    }
}

/// @dev Pays one wei more than there is.
contract Overpays is HostilePolicy {
    function evaluate(Round calldata round) external pure returns (Outcome memory outcome) {
        outcome = _valid(round);
        outcome.settlerWei = 1;
    }
}

/// @dev Pays so much that the sum would wrap around to nothing in 128 bits.
contract OverpaysByWrappingAround is HostilePolicy {
    function evaluate(Round calldata round) external pure returns (Outcome memory outcome) {
        outcome = _valid(round);
        outcome.verdicts[0].rewardWei = type(uint128).max;
        outcome.settlerWei = 1;
    }
}

contract AnswersForTooManyTrainers is HostilePolicy {
    function evaluate(Round calldata round) external pure returns (Outcome memory outcome) {
        outcome = _valid(round);
        outcome.verdicts = new Verdict[](round.lineup.length + 1);
    }
}

contract AnswersForTooFewSeats is HostilePolicy {
    function evaluate(Round calldata round) external pure returns (Outcome memory outcome) {
        outcome = _valid(round);
        outcome.seats = new SeatOutcome[](round.committee.length - 1);
    }
}

contract Reverts is HostilePolicy {
    function evaluate(Round calldata) external pure returns (Outcome memory) {
        revert("no");
    }
}

contract BurnsAllGas is HostilePolicy {
    function evaluate(Round calldata) external pure returns (Outcome memory) {
        while (true) {}
        revert();
    }
}

contract RevertsWithABomb is HostilePolicy {
    function evaluate(Round calldata) external pure returns (Outcome memory) {
        assembly {
            revert(0, 500000)
        }
    }
}

contract ReturnsABomb is HostilePolicy {
    function evaluate(Round calldata) external pure returns (Outcome memory) {
        assembly {
            return(0, 500000)
        }
    }
}

/// @dev As long as a valid answer, and nothing but ones.
contract ReturnsNoise is HostilePolicy {
    function evaluate(Round calldata round) external pure returns (Outcome memory) {
        uint256 size = 32 * (6 + 7 * round.lineup.length + 2 * round.committee.length);
        assembly {
            for {
                let i := 0
            } lt(i, size) {
                i := add(i, 32)
            } {
                mstore(i, not(0))
            }
            return(0, size)
        }
    }
}

/// @dev Makes real calls (not static ones: it is no `IPolicy`, whose function is a view) and writes down in each
/// Trainer's note what became of one: `CHANGED` if it was carried out, else how it was refused.
contract Reenters {
    uint64 public constant CHANGED = 1 << 32;

    struct Attempt {
        address target;
        bytes data;
    }

    Attempt[] private _attempts;

    function initialTrust() external pure returns (uint32) {
        return TRUST_ONE / 4;
    }

    function add(address target, bytes calldata data) external {
        _attempts.push(Attempt(target, data));
    }

    /// @return outcome A valid one: no reward, no penalty, everything refused.
    function evaluate(Round calldata round) external returns (Outcome memory outcome) {
        outcome.verdicts = new Verdict[](round.lineup.length);
        outcome.seats = new SeatOutcome[](round.committee.length);
        for (uint256 i; i < _attempts.length; ++i) {
            // More than any of them needs; what is not allowed in a static call burns all of it.
            (bool changed, bytes memory reason) = _attempts[i].target.call{gas: 700_000}(_attempts[i].data);
            outcome.verdicts[i].note = changed ? CHANGED : uint64(uint32(bytes4(reason)));
        }
    }
}

contract TrustsTooMuch is HostilePolicy {
    function evaluate(Round calldata round) external pure returns (Outcome memory outcome) {
        outcome = _valid(round);
        outcome.verdicts[0].trust = TRUST_ONE + 1;
    }
}

contract PunishesMoreThanABond is HostilePolicy {
    function evaluate(Round calldata round) external pure returns (Outcome memory outcome) {
        outcome = _valid(round);
        outcome.verdicts[0].penaltyBp = 10_001;
    }
}

contract PunishesASeatMoreThanABond is HostilePolicy {
    function evaluate(Round calldata round) external pure returns (Outcome memory outcome) {
        outcome = _valid(round);
        outcome.seats[0].penaltyBp = 10_001;
    }
}

contract MergesTheRefused is HostilePolicy {
    function evaluate(Round calldata round) external pure returns (Outcome memory outcome) {
        outcome = _valid(round);
        outcome.verdicts[0].mergeWeight = 1;
    }
}

contract AcceptsTheUnavailable is HostilePolicy {
    function evaluate(Round calldata round) external pure returns (Outcome memory outcome) {
        outcome = _valid(round);
        for (uint256 i; i < round.lineup.length; ++i) outcome.verdicts[i].accepted = true;
    }
}

/// @dev Within the limits, and all that they allow: the whole bond of every Trainer and every Validator.
contract TakesTheWholeBond is HostilePolicy {
    function evaluate(Round calldata round) external pure returns (Outcome memory outcome) {
        outcome.verdicts = new Verdict[](round.lineup.length);
        outcome.seats = new SeatOutcome[](round.committee.length);
        for (uint256 i; i < round.lineup.length; ++i) outcome.verdicts[i].penaltyBp = 10_000;
        for (uint256 i; i < round.committee.length; ++i) outcome.seats[i].penaltyBp = 10_000;
    }
}

/// @dev The museum: whatever a policy does, the round goes on without reward, penalty or change of trust.
contract HostilePoliciesTest is Network {
    function setUp() public {
        deployContracts();
    }

    function _playRound(IPolicy policy) private {
        startRun(defaultConfig(policy), 4, 3);
        // The last Trainer's update is unavailable to two of three.
        scores = [
            [int16(90), int16(-20), int16(50), UNAVAILABLE],
            [int16(80), int16(-30), int16(60), UNAVAILABLE],
            [int16(70), int16(-10), int16(40), int16(10)]
        ];
        openAndPropose();
        commitAll();
        revealAll();
    }

    function _assertFallback(IPolicy policy) private {
        _playRound(policy);
        (bool answered, , Outcome memory outcome) = ledger.previewSettlement(run, ballots());
        isTrue(!answered, "no answer");
        for (uint256 i; i < 4; ++i) {
            isTrue(outcome.verdicts[i].accepted == (i != 3), "available updates are accepted");
            equal(outcome.verdicts[i].mergeWeight, i != 3 ? TRUST_ONE / 4 : 0, "weight");
        }

        settle();
        equal(ledger.stateOf(run).number, 1, "the round is over");
        for (uint256 i; i < 4; ++i) {
            (uint32 trust, uint64 note) = ledger.trustOf(run, trainers[i]);
            equal(trust, TRUST_ONE / 4, "trust");
            equal(note, 0, "note");
            equal(vault.creditOf(run, trainers[i]), 0, "reward");
            equal(registry.bondOf(run, trainers[i]), TRAINER_BOND_WEI, "bond");
        }
        equal(vault.budgetOf(run), BUDGET_WEI, "budget");
        assertTokensAddUp();
    }

    function test_Overpays() public {
        _assertFallback(new Overpays());
    }

    function test_OverpaysByWrappingAround() public {
        _assertFallback(new OverpaysByWrappingAround());
    }

    function test_AnswersForTooManyTrainers() public {
        _assertFallback(new AnswersForTooManyTrainers());
    }

    function test_AnswersForTooFewSeats() public {
        _assertFallback(new AnswersForTooFewSeats());
    }

    function test_Reverts() public {
        _assertFallback(new Reverts());
    }

    function test_BurnsAllGas() public {
        _assertFallback(new BurnsAllGas());
    }

    function test_RevertsWithABomb() public {
        _assertFallback(new RevertsWithABomb());
    }

    function test_ReturnsABomb() public {
        _assertFallback(new ReturnsABomb());
    }

    function test_ReturnsNoise() public {
        _assertFallback(new ReturnsNoise());
    }

    uint256 private constant GUARDED = 3;

    /// A policy that owns tokens, a bond and a credit, and calls back with everything that it could do by itself or
    /// bring in from others. The ledger's guard refuses what would change the settlement; the static call stops the rest.
    function test_Reenters() public {
        Reenters policy = new Reenters();
        startRun(defaultConfig(IPolicy(address(policy))), 8, 3);
        openAndPropose();
        commitAll();
        revealAll();
        _arm(policy);
        uint256 runs = ledger.runs();
        settle();

        bytes4 guard = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        for (uint256 i; i < trainers.length; ++i) {
            (, uint64 note) = ledger.trustOf(run, trainers[i]);
            equal(note, i < GUARDED ? uint32(guard) : 0, "how it was refused");
        }
        equal(ledger.stateOf(run).number, 1, "the round is over, once");
        equal(ledger.runs(), runs, "runs");
        isTrue(ledger.memberOf(run, address(policy)).role == Role.None, "no member");
        equal(token.balanceOf(address(policy)), 2, "tokens");
        equal(registry.bondOf(run, address(policy)), TRAINER_BOND_WEI, "bond");
        isTrue(vault.creditOf(run, address(policy)) > 0, "credit");

        // The attempts are real: where nothing stops it, the policy does all that is its own to do.
        Round memory round;
        round.lineup = new LineupEntry[](trainers.length);
        Outcome memory free = policy.evaluate(round);
        for (uint256 i = GUARDED; i < trainers.length; ++i) {
            equal(free.verdicts[i].note, policy.CHANGED(), "carried out");
        }
    }

    /// Gives the policy what it could move, and one attempt for each of the eight Trainers: the first `GUARDED` reach
    /// into the settlement, the others are within the policy's own rights.
    function _arm(Reenters policy) private {
        token.mint(address(policy), TRAINER_BOND_WEI + 2);
        vm.startPrank(address(policy));
        token.approve(address(registry), TRAINER_BOND_WEI + 1);
        registry.bond(run, address(policy), TRAINER_BOND_WEI);
        vm.stopPrank();
        Equivocation memory proven = _equivocation(trainers[0]);
        vm.prank(address(policy));
        ledger.proveEquivocation(run, proven);

        policy.add(address(ledger), abi.encodeCall(ledger.settle, (run, ballots(), certificate(), 99)));
        policy.add(address(ledger), abi.encodeCall(ledger.closePhase, (run)));
        proven = _equivocation(validators[2]);
        policy.add(address(ledger), abi.encodeCall(ledger.proveEquivocation, (run, proven)));

        policy.add(address(ledger), abi.encodeCall(ledger.joinRun, (run, Role.Trainer)));
        RunConfig memory config = defaultConfig(IPolicy(address(policy)));
        policy.add(address(ledger), abi.encodeCall(ledger.createRun, (config)));
        policy.add(address(vault), abi.encodeCall(vault.claim, (run)));
        policy.add(address(registry), abi.encodeCall(registry.bond, (run, address(policy), 1)));
        policy.add(address(token), abi.encodeCall(token.transfer, (address(this), 1)));
    }

    function _equivocation(address offender) private view returns (Equivocation memory proof) {
        (proof.firstContent, proof.secondContent) = ("a", "b");
        bytes32 digest = ledger.statementDigest(StatementKind.Receipt, run, 0, 0, 0, "a");
        proof.firstSignature = signCompact(keyOf[offender], digest);
        digest = ledger.statementDigest(StatementKind.Receipt, run, 0, 0, 0, "b");
        proof.secondSignature = signCompact(keyOf[offender], digest);
    }

    function test_TrustsTooMuch() public {
        _assertFallback(new TrustsTooMuch());
    }

    function test_PunishesMoreThanABond() public {
        _assertFallback(new PunishesMoreThanABond());
    }

    function test_PunishesASeatMoreThanABond() public {
        _assertFallback(new PunishesASeatMoreThanABond());
    }

    function test_MergesTheRefused() public {
        _assertFallback(new MergesTheRefused());
    }

    function test_AcceptsTheUnavailable() public {
        _assertFallback(new AcceptsTheUnavailable());
    }

    /// What a Sponsor may do with a policy of its own: nothing stops it, every token can be followed to its purse.
    function test_TakesTheWholeBond() public {
        _playRound(new TakesTheWholeBond());
        uint256 bondsWei = 4 * uint256(TRAINER_BOND_WEI) + 3 * uint256(VALIDATOR_BOND_WEI);
        settle();
        equal(owedByRegistry(), 0, "bonds");
        equal(vault.budgetOf(run), BUDGET_WEI + bondsWei, "budget");
        (uint256 activeTrainers, uint256 activeValidators) = ledger.activeOf(run);
        equal(activeTrainers + activeValidators, 0, "nobody is left");
        assertTokensAddUp();

        vm.startPrank(sponsor);
        ledger.finish(run);
        vault.claim(run);
        vm.stopPrank();
        equal(token.balanceOf(sponsor), BUDGET_WEI + bondsWei, "all of it is the Sponsor's");
        assertTokensAddUp();
    }

    function test_APolicyThatIsNotThere() public {
        vm.expectRevert(abi.encodeWithSignature("RunLedgerInvalidConfig(string)", "policy"));
        ledger.createRun(defaultConfig(IPolicy(address(0xdead))));
    }

    /// A settler that passes on too little gas must not be able to make a good policy look broken.
    function testFuzz_AStarvedPolicyIsNotAFallback(uint256 gasLimit) public {
        _playRound(new Overpays());
        Ballots memory supplied = ballots();
        Certificate memory certified = certificate();
        vm.prank(ledger.proposerOf(run, 0));
        try ledger.settle{gas: bound(gasLimit, 100_000, 8_200_000)}(run, supplied, certified, 99) {
            revert("settled with less gas than the policy may use");
        } catch {
            equal(ledger.stateOf(run).number, 0, "the round is still open");
        }
    }
}
