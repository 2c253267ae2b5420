import pc from 'picocolors';
import { type Counts, type Money, type Report, sentenceOf, type Verification } from '#libs/verify';
import { count, duration, tokens } from '../run/text/figures.ts';

/** For people: what was checked against what, or the first difference. */
export function toText(verification: Verification): string {
  const lines =
    verification.kind === 'verified'
      ? [`${pc.green('verified')}  ${titleOf(verification)}`, '', ...checked(verification)]
      : [
          `${pc.red('not verified')}  ${titleOf(verification)}`,
          '',
          `  ${sentenceOf(verification.difference)}`,
          '',
          `Before that were as they should be: ${soFar(verification.counts)}.`,
        ];
  const notes = verification.notes.map((note) => `${pc.yellow('note')}  ${note}`);
  return [...lines, ...notes, pc.dim('docs/verify.md says what is checked, and what cannot be.'), ''].join(
    '\n',
  );
}

const titleOf = ({ path, run }: Report): string =>
  run === null ? path : `${path} (${run.name}, seed ${run.seed})`;

function checked({ counts, money, stateRoot, seconds }: Report): string[] {
  const rows = rowsOf(counts, money);
  const width = Math.max(...rows.map(([, figure]) => figure.length));
  return [
    ...rows.map(([name, figure, says]) => `  ${name.padEnd(13)} ${figure.padStart(width)}  ${pc.dim(says)}`),
    '',
    `state root ${stateRoot ?? ''}`,
    `in ${duration(1000 * seconds)}`,
  ];
}

type Row = readonly [name: string, figure: string, says: string];

function rowsOf(counts: Counts, money: Money | null): Row[] {
  const { recomputed, missing } = counts.merges;
  const rows: (Row | null)[] = [
    ['transactions', count(counts.transactions), "executed once more, with this version's contracts"],
    ['statements', count(counts.statements), 'signed by members of the run, for it'],
    ['inputs', count(counts.inputs), 'said by the ledger or a statement, or worked out once more'],
    ['events', count(counts.events), 'what the protocol makes of the inputs'],
    ['ballots', count(counts.ballots), 'what their Validators had committed to'],
    ['rounds', count(counts.rounds), 'verdicts, instants, gas'],
    ['blobs', count(counts.blobs), 'what their names say'],
    [
      'merges',
      `${count(recomputed)} of ${count(recomputed + missing)}`,
      'merged once more, to the model that was released',
    ],
    counts.retested === null
      ? null
      : ['tests', count(counts.retested), 'done once more, to the same figures'],
    counts.live === null ? null : ['live chain', count(counts.live), 'events, the same in the same blocks'],
    money === null ? null : ['tokens', tokens(money.mintedWei).slice(1), placesOf(money)],
  ];
  return rows.filter((row) => row !== null);
}

function placesOf({ pursesWei, bondsWei, creditsWei, budgetWei }: Money): string {
  const amount = (wei: bigint) => tokens(wei).replace('+', '');
  const parts = `purses ${amount(pursesWei)}, bonds ${amount(bondsWei)}, rewards ${amount(creditsWei)}, budget ${amount(budgetWei)}`;
  return `to the wei: ${parts}`;
}

function soFar(counts: Counts): string {
  const { transactions, statements, inputs, events } = counts;
  return `${count(transactions)} transactions, ${count(statements)} statements, ${count(inputs)} inputs, ${count(events)} events`;
}
