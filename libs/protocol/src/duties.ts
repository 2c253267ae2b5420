import { lineupSigners, signatureKey } from './signatures.ts';
import { proposer, proposers } from './committee.ts';
import type { Duty, MergeEntry } from './effects.ts';
import { billion, type ActorId } from './ids.ts';
import { isComplete, lineupOf } from './lineup.ts';
import { attendanceOf, type Trainer } from './members.ts';
import { isExpected } from './reduce/round.ts';
import { schemeOf } from './schemes/index.ts';
import { stalenessWeight } from './staleness.ts';
import {
  type CommitPhase,
  entryKey,
  type LineupPhase,
  openRound,
  type Outcome,
  type Round,
  type RunState,
  type SettlementPhase,
} from './state.ts';
import { find, valuesOf } from './table.ts';

/**
 * Everything that is due in a state, and by whom. `step` asks for a duty when it arises; a node that starts again in the
 * middle of a round asks this.
 */
export function duties(state: RunState): Duty[] {
  const round = openRound(state);
  return round === null ? [] : [...trainingDuties(state, round), ...phaseDuties(state, round)];
}

export function trainingDuties(state: RunState, round: Round): Duty[] {
  return valuesOf(state.trainers).flatMap((trainer) => trainingDuty(state, round, trainer));
}

/** What a Trainer has to do: train on the newest release, or nothing. */
export function trainingDuty(state: RunState, round: Round, trainer: Trainer): Duty[] {
  const { startsAgain, updatesPerRound } = schemeOf(state.config.scheme);
  const ofRound = trainer.unused.filter((held) => held.round === round.number).length;
  const wanted = startsAgain
    ? ofRound < updatesPerRound
    : round.phase.kind === 'training' &&
      ofRound < updatesPerRound &&
      attendanceOf(trainer, true, round.version).current === 0;
  if (!wanted || !isExpected(state.config, trainer, round)) return [];
  return [{ kind: 'startTraining', to: trainer.id, round: round.number, base: round.version }];
}

/** What is due in the phase that a round is in, apart from training. */
export function phaseDuties(state: RunState, round: Round): Duty[] {
  const { phase } = round;
  switch (phase.kind) {
    case 'training':
      return [];
    case 'lineup':
      return lineupDuties(state, round, phase);
    case 'opening':
      return phase.lineup.entries
        .filter(({ trainer, sequence }) => find(phase.opened, entryKey(trainer, sequence)) === undefined)
        .map(({ trainer, sequence, receipt }) => ({
          kind: 'publishKey',
          to: trainer,
          round: round.number,
          sequence,
          receipt,
        }));
    case 'commit':
      return commitDuties(round, phase);
    case 'reveal':
      return round.committee
        .filter(
          ({ id }) => find(phase.commitments, id) !== undefined && find(phase.ballots, id) === undefined,
        )
        .map(({ id }) => ({
          kind: 'revealBallot',
          to: id,
          round: round.number,
          lineup: phase.lineup.digest,
        }));
    case 'settlement':
      return settlementDuties(state, round, phase);
  }
}

function lineupDuties(state: RunState, round: Round, phase: LineupPhase): Duty[] {
  const { number, parent, committee } = round;
  const proposals = valuesOf(phase.proposals);
  const placing = proposals.flatMap((proposal): Duty[] => {
    const signers = lineupSigners(state, round, phase.signatures, proposal);
    if (signers === null) return [];
    const { proposer: to, attempt, lineup, entries } = proposal;
    return [{ kind: 'placeLineup', to, round: number, attempt, lineup, entries, signers }];
  });
  // Whichever stands on the ledger first is the lineup; there is nothing to gain from more signatures.
  if (placing.length > 0) return placing;
  const signing = proposals
    .filter(({ entries }) => isComplete(state, phase.required, entries))
    .flatMap(({ attempt, lineup }) =>
      committee
        .filter(({ id }) => find(phase.signatures, signatureKey(attempt, id)) === undefined)
        .map(({ id }): Duty => ({ kind: 'signLineup', to: id, round: number, attempt, parent, lineup })),
    );
  const { attempt } = phase;
  const to = proposer(state, number, attempt);
  const entries = lineupOf(state, round);
  const proposed =
    proposals.some((proposal) => proposal.attempt === attempt) || entries.length === 0 || to === undefined;
  return proposed
    ? signing
    : [...signing, { kind: 'proposeLineup', to, round: number, attempt, parent, entries }];
}

function commitDuties(
  { number, version, committee }: Round,
  { lineup, opened, scored, commitments }: CommitPhase,
): Duty[] {
  const entries = lineup.entries.map((entry) => ({
    ...entry,
    intact: find(opened, entryKey(entry.trainer, entry.sequence)) === true,
  }));
  return committee
    .filter(({ id }) => find(commitments, id) === undefined)
    .map(({ id }) =>
      find(scored, id) === true
        ? { kind: 'commitBallot', to: id, round: number, lineup: lineup.digest }
        : { kind: 'score', to: id, round: number, lineup: lineup.digest, base: version, entries },
    );
}

function settlementDuties(state: RunState, round: Round, phase: SettlementPhase): Duty[] {
  const { number, version, committee } = round;
  const { attempt, preview, tallies, certified } = phase;
  const last = attempt >= proposers(state, number);
  if (certified !== null || last) {
    const to = last ? 'anybody' : proposer(state, number, attempt);
    return to === undefined ? [] : [{ kind: 'settle', to, round: number, attempt, tallies, certified }];
  }
  if (preview === null) {
    return committee.map(({ id }) => ({
      kind: 'previewSettlement',
      to: id,
      round: number,
      attempt,
      tallies,
    }));
  }
  const entries = mergeEntries(state, round, phase, preview.outcome);
  const due = (to: ActorId): Duty[] => {
    const model = find(phase.merged, to);
    if (model === undefined) return [{ kind: 'merge', to, round: number, base: version, entries }];
    if (find(phase.signatures, to) !== undefined) return [];
    return [{ kind: 'signCertificate', to, round: number, parent: preview.parent, model }];
  };
  return committee.flatMap(({ id }) => due(id));
}

/** The accepted updates of a lineup with their weights: the policy's times the staleness', in billionths, rounded down. */
function mergeEntries(
  state: RunState,
  round: Round,
  { lineup }: SettlementPhase,
  { verdicts }: Outcome,
): MergeEntry[] {
  const { staleness } = schemeOf(state.config.scheme);
  return lineup.entries.flatMap((entry, i) => {
    const verdict = verdicts[i];
    if (verdict?.accepted !== true) return [];
    const stale = BigInt(stalenessWeight(staleness, round.version - entry.base));
    return [{ ...entry, weight: Number((BigInt(verdict.weight) * stale) / BigInt(billion)) }];
  });
}
