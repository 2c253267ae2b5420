import { readFileSync, writeFileSync } from 'node:fs';
import {
  billion,
  drawOf,
  drawn,
  duties,
  type Effect,
  type Input,
  openRound,
  rejections,
  type RunState,
  stalenessWeight,
  step,
  tallies,
  unavailable,
} from '#libs/protocol';
import { digestOf, openRun, receiptOf, run, schemes, trainerId, validatorId } from '../soak/cast.ts';

/** The parts of docs/protocol.md that are computed: by name, what stands between their marks. */
export function computedParts(): Readonly<Record<string, string>> {
  return { rejections: rejectionTable(), example: workedExample() };
}

export const protocolPage = new URL('../../docs/protocol.md', import.meta.url);

/** The page with its computed parts as they are now. */
export function withComputedParts(page: string): string {
  return Object.entries(computedParts()).reduce((text, [name, part]) => {
    const [begin, end] = [`<!-- computed: ${name} -->`, `<!-- end: ${name} -->`];
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`docs/protocol.md has no place for "${name}"`);
    return `${text.slice(0, from + begin.length)}\n\n${unformatted(part)}\n\n${text.slice(to)}`;
  }, page);
}

const unformatted = (part: string): string =>
  `<!-- prettier-ignore-start -->\n\n${part}\n\n<!-- prettier-ignore-end -->`;

export function writeProtocolPage(): void {
  writeFileSync(protocolPage, withComputedParts(readFileSync(protocolPage, 'utf8')));
}

function rejectionTable(): string {
  const rows = Object.entries(rejections).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return ['| code | the input is |', '| --- | --- |', ...rows].join('\n');
}

const bonds = [40n, 35n, 25n];
/** A row for each Validator, a column for each Trainer. */
const scores = [
  [120, -40, unavailable],
  [90, -300, unavailable],
  [400, -60, 55],
];

