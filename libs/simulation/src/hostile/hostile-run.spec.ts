import { beforeAll, describe, expect, test } from 'vitest';
import { openInProcessChain } from '#libs/evm';
import { parseRunFile } from '#libs/experiment';
import type { ActorId, Event } from '#libs/protocol';
import { layGround } from '../run/ground.ts';
import type { ActorResult, RoundRecord } from '../run/observer.ts';
import { simulate } from '../run/simulate.ts';

// What the protocol does about hostile actors, in whole runs: real training, real votes, real contracts. One run with
// Trainers of whom most are honest, one with Validators of whom most are.

const runFile = (actors: string): string => `
name: hostile-actors
seed: 3
rounds: 4
model: mlp-200
data: { dataset: mnist, partition: iid, samplesPerTrainer: 300, samplesPerValidator: 300, testSamples: 200 }
training: { epochs: 1, batchSize: 32, optimizer: { kind: sgd, learningRate: 0.1 } }
scheme: bsp
scoring: leaveOneOut
policy: ProportionalPolicy
${actors}`;

interface Seen {
  readonly rounds: readonly RoundRecord[];
  readonly actors: readonly ActorResult[];
  readonly events: readonly Event[];
  /** By its kind of behaviour, in the order of the plan. */
  of(behaviour: string): ActorResult;
  /** Tallies of a Trainer, round by round; null: unavailable. */
  tallies(behaviour: string): (number | null)[];
  penalties(behaviour: string): number;
}

async function run(actors: string, overrides: readonly string[] = []): Promise<Seen> {
  const { plan } = await parseRunFile(runFile(actors), {
    file: 'hostile.yaml',
    folder: '.',
    overrides,
  });
  const ground = await layGround(plan, { workers: 1 });
  const events: Event[] = [];
  const result = await simulate(plan, ground, {
    openChain: openInProcessChain,
    policy: { name: 'ProportionalPolicy' },
    observer: {
      events: (happened) => {
        events.push(...happened);
      },
    },
  }).finally(() => ground.learner.close());
  const of = (behaviour: string) => result.actors.find((actor) => actor.behaviour === behaviour)!;
  return {
    ...result,
    events,
    of,
    tallies: (behaviour) =>
      result.rounds.flatMap(({ verdicts }) =>
        verdicts.filter(({ trainer }) => trainer === of(behaviour).id).map(({ tally }) => tally),
      ),
    penalties: (behaviour) =>
      result.rounds.filter(({ penalties }) => penalties.some(({ actor }) => actor === of(behaviour).id))
        .length,
  };
}

describe('hostile Trainers in a run', () => {
  let seen: Seen;
  beforeAll(async () => {
    seen = await run(`
validators: 3
trainers:
  count: 9
  behaviours:
    - { kind: signFlip, at: [0] }
    - { kind: copycat, at: [1] }
    - { kind: badBytes, with: nan, at: [2] }
    - { kind: withholdKey, at: [3] }
`);
  });

  test('do not keep it from releasing a model in every round', () => {
    expect(seen.rounds.map(({ result }) => result)).toEqual(Array(4).fill('released'));
  });

  test('who flip signs are not paid, merged at most once, and trusted less than anybody honest', () => {
    const { accepted, rewardsWei, trust } = seen.of('signFlip');
    expect(rewardsWei).toBe(0n);
    expect(accepted).toBeLessThanOrEqual(1);
    const honest = seen.actors.filter(({ role, behaviour }) => role === 'trainer' && behaviour === 'honest');
    for (const one of honest) expect(one.trust).toBeGreaterThan(trust!);
  });

  test('who copy are found out from the second round on, with the lowest score that there is', () => {
    const [first, ...others] = seen.tallies('copycat');
    expect(first).toBeGreaterThan(-32_767);
    expect(others.length).toBeGreaterThanOrEqual(2);
    expect(new Set(others)).toEqual(new Set([-32_767]));
  });

  test('whose updates cannot be read are refused, at no cost but the reward', () => {
    for (const behaviour of ['badBytes', 'withholdKey']) {
      expect(seen.tallies(behaviour)).toEqual(Array(4).fill(null));
      const { accepted, profitWei } = seen.of(behaviour);
      expect({ accepted, profitWei }).toEqual({ accepted: 0, profitWei: 0n });
    }
  });
});

