/** The tables of docs/policies.md on whether cheating pays. */
import {
  behaviours,
  byDistance,
  byNews,
  type Closeness,
  collusion,
  deviations,
  type Mean,
  meanOf,
  meanOfSeats,
  payments,
  type World,
} from './committee.ts';
import {
  type Career,
  careers,
  freeRider,
  honestAmongHonest,
  honestBesideFlipper,
  INITIAL_TRUST,
  refusedShare,
  signFlipper,
  type Trainer,
} from './trainers.ts';
import { emaPolicy, type Policy, proportionalPolicy } from './paper.ts';

export const SEED = 'policies';
export const COMMITTEES = [3, 5, 7] as const;
export const SPREADS = [20, 50, 100, 200, 500] as const;

/** A table of means, in per cent of an equal share of the Validators' part; n = 0 where a kind has no seat. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly label: string; readonly cells: readonly Mean[] }[];
}

const world = (spreadBp: number, memory: number, rounds: number, trainers = 10): World => ({
  trainers,
  spreadBp,
  memory,
  rounds,
  seed: SEED,
});

function tabulate(
  names: readonly (keyof typeof behaviours)[],
  of: (row: number) => { label: string; world: World; validators: number },
  rows: number,
  formula: Closeness,
): Table {
  const deviants = Object.fromEntries(names.map((name) => [name, behaviours[name]]));
  return {
    columns: ['honest', ...names],
    rows: Array.from({ length: rows }, (_, i) => {
      const { label, world, validators } = of(i);
      const { honest, deviants: paid } = deviations(world, validators, deviants, formula);
      return { label, cells: [honest, ...names.map((name) => paid[name]!.earns)] };
    }),
  };
}

const grid =
  (rounds: number, memory = 0) =>
  (i: number) => {
    const validators = COMMITTEES[Math.floor(i / SPREADS.length)]!;
    const spreadBp = SPREADS[i % SPREADS.length]!;
    return {
      label: `${validators} Validators, spread ${spreadBp} bp`,
      world: world(spreadBp, memory, rounds),
      validators,
    };
  };
const GRID = COMMITTEES.length * SPREADS.length;

/** One Validator does not do its work, the others do. */
export const lazyAndHostile = (rounds: number, formula = byNews) =>
  tabulate(['random', 'constant', 'flip'], grid(rounds), GRID, formula);

/** One Validator bends what it measured. */
export const bending = (rounds: number, formula = byNews) =>
  tabulate(['shrink', 'stretch', 'lift'], grid(rounds), GRID, formula);

/** Everything that pays somewhere under distance from the tally, the formula that was replaced. */
export const underDistance = (rounds: number) =>
  tabulate(['random', 'constant', 'shrink', 'copyLast', 'copyAverage'], grid(rounds), GRID, byDistance);

const MEMORIES = [0.5, 1] as const;

/** One Validator copies the past, in worlds where the past tells something. */
export const copying = (rounds: number, formula = byNews) =>
  tabulate(
    ['copyLast', 'copyAverage', 'copyAndGuess'],
    (i) => {
      const validators = COMMITTEES[Math.floor(i / 4)]!;
      const memory = MEMORIES[Math.floor(i / 2) % 2]!;
      const spreadBp = [20, 100][i % 2]!;
      return {
        label: `${validators} Validators, spread ${spreadBp} bp, memory ${memory}`,
        world: world(spreadBp, memory, rounds),
        validators,
      };
    },
    4 * COMMITTEES.length,
    formula,
  );

/** Small lineups, three Validators, spread 100 bp. */
export const smallLineups = (rounds: number, formula = byNews) =>
  tabulate(
    ['random', 'constant', 'flip'],
    (i) => ({ label: `${i + 1} Trainers`, world: world(100, 0, rounds, i + 1), validators: 3 }),
    6,
    formula,
  );

/** All behaviours in one committee. */
export function mixed(rounds: number, formula = byNews): Table {
  const crews: (keyof typeof behaviours)[][] = [
    ['honest', 'honest', 'random'],
    ['honest', 'honest', 'honest', 'random', 'flip'],
    ['honest', 'honest', 'honest', 'honest', 'random', 'constant', 'flip'],
  ];
  const columns = ['honest', 'random', 'constant', 'flip'] as const;
  return {
    columns,
    rows: crews.flatMap((crew) =>
      SPREADS.map((spreadBp) => {
        const paid = payments(
          world(spreadBp, 0, rounds),
          crew.map((name) => behaviours[name]),
          formula,
        );
        const cells = columns.map((name) => meanOfSeats(paid.filter((_, seat) => crew[seat] === name)));
        return { label: `${crew.length} Validators, spread ${spreadBp} bp`, cells };
      }),
    ),
  };
}