/** One round under SSP, run through `step`; every number below comes out of it. */
function workedExample(): string {
  const lines: string[] = [];
  let state: RunState = openRun({ scheme: { ...schemes.ssp, periodMs: 60_000 } }, 4, bonds);
  const asked: Effect[] = [];
  const feed = (atMs: number, said: object) => {
    const result = step(state, { ...said, atMs } as Input);
    state = result.state;
    asked.push(...result.effects);
    return result.effects;
  };
  const say = (sentence: string) => {
    lines.push(`- ${sentence}`);
  };
  const row = (...cells: readonly unknown[]) => {
    lines.push(`| ${cells.join(' | ')} |`);
  };

  const draw = drawOf(0, run);
  const committee = openRound(state)!.committee;
  const turns = [0, 1, 2].map((attempt) => drawn.proposer(committee, draw, attempt)!);
  say(
    `Four Trainers T0 to T3, three Validators V0 to V2 in seats 0 to 2, with bonds of ${bonds.join(', ')}; SSP with a period of 60 s.`,
  );
  say(
    `The draw of round 0 is \`${draw.slice(0, 10)}…\`; modulo 3 it is ${String(BigInt(draw) % 3n)}, so the proposers are ${turns.map(validatorName).join(', ')}.`,
  );

  const receipts = [0, 1, 2].map((i) => receiptOf(trainerId(i), 0, 0));
  for (const receipt of receipts) feed(20_000, { kind: 'receipt', receipt });
  feed(60_000, { kind: 'time' });
  const round = openRound(state)!;
  say(
    `At 60 s one of four is missing: the phase is extended by 60 s x 1/4, to ${round.phase.dueMs / 1000} s, and then closes without T3.`,
  );
  const proposal = feed(round.phase.dueMs, { kind: 'time' }).find(
    (effect) => effect.kind === 'proposeLineup',
  )!;
  say(
    `${validatorName(proposal.to)} proposes a lineup of ${proposal.entries.length}; without a lineup on the ledger the round would be void at ${openRound(state)!.lineupByMs / 1000} s.`,
  );

  feed(80_000, { kind: 'lineup', round: 0, lineup: digestOf('lineup'), entries: proposal.entries });
  for (const i of [0, 1])
    feed(81_000, { kind: 'opened', round: 0, trainer: trainerId(i), sequence: 0, intact: true });
  feed(openRound(state)!.phase.dueMs, { kind: 'time' });
  for (const i of [0, 1, 2])
    feed(85_000, { kind: 'commit', round: 0, validator: validatorId(i), commitment: digestOf('commit', i) });
  for (const i of [0, 1, 2])
    feed(86_000, { kind: 'reveal', round: 0, validator: validatorId(i), scores: scores[i] });
  lines.push('');
  row('', 'bond', 'T0', 'T1', 'T2');
  row('---', '---', '---', '---', '---');
  bonds.forEach((bond, i) => {
    row(`V${i}`, bond, ...scores[i]!.map((score) => (score === unavailable ? 'unavailable' : score)));
  });
  const phase = openRound(state)!.phase;
  const counted = phase.kind === 'settlement' ? phase.tallies : [];
  row(
    'tally',
    bonds.reduce((a, b) => a + b),
    ...counted,
  );
  lines.push('');
  say(
    'T0: ascending 90 (35), 120 (35 + 40 = 75); 75 x 2 >= 100, so 120. T2: 75 of 100 report "unavailable", more than half.',
  );
  say(
    `With V0 and V1 alone, T1 would have ${String(
      tallies(
        bonds.slice(0, 2).map((bondWei, i) => ({ bondWei, scores: scores[i]! })),
        3,
      )[1],
    )}: V0 holds 40 of 75.`,
  );

  const verdicts = [0, 1, 2].map((i) => ({
    accepted: i < 2,
    tally: counted[i]!,
    weight: i === 0 ? 600_000_000 : 450_000_000,
  }));
  feed(87_000, {
    kind: 'preview',
    round: 0,
    parent: digestOf('parent'),
    outcome: { verdicts, trusts: [], rewards: [], penalties: [] },
  });
  const merge = asked.find((effect) => effect.kind === 'merge')!;
  const weights = merge.entries.map(({ weight }) => weight / billion);
  say(
    `The contract accepts T0 and T1 with weights 0.6 and 0.45; both are fresh, so the merge has ${weights.join(' and ')}.`,
  );
  const stale = stalenessWeight({ kind: 'power', exponent: { numerator: 1, denominator: 2 } }, 2);
  say(`Two versions old, T1 would count ${stale} billionths of that: (1 + 2)^-1/2, rounded down.`);

  const model = digestOf('model');
  const signed = (i: number) =>
    feed(88_000, {
      kind: 'certificateSignature',
      round: 0,
      parent: digestOf('parent'),
      validator: validatorId(i),
      model,
    });
  const after = [signed(2), signed(1)].map((effects) => effects.some(({ kind }) => kind === 'settle'));
  say(
    `V2 signs the merged model: 25 of 100 is ${after[0] === true ? 'a' : 'no'} quorum. V1 signs it: 60 of 100 is ${after[1] === true ? 'one' : 'none'}, and ${validatorName(turns[0]!)} settles.`,
  );
  feed(90_000, {
    kind: 'settlement',
    round: 0,
    outcome: { verdicts, trusts: [], rewards: [], penalties: [] },
    model,
  });
  const openings = duties(state).map(({ kind, round: number }) => `\`${kind}\` ${number}`);
  feed(92_000, { kind: 'open', round: 1, committee });
  say(
    `Version ${state.version} is released; anybody is asked to ${openings.join()}. The ledger opens it at 92 s, and the training phase has a deadline of ${openRound(state)!.phase.dueMs / 1000} s.`,
  );
  return lines.join('\n');
}

const validatorName = (id: string): string => `V${[0, 1, 2].findIndex((i) => validatorId(i) === id)}`;
