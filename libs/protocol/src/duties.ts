import { lineupSigners, signatureKey } from './signatures.ts';
import { proposer } from './committee.ts';
import type { Duty, MergeEntry } from './effects.ts';
import { type ActorId, billion, type Digest } from './ids.ts';
import { lineupOf, missingFrom } from './lineup.ts';
import { type Trainer, usable } from './members.ts';
import { isAsked } from './reduce/round.ts';
import { canOpen } from './roster.ts';
import { schemeOf } from './schemes/index.ts';
import { stalenessWeight } from './staleness.ts';
import {
  type CommitPhase,
  entryKey,
  type Lineup,
  type LineupPhase,
  openRound,
  type Outcome,
  type Preview,
  type Proposal,
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
  return round === null
    ? openRoundDuty(state)
    : [...trainingDuties(state, round), ...phaseDuties(state, round)];
}

/** A round waits for nothing but to be opened on the ledger. */
export function openRoundDuty(state: RunState): Duty[] {
  return state.stage.kind === 'gathering' && canOpen(state)
    ? [{ kind: 'openRound', to: 'anybody', round: state.rounds }]
    : [];
}

export function trainingDuties(state: RunState, round: Round): Duty[] {
  return valuesOf(state.trainers).flatMap((trainer) => trainingDuty(state, round, trainer));
}

/** What a Trainer has to do: train on the newest release, or nothing. */
export function trainingDuty(state: RunState, round: Round, trainer: Trainer): Duty[] {
  const { startsAgain, updatesPerRound } = schemeOf(state.config.scheme);
  const mayWait = trainer.unused.length < updatesPerRound;
  const isCurrent = usable(trainer).some(({ receipt }) => receipt.base === round.version);
  const wanted = mayWait && (startsAgain || (round.phase.kind === 'training' && !isCurrent));
  if (!wanted || !isAsked(state.config, trainer, round)) return [];
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
  const proposals = valuesOf(phase.proposals);
  const placing = proposals.flatMap((proposal) => placeLineup(state, round, phase, proposal));
  // Whichever stands on the ledger first is the lineup; there is nothing to gain from more signatures.
  if (placing.length > 0) return placing;
  return [
    ...proposals.flatMap((proposal) => signLineup(state, round, phase, proposal)),
    ...proposeLineup(state, round, phase),
  ];
}

/** Asks the proposer whose turn it is, if there is something to propose. */
export function proposeLineup(state: RunState, round: Round, { attempt, proposals }: LineupPhase): Duty[] {
  const { number, parent } = round;
  if (find(proposals, String(attempt)) !== undefined) return [];
  const to = proposer(state, number, attempt);
  const entries = lineupOf(state, round);
  return to === undefined || entries.length === 0
    ? []
    : [{ kind: 'proposeLineup', to, round: number, attempt, parent, entries }];
}

/** Asks for the signatures that a proposal lacks, if it leaves nothing out. */
export function signLineup(
  state: RunState,
  round: Round,
  phase: LineupPhase,
  { attempt, lineup, entries }: Proposal,
): Duty[] {
  if (missingFrom(state, phase.required, entries).length > 0) return [];
  const { number, parent } = round;
  return round.committee
    .filter(({ id }) => find(phase.signatures, signatureKey(attempt, id)) === undefined)
    .map(({ id }) => ({ kind: 'signLineup', to: id, round: number, attempt, parent, lineup }));
}

/** Asks the proposer to put its lineup on the ledger, once a quorum has signed it. */
export function placeLineup(
  state: RunState,
  round: Round,
  { signatures }: LineupPhase,
  proposal: Proposal,
): Duty[] {
  const signers = lineupSigners(state, round, signatures, proposal);
  if (signers === null) return [];
  const { proposer: to, attempt, lineup, entries } = proposal;
  return [{ kind: 'placeLineup', to, round: round.number, attempt, lineup, entries, signers }];
}

function commitDuties(round: Round, phase: CommitPhase): Duty[] {
  const { lineup, opened, scored, commitments } = phase;
  const entries = lineup.entries.map((entry) => ({
    ...entry,
    intact: find(opened, entryKey(entry.trainer, entry.sequence)) === true,
  }));
  return round.committee
    .filter(({ id }) => find(commitments, id) === undefined)
    .map(({ id }) =>
      find(scored, id) === true
        ? commitBallot(round, lineup, id)
        : { kind: 'score', to: id, round: round.number, lineup: lineup.digest, base: round.version, entries },
    );
}

export const commitBallot = ({ number }: Round, { digest }: Lineup, to: ActorId): Duty => ({
  kind: 'commitBallot',
  to,
  round: number,
  lineup: digest,
});

function settlementDuties(state: RunState, round: Round, phase: SettlementPhase): Duty[] {
  const { number, version, committee } = round;
  const { attempt, preview, tallies, certified } = phase;
  const last = attempt >= state.config.maxProposers;
  if (certified !== null || last) {
    const to = last ? 'anybody' : proposer(state, number, attempt);
    return to === undefined ? [] : [{ kind: 'settle', to, round: number, attempt, tallies, certified }];
  }
  if (preview === null) return previewDuties(round, phase);
  const entries = mergeEntries(state, round, phase, preview.outcome);
  return committee.flatMap(({ id: to }): Duty[] => {
    const model = find(phase.merged, to);
    if (model === undefined) return [{ kind: 'merge', to, round: number, base: version, entries }];
    return find(phase.signatures, to) === undefined ? [signCertificate(round, preview, to, model)] : [];
  });
}

/** Asks each Validator what the contract makes of the ballots. */
export function previewDuties({ number, committee }: Round, { tallies }: SettlementPhase): Duty[] {
  return committee.map(({ id }) => ({ kind: 'previewSettlement', to: id, round: number, tallies }));
}

export const signCertificate = (
  { number }: Round,
  { parent }: Preview,
  to: ActorId,
  model: Digest,
): Duty => ({
  kind: 'signCertificate',
  to,
  round: number,
  parent,
  model,
});

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