/** The largest minority plays together: guesses the same, votes opposite, lifts a friend. */
export function colluding(rounds: number, formula = byNews): Table {
  const names = ['sameGuess', 'flip', 'friend'] as const;
  return {
    columns: names.flatMap((name) => ['honest', name]),
    rows: [5, 7].flatMap((validators) =>
      SPREADS.map((spreadBp) => ({
        label: `${(validators - 1) / 2} of ${validators}, spread ${spreadBp} bp`,
        cells: names.flatMap((name) => {
          const { honest, colluder } = collusion(
            world(spreadBp, 0, rounds),
            validators,
            behaviours[name],
            formula,
          );
          return [honest, colluder];
        }),
      })),
    ),
  };
}

const shown = ({ mean, half, n }: Mean) => (n === 0 ? '-' : `${mean.toFixed(1)} ± ${half.toFixed(1)}`);

export function renderTable({ columns, rows }: Table): string {
  return [
    `| | ${columns.join(' | ')} |`,
    `| --- |${' --- |'.repeat(columns.length)}`,
    ...rows.map(({ label, cells }) => `| ${label} | ${cells.map(shown).join(' | ')} |`),
  ].join('\n');
}

// ---- Trainers

const RUNS = 200;

const policies: readonly (readonly [string, Policy])[] = [
  ['ProportionalPolicy', proportionalPolicy],
  ['EmaPolicy(2000, 300)', emaPolicy(2_000, 300)],
];

const runs = (policy: Policy, trainers: readonly Trainer[]) =>
  Array.from({ length: RUNS }, (_, i) => careers(policy, trainers, INITIAL_TRUST, `${SEED}/${i}`));

const tokens = (all: readonly Career[]) =>
  meanOf(all.map(({ rewardWei, penaltyWei }) => Number(rewardWei - penaltyWei) / 1e18));

/** Thirty rounds of honest Trainers: how many of their updates are refused, how many Trainers are ever punished. */
export const honestCareers = (policy: Policy, trainers: number) => {
  const all = runs(
    policy,
    Array.from({ length: trainers }, () => honestAmongHonest),
  ).flat();
  return { refused: refusedShare(all), jails: all.reduce((sum, { jails }) => sum + jails, 0), n: all.length };
};

/** Thirty rounds of one deviating Trainer among honest ones. */
export const deviantCareers = (policy: Policy, deviant: Trainer, honest: Trainer, trainers: number) => {
  const all = runs(policy, [deviant, ...Array.from({ length: trainers - 1 }, () => honest)]);
  return {
    deviant: all.map((run) => run[0]!),
    honest: all.flatMap((run) => run.slice(1)),
    lowest: all.filter(([first, ...others]) => others.every(({ trust }) => trust > first!.trust)).length,
    n: all.length,
  };
};

export function renderTrainers(): string {
  const lines = [
    '| | refused | punished | trust after 30 rounds | tokens after 30 rounds |',
    '| --- | --- | --- | --- | --- |',
  ];
  const line = (label: string, all: readonly Career[]) => {
    const punished = all.filter(({ jails }) => jails > 0).length;
    const trust = all.reduce((sum, career) => sum + career.trust, 0) / all.length / 1e9;
    lines.push(
      `| ${label} | ${(100 * refusedShare(all)).toFixed(2)} % | ${punished} of ${all.length} | ${trust.toFixed(3)} | ${shown(tokens(all))} |`,
    );
  };
  for (const [name, policy] of policies) {
    for (const count of [5, 10, 25]) {
      line(
        `${name}, ${count} honest`,
        runs(
          policy,
          Array.from({ length: count }, () => honestAmongHonest),
        ).flat(),
      );
    }
    for (const [what, deviant, honest, count] of [
      ['sign-flipper', signFlipper, honestBesideFlipper, 7],
      ['free rider', freeRider, honestAmongHonest, 10],
    ] as const) {
      const result = deviantCareers(policy, deviant, honest, count);
      line(`${name}, 1 ${what} of ${count}`, result.deviant);
      line(`${name}, the ${count - 1} honest beside it`, result.honest);
    }
  }
  return lines.join('\n');
}
