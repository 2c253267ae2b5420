import type { RunFolder } from '../folder/reader.ts';
import { gini, mean, spearman } from '../statistics/index.ts';
import { actorsOf, settlementsOf, type Settled } from './actors.ts';
import { reachLevels } from './catalogue.ts';
import type { ActorFigures, RoundFigures, TrialFigures } from './figures.ts';
import { operationOf } from './operations.ts';

/** Measures a run that has ended. The same folder gives the same figures, to the digit. */
export function measure(folder: RunFolder): TrialFigures {
  const { manifest, summary } = folder;
  const settlements = settlementsOf(folder.events);
  const rounds = roundsOf(folder, settlements);
  const actors = actorsOf(folder, settlements);
  const metrics: Record<string, number> = {
    ...accuracies(rounds),
    'attack.success': folder.rounds.findLast(({ test }) => test !== null)?.test?.attack ?? NaN,
    ...times(rounds),
    virtual_s: (summary?.virtualMs ?? 0) / 1000,
    'rounds.released': count(rounds, ({ outcome }) => outcome === 'released'),
    'rounds.settled': count(rounds, ({ outcome }) => outcome === 'settled'),
    'rounds.void': count(rounds, ({ outcome }) => outcome === 'void'),
    ...casts(actors),
    // Where nobody votes, there is nothing to say of votes and money.
    ...(folder.plan.coordination === 'flobc' ? judgements(actors, [...settlements.values()]) : {}),
    ...gas(folder),
    'bytes.message': total(rounds, ({ messageBytes }) => messageBytes),
    'bytes.blob': total(rounds, ({ blobBytes }) => blobBytes),
    'bytes.round': total(rounds, (round) => round.messageBytes + round.blobBytes) / rounds.length,
  };
  return {
    format: 'flobc.figures',
    version: 1,
    run: manifest.run,
    outcome: summary?.outcome ?? 'stopped',
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, told(value)])),
    rounds,
    actors,
  };
}

/** What is not there is null, and what is has no more digits than mean something. */
const told = (value: number): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(12)) : null;

const count = <T>(all: readonly T[], isCounted: (one: T) => boolean): number => all.filter(isCounted).length;
const total = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((sum, one) => sum + of(one), 0);

function roundsOf({ rounds }: RunFolder, settlements: ReadonlyMap<number, Settled>): RoundFigures[] {
  return rounds.map(({ round, outcome, toMs, test, verdicts, gasUsed, messageBytes, blobBytes }) => {
    const settled = settlements.get(round);
    return {
      round,
      outcome,
      seconds: toMs / 1000,
      accuracy: test?.accuracy ?? null,
      loss: test?.loss ?? null,
      ...verdicts,
      gas: Number(gasUsed),
      messageBytes,
      blobBytes,
      staleness: told(mean(settled ? stalenessesOf(settled) : [])),
    };
  });
}

const stalenessesOf = ({ version, entries }: Settled): number[] => entries.map(({ base }) => version - base);

function accuracies(rounds: readonly RoundFigures[]): Record<string, number> {
  const measured = rounds.filter(({ accuracy }) => accuracy !== null);
  const best = Math.max(...measured.map(({ accuracy }) => accuracy!));
  const lastLoss = rounds.findLast(({ loss }) => loss !== null)?.loss;
  return {
    'accuracy.final': measured.at(-1)?.accuracy ?? NaN,
    'accuracy.best': best,
    'accuracy.best_round': measured.find(({ accuracy }) => accuracy === best)?.round ?? NaN,
    'loss.final': lastLoss ?? NaN,
  };
}

function times(rounds: readonly RoundFigures[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const level of reachLevels) {
    const first = rounds.find(({ accuracy }) => accuracy !== null && accuracy >= level);
    const percent = Math.round(100 * level);
    all[`reach.${percent}`] = first?.seconds ?? NaN;
    all[`reach_round.${percent}`] = first?.round ?? NaN;
  }
  return all;
}

const isHonest = ({ behaviour }: ActorFigures): boolean => behaviour === 'honest';
/** Slow, down or silent: what such a Trainer sends is as good as anybody's, and a verdict that accepts it is right. */
const sendsHonestUpdates = ({ behaviour }: ActorFigures): boolean =>
  ['honest', 'straggler', 'crash', 'withholdKey'].includes(behaviour);
const isTrainer = ({ role }: ActorFigures): boolean => role === 'trainer';

