import { type LoadedRunFile, parseRunFile } from '#libs/experiment';
import { type Generator, generator } from '#libs/random';

/** A small run with faults and hostile actors, all of it drawn from a seed. */
export async function scenarioOf(seed: number): Promise<LoadedRunFile['plan']> {
  const draw = generator(seed).split('scenario');
  const { plan } = await parseRunFile(JSON.stringify(runFileOf(seed, draw), null, 2), {
    file: `seed ${seed}`,
    folder: '.',
  });
  return plan;
}

const rounds = 6;
/** About as long as these runs take in virtual time. */
const spanMs = 90_000;

function runFileOf(seed: number, draw: Generator): object {
  const trainers = 4 + draw.integer(4);
  const validators = 3 + draw.integer(3);
  return {
    name: 'soak',
    seed: `soak ${seed}`,
    rounds,
    model: 'logistic',
    data: { dataset: 'mnist', samplesPerTrainer: 60, samplesPerValidator: 60, testSamples: 200 },
    training: { optimizer: { kind: 'sgd', learningRate: 0.05 } },
    trainers: { count: trainers, behaviours: hostileTrainers(draw, trainers) },
    validators: { count: validators, behaviours: hostileValidators(draw, validators) },
    scheme: pick(draw, [
      { kind: 'bsp', period: '15 s' },
      { kind: 'ssp', period: '8 s', maxStaleness: 3 },
      { kind: 'bap', quorumRatio: 0.6, maxWait: '15 s' },
      { kind: 'buffered', capacity: 3, maxWait: '15 s' },
    ]),
    policy: pick(draw, ['ProportionalPolicy', 'EmaPolicy', 'FlatPolicy']),
    windows: {
      gathering: '60 s',
      lineup: '8 s',
      opening: '8 s',
      commit: '8 s',
      reveal: '8 s',
      settlement: '8 s',
    },
    network: networkOf(draw, validators),
  };
}

/** A minority does otherwise than it should; whoever takes part at all is enough for a round. */
function hostileTrainers(draw: Generator, count: number): object[] {
  const kinds = [
    { kind: 'noise', std: 0.5 },
    { kind: 'signFlip' },
    { kind: 'labelFlip' },
    { kind: 'scale', factor: 10 },
    { kind: 'freeRide', with: 'zeros' },
    { kind: 'copycat' },
    { kind: 'straggler', mean: 3 },
    { kind: 'crash', p: 0.3, down: '6 s' },
    { kind: 'badBytes', with: pick(draw, ['nan', 'shape', 'truncated']) },
    { kind: 'withholdKey', p: 0.7 },
  ];
  return spread(draw, kinds, count, Math.floor((count - 1) / 2));
}

/** Fewer than a third, so that the honest ones are a quorum in a committee of any size. */
function hostileValidators(draw: Generator, count: number): object[] {
  const kinds = [
    { kind: 'lazy', with: 'random' },
    { kind: 'voteFlip' },
    { kind: 'absent', p: 0.5 },
    { kind: 'neverReveal' },
    { kind: 'copyBallot' },
    { kind: 'wrongDigest' },
    { kind: 'censor', trainers: [0] },
  ];
  return spread(draw, kinds, count, Math.floor((count - 1) / 3) || (count === 3 ? 1 : 0));
}

/** Some of the kinds, each at a place of its own. */
function spread(draw: Generator, kinds: readonly object[], count: number, most: number): object[] {
  const places = draw.permutation(count).subarray(0, draw.integer(most + 1));
  return [...places].map((place) => ({ ...pick(draw, kinds), at: [place] }));
}

function networkOf(draw: Generator, validators: number): object {
  const cut = draw.integer(spanMs);
  const crash = draw.integer(spanMs);
  return {
    latency: `${10 + draw.integer(100)} ms`,
    jitter: draw.integer(2) === 0 ? '0 ms' : `${draw.integer(300)} ms`,
    loss: draw.integer(3) / 20,
    duplication: draw.integer(3) / 20,
    reordering: draw.integer(3) / 20,
    block: `${200 + draw.integer(1500)} ms`,
    partitions:
      draw.integer(3) === 0
        ? [{ from: `${cut} ms`, to: `${cut + 20_000} ms`, sites: [`validator-${draw.integer(validators)}`] }]
        : [],
    crashes:
      draw.integer(2) === 0
        ? [
            {
              site: pick(draw, ['scheduler', 'trainer-0', `validator-${validators - 1}`]),
              at: `${crash} ms`,
              down: `${draw.integer(30_000)} ms`,
            },
          ]
        : [],
  };
}

const pick = <T>(draw: Generator, values: readonly T[]): T => values[draw.integer(values.length)]!;
