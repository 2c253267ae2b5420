/**
 * Every number of docs/policies.md stands between two comments, `<!-- begin NAME -->` and `<!-- end NAME -->`, and comes
 * from here. To write them anew, after a change of a formula or of a world (three minutes):
 *
 *   node --conditions=source test/policies/document.ts && prettier --write docs/policies.md
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  honestAccuracyRound,
  honestRound,
  hostileAccuracyRound,
  hostileRound,
  renderCloseness,
  renderOutcome,
  renderPenalties,
  renderScores,
} from './examples.ts';
import {
  bending,
  colluding,
  copying,
  lazyAndHostile,
  mixed,
  renderTable,
  renderTrainers,
  smallLineups,
  type Table,
  underDistance,
} from './incentives.ts';
import { emaPolicy, flatPolicy, flobcPolicy, type Policy, proportionalPolicy, type Round } from './paper.ts';

const path = join(import.meta.dirname, '../../docs/policies.md');

/** Rounds behind each number of the document's tables. */
export const DOCUMENT_ROUNDS = 10_000;

const both = (policy: Policy, honest: Round, hostile: Round) =>
  `Honest:\n\n${renderOutcome(policy, honest)}\n\nHostile:\n\n${renderOutcome(policy, hostile)}`;

/** Blocks that are the same on every machine: integers. */
export const exampleBlocks: Readonly<Record<string, () => string>> = {
  'honest scores': () => renderScores(honestRound),
  'hostile scores': () => renderScores(hostileRound),
  'honest closeness': () => renderCloseness(honestRound),
  'hostile closeness': () => renderCloseness(hostileRound),
  proportional: () => both(proportionalPolicy, honestRound, hostileRound),
  ema: () => both(emaPolicy(2_000, 300), honestRound, hostileRound),
  flat: () => both(flatPolicy, honestRound, hostileRound),
  'honest accuracies': () => renderScores(honestAccuracyRound),
  'hostile accuracies': () => renderScores(hostileAccuracyRound),
  flobc: () => both(flobcPolicy(9_500, false, 2e8), honestAccuracyRound, hostileAccuracyRound),
  'flobc released': () => renderOutcome(flobcPolicy(0, true, 2e8), hostileAccuracyRound),
  penalties: renderPenalties,
};

/** Blocks that are measured. */
export const tables: Readonly<Record<string, (rounds: number) => Table>> = {
  'under distance': underDistance,
  'lazy and hostile': lazyAndHostile,
  mixed,
  bending,
  copying,
  'small lineups': smallLineups,
  colluding,
};

/** The text between the comments of a block. */
export function blockOf(document: string, name: string): string {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`docs/policies.md has no block "${name}"`);
  return document.slice(from + begin.length, to);
}

export const readDocument = () => readFileSync(path, 'utf8');

function write(): void {
  let document = readDocument();
  const all = Object.entries({
    ...exampleBlocks,
    trainers: renderTrainers,
    ...Object.fromEntries(
      Object.entries(tables).map(([name, table]) => [name, () => renderTable(table(DOCUMENT_ROUNDS))]),
    ),
  });
  for (const [name, render] of all) {
    const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
    document = document.replace(
      begin + blockOf(document, name) + end,
      () => `${begin}\n\n${render()}\n\n${end}`,
    );
  }
  writeFileSync(path, document);
}

if (process.argv[1] === import.meta.filename) write();