function casts(actors: readonly ActorFigures[]): Record<string, number> {
  const trainers = actors.filter(isTrainer);
  const validators = actors.filter((actor) => !isTrainer(actor));
  const hostile = (all: readonly ActorFigures[]) => count(all, (actor) => !isHonest(actor));
  return {
    trainers: trainers.length,
    'trainers.hostile': hostile(trainers),
    validators: validators.length,
    'validators.hostile': hostile(validators),
  };
}

function judgements(actors: readonly ActorFigures[], settled: readonly Settled[]): Record<string, number> {
  const trainers = actors.filter(isTrainer);
  const [honest, hostile] = [trainers.filter(isHonest), trainers.filter((actor) => !isHonest(actor))];
  const good = trainers.filter(sendsHonestUpdates);
  const bad = trainers.filter((actor) => !sendsHonestUpdates(actor));
  const verdicts = (all: readonly ActorFigures[], kind?: string) =>
    total(all, ({ verdict }) =>
      count(verdict, (one) => one !== null && (kind === undefined || one === kind)),
    );
  const refusedBad = verdicts(bad, 'refused');
  const refused = verdicts(trainers, 'refused');
  const stalenesses = settled.flatMap(stalenessesOf);
  const trustAt = (all: readonly ActorFigures[], round = -1) =>
    all.map(({ trust }) => trust.at(round) ?? NaN);
  const rewards = (isOne: (actor: ActorFigures) => boolean) =>
    gini(actors.filter(isOne).map(({ reward }) => reward.at(-1) ?? 0));
  const strengths = trainers.map(({ strength }) => strength);
  return {
    'updates.accepted': verdicts(trainers, 'accepted'),
    'updates.refused': refused,
    'updates.unavailable': verdicts(trainers, 'unavailable'),
    'verdict.precision': refused === 0 ? NaN : refusedBad / refused,
    'verdict.recall': refusedBad / verdicts(bad),
    'verdict.false_refusals': verdicts(good, 'refused') / verdicts(good),
    'honest.punished': count(honest, ({ penalty }) => (penalty.at(-1) ?? 0) > 0) / honest.length,
    'penalty.honest': total(actors.filter(isHonest), ({ penalty }) => penalty.at(-1) ?? 0),
    'penalty.hostile': total(
      actors.filter((actor) => !isHonest(actor)),
      ({ penalty }) => penalty.at(-1) ?? 0,
    ),
    'trust.honest': mean(trustAt(honest)),
    'trust.hostile': mean(trustAt(hostile)),
    'trust.strength': spearman(trustAt(trainers), strengths),
    'trust.strength_5': spearman(trustAt(trainers, 4), strengths),
    'gini.trainers': rewards(isTrainer),
    'gini.validators': rewards((actor) => !isTrainer(actor)),
    'staleness.mean': mean(stalenesses),
    'staleness.most': stalenesses.length === 0 ? NaN : Math.max(...stalenesses),
    ...profits(actors),
  };
}

/** What an actor of each behaviour is left with, and how much better it did than an honest one: does cheating pay? */
function profits(actors: readonly ActorFigures[]): Record<string, number> {
  const byBehaviour = new Map<string, number[]>();
  for (const { role, behaviour, reward, penalty } of actors) {
    const key = `${role}.${behaviour}`;
    const profit = (reward.at(-1) ?? 0) - (penalty.at(-1) ?? 0);
    byBehaviour.set(key, [...(byBehaviour.get(key) ?? []), profit]);
  }
  const all: Record<string, number> = {};
  for (const [key, values] of byBehaviour) {
    all[`profit.${key}`] = mean(values);
    const honest = byBehaviour.get(`${key.split('.')[0]!}.honest`);
    // Below a billionth of a token is what doubles make of amounts that are equal: no advantage.
    if (!key.endsWith('.honest') && honest)
      all[`advantage.${key}`] = Math.round(1e9 * (mean(values) - mean(honest))) / 1e9;
  }
  return all;
}

function gas({ transactions, rounds }: RunFolder): Record<string, number> {
  if (transactions.length === 0) return {};
  const all: Record<string, number> = {};
  for (const { raw, gasUsed } of transactions) {
    const key = `gas.${operationOf(raw)}`;
    all[key] = (all[key] ?? 0) + Number(gasUsed);
  }
  return {
    'gas.round': Number(rounds.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)) / rounds.length,
    'gas.total': Object.values(all).reduce((sum, value) => sum + value, 0),
    ...all,
  };
}
