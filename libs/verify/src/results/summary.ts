import type { RoundRecord, RunFolder, Summary } from '#libs/experiment';
import type { Ledger } from '#libs/ports';
import { type ActorId, type Digest, find, type RunState } from '#libs/protocol';
import type { Actor } from '#libs/simulation';
import { differs, requireSame } from '../difference.ts';
import type { Span } from '../replay/replay.ts';
import type { RoundFacts } from './round-facts.ts';

const file = 'summary.json';
const place = { file };

/** Where a run stands at its end. */
export interface End {
  readonly state: RunState;
  readonly stateRoot: Digest;
  /** When the observer saw it end, since the start. */
  readonly over: Span;
  readonly actors: readonly Actor[];
  readonly facts: readonly RoundFacts[];
  readonly ledger: Ledger;
  readonly run: bigint;
}

/** summary.json, all of it but the real seconds: from the chain, from the replay, and what it adds up from the rounds. */
export async function checkSummary(summary: Summary, { rounds }: RunFolder, end: End): Promise<void> {
  const { state, stateRoot } = end;
  requireSame(place, 'has another end than the chain', { stateRoot }, { stateRoot: summary.stateRoot });
  const expected = {
    outcome: outcomeOf(state),
    rounds: countsOf(rounds),
    last: rounds.at(-1)?.test ?? null,
    best: bestOf(rounds),
    model: state.version === 0 ? null : state.release,
    gasUsed: rounds.reduce((total, { gasUsed }) => total + gasUsed, 0n),
    messageBytes: rounds.reduce((total, { messageBytes }) => total + messageBytes, 0),
    blobBytes: rounds.reduce((total, { blobBytes }) => total + blobBytes, 0),
  };
  const { outcome, rounds: counts, last, best, model, gasUsed, messageBytes, blobBytes } = summary;
  const found = { outcome, rounds: counts, last, best, model, gasUsed, messageBytes, blobBytes };
  requireSame(place, 'is not what the rounds add up to', expected, found);
  const { fromMs, toMs } = end.over;
  if (summary.virtualMs < fromMs || summary.virtualMs > toMs)
    throw differs(place, `has virtualMs ${summary.virtualMs}, and the run ended from ${fromMs} to ${toMs}`);
  requireSame(place, 'has other actors than the run', await actorsOf(rounds, end), summary.actors);
}

function outcomeOf({ stage }: RunState): Summary['outcome'] {
  return stage.kind === 'finished' || stage.kind === 'halted' ? stage.kind : 'stopped';
}

function countsOf(rounds: readonly RoundRecord[]): Summary['rounds'] {
  const count = (outcome: RoundRecord['outcome']) =>
    rounds.filter((round) => round.outcome === outcome).length;
  return { released: count('released'), settled: count('settled'), void: count('void') };
}

function bestOf(rounds: readonly RoundRecord[]): Summary['best'] {
  let best: Summary['best'] = null;
  for (const { round, test } of rounds) {
    const accuracy = test?.accuracy ?? null;
    if (accuracy !== null && accuracy > (best?.accuracy ?? -1)) best = { round, accuracy };
  }
  return best;
}

function actorsOf(rounds: readonly RoundRecord[], end: End): Promise<Summary['actors']> {
  return Promise.all(end.actors.map((actor) => actorOf(actor, rounds.length, end)));
}

/** What an actor has come to: trust and bond as the ledger has them, the rest from the settlements. */
async function actorOf(
  { id, name, role, behaviour }: Actor,
  recorded: number,
  { facts, state, ledger, run }: End,
): Promise<Summary['actors'][number]> {
  const member = await ledger.member(run, id);
  const settled = facts.flatMap((fact) => fact.settled ?? []);
  const told = facts.slice(0, recorded);
  const rewardWei = sumOf(
    settled.flatMap(({ rewards }) => rewards),
    id,
  );
  const penaltyWei = sumOf(
    settled.flatMap(({ penalties }) => penalties),
    id,
  );
  const recordedWei = sumOf(
    told.flatMap((fact) => fact.settled?.penalties ?? []),
    id,
  );
  const verdicts = told.flatMap(({ settled: outcome, entries }) =>
    entries.flatMap(({ trainer }, i) => (trainer === id ? [outcome!.verdicts[i]!] : [])),
  );
  const accepted = verdicts.filter((verdict) => verdict.accepted).length;
  return {
    site: name,
    id,
    behaviour,
    trust: role === 'trainer' ? (find(state.trainers, id)?.trust ?? member.trust) : null,
    bondWei: member.bondWei,
    rewardWei: rewardWei - penaltyWei + recordedWei,
    penaltyWei: recordedWei,
    accepted,
    refused: verdicts.length - accepted,
  };
}

const sumOf = (
  amounts: readonly { readonly actor: ActorId; readonly amountWei: bigint }[],
  id: ActorId,
): bigint => amounts.reduce((total, { actor, amountWei }) => (actor === id ? total + amountWei : total), 0n);
