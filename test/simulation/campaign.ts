// One run file over several seeds: what came of each, and means with 95 % intervals. For figures in documents and notes.
//
// node bin/run.mjs campaign FILE [--seeds 1-5] [--set key=value ...] [--json]
import { parseArgs } from 'node:util';
import { openInProcessChain } from '#libs/evm';
import { loadRunFile } from '#libs/experiment';
import { type Ground, layGround, type RoundRecord, runPlan, type RunResult } from '#libs/simulation';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1-5' },
    set: { type: 'string', multiple: true, default: [] },
    /** Accuracy whose virtual time is told. */
    reach: { type: 'string', default: '0.95' },
  },
});
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const [file] = positionals;
if (file === undefined) throw new Error('which run file?');
const [first, last] = values.seeds.split('-').map(Number) as [number, number?];
const seeds = Array.from({ length: (last ?? first) - first + 1 }, (_, i) => first + i);
const reach = Number(values.reach);

interface Figures {
  readonly accuracy: number;
  readonly best: number;
  /** Virtual seconds until the test accuracy was reached; NaN if it never was. */
  readonly secondsToReach: number;
  /** Mean share of the virtual time in which Trainers did nothing. */
  readonly idle: number;
  /** 1 if no honest Trainer has less trust than a hostile one. */
  readonly hostileLowest: number;
  readonly mostHostileProfit: number;
  readonly leastHonestProfit: number;
  readonly honestRefusals: number;
  readonly honestPenalties: number;
  readonly voidRounds: number;
  readonly virtualSeconds: number;
  readonly realSeconds: number;
}

const tokens = (wei: bigint): number => Number(wei) / 1e18;

function figuresOf({ rounds, actors, accuracy, virtualMs, realSeconds }: RunResult): Figures {
  const trainers = actors.filter(({ role }) => role === 'trainer');
  const hostile = trainers.filter(({ behaviour }) => behaviour !== 'honest');
  const honest = trainers.filter(({ behaviour }) => behaviour === 'honest');
  const judged = honest.reduce((sum, { accepted, refused }) => sum + accepted + refused, 0);
  const leastTrust = Math.min(...honest.map(({ trust }) => trust ?? 0));
  return {
    accuracy: accuracy ?? NaN,
    best: Math.max(...rounds.map((round) => round.accuracy ?? 0)),
    secondsToReach: (rounds.find((round) => (round.accuracy ?? 0) >= reach)?.endedMs ?? NaN) / 1000,
    idle: mean(trainers.map(({ idle }) => idle)),
    hostileLowest: hostile.every(({ trust }) => (trust ?? 1) < leastTrust) ? 1 : 0,
    mostHostileProfit: Math.max(...hostile.map(({ profitWei }) => tokens(profitWei)), -Infinity),
    leastHonestProfit: Math.min(...honest.map(({ profitWei }) => tokens(profitWei))),
    honestRefusals: judged === 0 ? 0 : honest.reduce((sum, { refused }) => sum + refused, 0) / judged,
    honestPenalties: tokens(honest.reduce((sum, { penaltiesWei }) => sum + penaltiesWei, 0n)),
    voidRounds: rounds.filter(({ result }) => result === 'void').length,
    virtualSeconds: virtualMs / 1000,
    realSeconds,
  };
}

const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;

/** Quantiles of Student's t, 97.5 %, by degrees of freedom; beyond the table that of the normal distribution. */
const student = [
  NaN,
  12.706,
  4.303,
  3.182,
  2.776,
  2.571,
  2.447,
  2.365,
  2.306,
  2.262,
  2.228,
  2.201,
  2.179,
  2.16,
  2.145,
  2.131,
  2.12,
  2.11,
  2.101,
  2.093,
];

function interval(all: readonly number[]): number {
  const n = all.length;
  const m = mean(all);
  const deviation = Math.sqrt(all.reduce((sum, one) => sum + (one - m) ** 2, 0) / (n - 1));
  return ((student[n - 1] ?? 1.96) * deviation) / Math.sqrt(n);
}

/** Accuracy and the share of predictions by digit group, as PySyft's example tells them. */
function digitGroups({ round, accuracy, perClass, locals }: RoundRecord): string[] {
  const shares = (classes: RoundRecord['perClass']) => {
    const of = (from: number, to: number) =>
      classes.slice(from, to + 1).reduce((sum, { predicted }) => sum + predicted, 0);
    const all = of(0, 9);
    return [of(0, 3), of(4, 6), of(7, 9)].map((part) => `${((100 * part) / all).toFixed(1)} %`).join('  ');
  };
  const line = (name: string, value: number | null, classes: RoundRecord['perClass']) =>
    `  round ${round + 1} ${name}: ${(100 * (value ?? 0)).toFixed(2)} %, predicts 0-3, 4-6, 7-9: ${shares(classes)}`;
  return (locals ?? []).length === 0
    ? []
    : [
        ...locals!.map((local) => line(local.name, local.accuracy, local.perClass)),
        line('merged', accuracy, perClass),
      ];
}

let reuse: Pick<Ground, 'learner' | 'train' | 'test'> | undefined;
const all: Figures[] = [];
for (const seed of seeds) {
  const { plan } = await loadRunFile(file, [...values.set, `seed=${seed}`]);
  const ground = await layGround(plan, reuse === undefined ? {} : { reuse });
  reuse ??= ground;
  const { policy } = plan;
  if (policy.kind !== 'product') throw new Error('a campaign has a policy of the product');
  const result = await runPlan(plan, ground, {
    openChain: openInProcessChain,
    policy: { name: policy.name, parameters: policy.parameters },
  });
  const figures = figuresOf(result);
  all.push(figures);
  say(JSON.stringify({ seed, end: result.end, ...figures }));
  if (seed === seeds[0])
    for (const record of result.rounds) for (const line of digitGroups(record)) say(line);
}
await reuse?.learner.close();
say(
  `\n${file} ${values.set.join(' ')}: n = ${all.length}, seeds ${values.seeds}; mean +- 95 % interval (t), least, most`,
);
for (const key of Object.keys(all[0]!) as (keyof Figures)[]) {
  const column = all.map((one) => one[key]).filter(Number.isFinite);
  if (column.length === 0) continue;
  const spread = column.length < 2 ? '' : ` +- ${interval(column).toFixed(4)}`;
  say(
    `  ${key.padEnd(18)} ${mean(column).toFixed(4)}${spread}   ${Math.min(...column).toFixed(4)} ... ${Math.max(...column).toFixed(4)}`,
  );
}