describe('hostile Validators in a run', () => {
  let seen: Seen;
  beforeAll(async () => {
    seen = await run(`
trainers: 5
validators:
  count: 9
  behaviours:
    - { kind: copyBallot, at: [0] }
    - { kind: wrongDigest, at: [1] }
    - { kind: censor, trainers: [2], at: [2] }
    - { kind: voteFlip, at: [3] }
    - { kind: absent, p: 1, at: [4] }
`);
  });

  test('do not keep it from releasing a model in every round', () => {
    expect(seen.rounds.map(({ result }) => result)).toEqual(Array(4).fill('released'));
  });

  test('who copy a ballot cannot reveal it, and pay for that', () => {
    expect(seen.penalties('copyBallot')).toBeGreaterThanOrEqual(2);
    const { id } = seen.of('copyBallot');
    for (const { agreement } of seen.rounds)
      expect(agreement.map(({ validator }) => validator)).not.toContain(id);
  });

  test('who flip their votes are furthest from the tallies, and are paid less than who does not', () => {
    const flipper = seen.of('voteFlip');
    const honest = seen.actors.filter(
      ({ role, behaviour }) => role === 'validator' && behaviour === 'honest',
    );
    for (const { rewardsWei } of honest) expect(rewardsWei).toBeGreaterThan(flipper.rewardsWei);
    for (const { agreement } of seen.rounds) {
      const furthest = agreement.toSorted((a, b) => b.distanceBp - a.distanceBp)[0]!;
      expect(furthest.validator).toBe(flipper.id);
    }
  });

  test('who leave a Trainer out propose in vain: it is in every lineup', () => {
    const victim = seen.actors.find(({ name }) => name === 'trainer-2')!.id;
    for (const { verdicts } of seen.rounds) expect(verdicts.map(({ trainer }) => trainer)).toContain(victim);
    const censor = seen.of('censor').id;
    for (const event of seen.events)
      if (event.kind === 'lineupProposed' && event.proposer === censor)
        expect(event.entries.map(({ trainer }) => trainer)).not.toContain(victim);
  });

  test('who are absent say nothing at all, and pay for that', () => {
    const { id } = seen.of('absent');
    expect(seen.events.filter((event) => saidBy(event) === id)).toEqual([]);
    expect(seen.penalties('absent')).toBe(2);
  });
});

/** Whose statement, commitment or ballot an event is about. */
function saidBy(event: Event): ActorId | null {
  if (event.kind === 'lineupProposed') return event.proposer;
  return 'validator' in event ? event.validator : null;
}

describe('Trainers that mean well', () => {
  const three = (behaviours: string) =>
    run(`validators: 2\ntrainers: { count: 3, behaviours: [${behaviours}] }`, ['rounds=2']);

  test('and crash or are slow make the same updates as others, later', async () => {
    const [honest, late] = [
      await three(''),
      await three('{ kind: crash, p: 1, down: 20 s, at: [0] }, { kind: straggler, mean: 100, at: [1] }'),
    ];
    const outcome = ({ rounds }: Seen) => rounds.map(({ verdicts, accuracy }) => ({ verdicts, accuracy }));
    expect(outcome(late)).toEqual(outcome(honest));
    for (const { openedMs, endedMs } of late.rounds) expect(endedMs - openedMs).toBeGreaterThan(20_000);
    for (const { openedMs, endedMs } of honest.rounds) expect(endedMs - openedMs).toBeLessThan(20_000);
  });
});
